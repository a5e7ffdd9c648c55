import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { type Answer, ask } from '../box.ts'
import { t } from '../words/language.ts'
import { Icon } from './icon.tsx'

interface Told {
  readonly id: number
  readonly sentence: string
  readonly isTrouble: boolean
  /** Takes back what was done. */
  readonly undo: (() => Promise<Answer<unknown>>) | undefined
  readonly forMs: number
}

const plainMs = 6000
const notices = signal<readonly Told[]>([])
let made = 0

const add = (notice: Omit<Told, 'id'>): void => {
  made += 1
  // One at a time on a phone: what was told before is over.
  notices.value = [{ ...notice, id: made }]
}

const remove = (id: number): void => {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}

/** Says for a few seconds, at the foot of any page, that something was done. */
export const tell = (sentence: string): void =>
  add({ sentence, isTrouble: false, undo: undefined, forMs: plainMs })

/** Stays until it is closed. */
export const tellTrouble = (sentence: string): void =>
  add({ sentence, isTrouble: true, undo: undefined, forMs: Number.POSITIVE_INFINITY })

/** Says what was done and, for `forMs`, offers to take it back; the seconds that are left are shown. */
export const tellWithUndo = (sentence: string, forMs: number, undo: () => Promise<Answer<unknown>>): void =>
  add({ sentence, isTrouble: false, undo, forMs })

/** Undo as the box offers it: a request. */
export const undoBy =
  (...request: Parameters<typeof ask>): (() => Promise<Answer<unknown>>) =>
  () =>
    ask(...request)

/** Where notices are shown; once on every page. The region is always there, so that a screen reader hears what comes. */
export function Notices() {
  return (
    <div class="notices" role="status">
      {notices.value.map((notice) => (
        <Notice key={notice.id} notice={notice} />
      ))}
    </div>
  )
}

function Notice({ notice }: { readonly notice: Told }) {
  const { id, sentence, isTrouble, undo, forMs } = notice
  const left = useSecondsLeft(forMs, () => remove(id))
  const takeBack = async () => {
    remove(id)
    const answer = await undo?.()
    if (answer?.kind === 'failed') tellTrouble(answer.sentence)
    else tell(t('notice.undone'))
  }
  useUndoKey(undo === undefined ? undefined : takeBack)
  return (
    <div class={isTrouble ? 'notice bad' : 'notice'}>
      <Icon name={isTrouble ? 'circle-alert' : 'circle-check'} />
      <p>{sentence}</p>
      {undo && (
        <button type="button" title="Ctrl+Z" aria-keyshortcuts="Control+Z" onClick={takeBack}>
          <Icon name="undo" />
          {t('do.undo')}
          {/* Counted for the eye alone: a screen reader would say each second. */}
          <span aria-hidden="true">{left}</span>
        </button>
      )}
      <button type="button" class="quiet" aria-label={t('do.close')} onClick={() => remove(id)}>
        <Icon name="x" />
      </button>
    </div>
  )
}

/** Who works by keys alone is far from the foot of the page, and has seconds. */
function useUndoKey(takeBack: (() => Promise<void>) | undefined): void {
  useEffect(() => {
    if (takeBack === undefined) return
    const press = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z'
      if (!isUndo || isTypedInto(event.target)) return
      event.preventDefault()
      void takeBack()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  })
}

/** There the key takes back what was typed. */
const isTypedInto = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select')

function useSecondsLeft(forMs: number, onOver: () => void): number {
  const [left, setLeft] = useState(Math.ceil(forMs / 1000))
  useEffect(() => {
    if (!Number.isFinite(forMs)) return
    const end = performance.now() + forMs
    const timer = setInterval(() => {
      const rest = end - performance.now()
      if (rest <= 0) onOver()
      else setLeft(Math.ceil(rest / 1000))
    }, 250)
    return () => clearInterval(timer)
  }, [])
  return left
}
