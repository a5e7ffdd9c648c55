import { useState } from 'preact/hooks'
import { t } from '../words/language.ts'
import { Icon } from './icon.tsx'

/** Puts a text into the phone's clipboard. */
export function Copy({ text, label }: { readonly text: string; readonly label?: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    setCopied(await copyText(text))
    setTimeout(() => setCopied(false), 3000)
  }
  return (
    <button type="button" onClick={copy}>
      <Icon name={isCopied ? 'check' : 'copy'} />
      <span role="status">{isCopied ? t('do.copied') : (label ?? t('do.copy'))}</span>
    </button>
  )
}

/** The clipboard of browsers is for pages over TLS only; over plain HTTP the old way still works. */
async function copyText(text: string): Promise<boolean> {
  const isOpen = 'clipboard' in navigator && window.isSecureContext
  if (isOpen) {
    const isDone = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    if (isDone) return true
  }
  const before = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.readOnly = true
  area.className = 'unseen'
  document.body.append(area)
  area.select()
  const isDone = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return isDone
}
