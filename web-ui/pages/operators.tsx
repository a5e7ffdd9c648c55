import type { OperatorView } from '../../src/core/access-operations.ts'
import { me } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { List } from '../parts/list.tsx'
import { tell } from '../parts/notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { to } from '../router.ts'
import { t } from '../words/language.ts'
import { access } from './people/access.ts'
import { DayPasses } from './people/day-passes.tsx'
import { NewOperator } from './people/new-operator.tsx'
import { NewPassword } from './people/new-password.tsx'

/** Who may sign in here. */
export function Operators() {
  const known = useAnswer<readonly OperatorView[]>('/operators', ['operators'])
  return (
    <>
      <PageHead title={t('more.operators')} />
      <p>{t('role.what')}</p>
      <Answered known={known}>
        {(operators) => (
          <List items={operators} keyOf={({ name }) => name} empty="" label={t('more.operators')}>
            {(operator) => <OperatorRow operator={operator} onChanged={known.reload} />}
          </List>
        )}
      </Answered>
      <NewOperator onAdded={known.reload} />
      <DayPasses />
      <p>
        <a class="button" href={to('tokens')}>
          {t('more.tokens')}
        </a>
      </p>
    </>
  )
}

interface OperatorRowProps {
  readonly operator: OperatorView
  readonly onChanged: () => void
}

function OperatorRow({ operator, onChanged }: OperatorRowProps) {
  const { name, role, hasSecondFactor } = operator
  const isMe = me()?.name === name
  const changed = (sentence: string) => () => {
    onChanged()
    tell(sentence)
  }
  return (
    <div class="ending">
      <p>
        <strong>
          <bdi>{name}</bdi>
        </strong>{' '}
        {isMe && `(${t('operators.you')})`} {t(`role.${role}`)}
      </p>
      <p>
        <StateWord mood={hasSecondFactor ? 'good' : 'idle'}>
          {t(hasSecondFactor ? 'operators.factor-on' : 'operators.factor-off')}
        </StateWord>
      </p>
      {!isMe && (
        <div class="buttons">
          <NewPassword name={name} />
          {hasSecondFactor && (
            <Confirm
              label={t('operators.factor-remove')}
              question={t('operators.factor-question', { name })}
              run={() => access.removeFactorOf(name)}
              onDone={changed(t('operators.factor-removed', { name }))}
            >
              <p>{t('operators.factor-line')}</p>
            </Confirm>
          )}
          <Confirm
            label={t('do.remove')}
            question={t('operators.remove-question', { name })}
            run={() => access.removeOperator(name)}
            onDone={changed(t('operators.removed', { name }))}
          >
            <p>{t('operators.remove-line', { name })}</p>
          </Confirm>
        </div>
      )}
    </div>
  )
}
