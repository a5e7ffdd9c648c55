import type { SlotView } from '../../../src/core/machine-update.ts'
import { ask } from '../../box.ts'
import { Confirm } from '../../parts/confirm.tsx'
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
  const label = version === '' ? t('update.back-other') : t('update.back-do', { version })
  return (
    <section>
      <h2>{t('update.back')}</h2>
      <p>{t('update.back-line')}</p>
      <Confirm
        label={label}
        question={label}
        run={() => ask('POST', '/update/rollback')}
        onDone={() => {
          tell(t('update.back-done'))
          onChanged()
        }}
      >
        <p>{t('update.back-hint')}</p>
      </Confirm>
    </section>
  )
}
