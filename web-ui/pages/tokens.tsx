import { useState } from 'preact/hooks'
import type { TokenView } from '../../src/core/access-operations.ts'
import type { OperatorRole } from '../../src/core/setup.ts'
import { Answered } from '../parts/answered.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Copy } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field, Form } from '../parts/form.tsx'
import { List } from '../parts/list.tsx'
import { tell } from '../parts/notice.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { useSubmit } from '../parts/use-submit.ts'
import { formatDay } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { access } from './people/access.ts'
import { RoleChoice } from './people/role-choice.tsx'

/** Tokens with which programs use the API. */
export function Tokens() {
  const known = useAnswer<readonly TokenView[]>('/tokens', ['operators'])
  return (
    <>
      <PageHead title={t('more.tokens')} from={{ place: ['operators'], name: t('more.operators') }} />
      <p>{t('tokens.line')}</p>
      <Answered known={known}>
        {(tokens) => (
          <List items={tokens} keyOf={({ id }) => id} empty={t('tokens.empty')} label={t('more.tokens')}>
            {(token) => <TokenRow token={token} onChanged={known.reload} />}
          </List>
        )}
      </Answered>
      <NewToken onMade={known.reload} />
    </>
  )
}

interface TokenRowProps {
  readonly token: TokenView
  readonly onChanged: () => void
}

function TokenRow({ token, onChanged }: TokenRowProps) {
  const { id, name, role, maker, endsAt, usedAt } = token
  const facts = [
    t(`role.${role}`),
    ...(maker === undefined ? [] : [t('tokens.maker', { name: maker })]),
    t('tokens.ends', { when: formatDay(endsAt) }),
    usedAt === undefined ? t('tokens.never-used') : t('tokens.used', { when: formatDay(usedAt) }),
  ]
  return (
    <div class="row">
      <span class="row-text">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span class="row-line">
          <bdi>{facts.join(' · ')}</bdi>
        </span>
      </span>
      <Confirm
        label={t('do.remove')}
        question={t('tokens.remove-question', { name })}
        run={() => access.removeToken(id)}
        onDone={() => {
          onChanged()
          tell(t('tokens.removed', { name }))
        }}
      >
        <p>{t('tokens.remove-line')}</p>
      </Confirm>
    </div>
  )
}

function NewToken({ onMade }: { readonly onMade: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<OperatorRole>('viewer')
  const [days, setDays] = useState('')
  const [token, setToken] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () =>
      access.addToken({
        name: name.trim(),
        role,
        ...(days.trim() !== '' && { days: Number(days) }),
      }),
    (made) => {
      setName('')
      setToken(made.token)
      onMade()
    },
  )
  return (
    <section class="card">
      <h2>{t('tokens.add')}</h2>
      <Form
        label={t('tokens.add')}
        submit={t('tokens.add')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Field label={t('tokens.name')} value={name} onInput={setName} required />
        <RoleChoice id="new-token-role" role={role} onChoose={setRole} />
        <Field
          label={t('tokens.days')}
          hint={t('tokens.days-hint')}
          value={days}
          onInput={setDays}
          inputMode="numeric"
        />
      </Form>
      {token !== '' && (
        <Dialog title={t('tokens.add')} onClose={() => setToken('')}>
          <p>{t('tokens.once')}</p>
          <p class="secret" dir="ltr">
            {token}
          </p>
          <Copy text={token} />
        </Dialog>
      )}
    </section>
  )
}
