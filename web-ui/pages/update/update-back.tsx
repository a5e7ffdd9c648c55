import type { SlotView } from '../../../src/core/machine-update.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { tell } from '../../parts/notice.tsx'
import { t } from '../../words/language.ts'

interface UpdateBackProps {
  readonly slots: readonly SlotView[]
  readonly onChanged: () => void
}

export function UpdateBack({ slots, onChanged }: UpdateBackProps) {
  const other = slots.find(({ isBooted }) => !isBooted)
  if (other === undefined || !other.isGood) return null
  const { version } = other
  return (
    <section>
      <h2>{t('update.back')}</h2>
      <p>{t('update.back-line')}</p>
      <Action
        label={version === '' ? t('update.back-other') : t('update.back-do', { version })}
        look="danger"
        run={() => ask('POST', '/update/rollback')}
        onDone={() => {
          tell(t('update.back-done'))
          onChanged()
        }}
      />
    </section>
  )
}
