import { t } from '../words/language.ts'
import { Copy } from './copy.tsx'
import { Icon } from './icon.tsx'
import { Scrolled } from './scrolled.tsx'

interface PaperProps {
  readonly label: string
  readonly text: string
  /** Of the file that it is saved as. */
  readonly file: string
}

/** A text for other people: to copy, to share from a phone, to save. */
export function Paper({ label, text, file }: PaperProps) {
  const share = () => void navigator.share({ title: label, text }).catch(onlyCancelled)
  return (
    <>
      <p class="buttons">
        <Copy text={text} />
        {'share' in navigator && (
          <button type="button" onClick={share}>
            <Icon name="share" />
            {t('do.share')}
          </button>
        )}
        <Save text={text} file={file} />
      </p>
      <Scrolled label={label} text={text} />
    </>
  )
}

/** Who closes the sheet of the phone has decided; anything else is a fault of ours. */
function onlyCancelled(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'AbortError')) throw error
}

interface SaveProps {
  readonly text: string
  readonly file: string
  readonly label?: string
}

/** Saves a text that the page has already. */
export function Save({ text, file, label }: SaveProps) {
  return (
    <a class="button" href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`} download={file}>
      <Icon name="download" />
      {label ?? t('do.save-file')}
    </a>
  )
}
