import { useEffect, useState } from 'preact/hooks'
import { t } from '../words/language.ts'
import { Icon } from './icon.tsx'

const slowMs = 5000

interface BusyProps {
  /** What is waited for: `Sending the test mail …`. */
  readonly what?: string
  /** Why it may take longer, told when it does. */
  readonly reason?: string
}

/** Something is on its way. What waits for the box ends by itself, see `ask`; what takes long says why. */
export function Busy({ what, reason }: BusyProps) {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), slowMs)
    return () => clearTimeout(timer)
  }, [])
  return (
    <p class="busy" role="status">
      <Icon name="loader" />
      <span>
        {what ?? t('state.busy')}
        {isSlow && ` ${t('state.slow', { reason: reason ?? t('busy.network') })}`}
      </span>
    </p>
  )
}
