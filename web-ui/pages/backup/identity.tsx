import type { IdentityView } from '../../../src/core/twin.ts'
import { ask } from '../../box.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { tell } from '../../parts/notice.tsx'
import { Told } from '../../parts/told.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { t } from '../../words/language.ts'

/** Shown only where another box with this identity keeps this one from sending. */
export function Identity() {
  const known = useAnswer<IdentityView>('/identity')
  const down = known.value?.stoodDown
  if (!down) return null
  return (
    <section class="card">
      <Told mood="bad" sentence={t('backup.stood-down', { reason: down.reason })} />
      <Confirm
        label={t('backup.keep')}
        question={t('backup.keep-question')}
        run={() => ask('POST', '/identity/keep')}
        onDone={() => {
          tell(t('backup.kept'))
          known.reload()
        }}
      >
        <p>{t('backup.keep-line')}</p>
      </Confirm>
    </section>
  )
}
