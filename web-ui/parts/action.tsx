import { useState } from 'preact/hooks'
import type { Answer } from '../box.ts'
import { t } from '../words/language.ts'
import { Icon, type IconName } from './icon.tsx'
import { tellTrouble } from './notice.tsx'

interface ActionProps<T> {
  readonly label: string
  readonly icon?: IconName
  readonly look?: 'main' | 'danger'
  readonly run: () => Promise<Answer<T>>
  readonly onDone: (value: T) => void
}

/** A button that asks the box for something: it says that it works, and why it did not. */
export function Action<T>({ label, icon, look, run, onDone }: ActionProps<T>) {
  const [isBusy, setBusy] = useState(false)
  const begin = async () => {
    if (isBusy) return
    setBusy(true)
    const answer = await run()
    setBusy(false)
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else onDone(answer.value)
  }
  return (
    <button type="button" class={look} aria-disabled={isBusy} onClick={begin}>
      {icon && <Icon name={icon} />}
      {isBusy ? t('state.busy') : label}
    </button>
  )
}
