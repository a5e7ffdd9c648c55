import type { TargetState } from '../../../src/core/backup-target.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { List } from '../../parts/list.tsx'
import { tell } from '../../parts/notice.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { formatTime } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { Sticks } from './sticks.tsx'

/** Where nightly copies go besides the box; nothing is shown where the setup names no place. */
export function Targets() {
  const known = useAnswer<readonly TargetState[]>('/backup-targets')
  const used = known.value?.find(({ kind }) => kind === 'usb')?.name
  return (
    <>
      {known.value && known.value.length > 0 && <TargetList targets={known.value} />}
      {known.value && <Sticks used={used} onChanged={known.reload} />}
    </>
  )
}

function TargetList({ targets }: { readonly targets: readonly TargetState[] }) {
  return (
    <section>
      <h2>{t('backup.targets')}</h2>
      <List items={targets} keyOf={({ name }) => name} empty="" label={t('backup.targets')}>
        {({ name, place, arrivedAt, trouble }) => (
          <div class="row">
            <span class="row-text">
              <bdi>{`${name} · ${place}`}</bdi>
              <span class="row-line">
                {arrivedAt === undefined
                  ? t('backup.target-never')
                  : t('backup.target-arrived', { time: formatTime(arrivedAt) })}
              </span>
              {trouble !== '' && <span class="row-line">{t('backup.copy-failed', { reason: trouble })}</span>}
            </span>
            <Action
              label={t('backup.target-test')}
              run={() => ask('POST', `/backup-targets/${encodeURIComponent(name)}/test`)}
              onDone={() => tell(t('backup.target-tested', { name }))}
            />
          </div>
        )}
      </List>
    </section>
  )
}
