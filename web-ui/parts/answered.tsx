import type { ComponentChildren } from 'preact'
import { tick } from '../clock.ts'
import { formatRelative } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { Busy } from './busy.tsx'
import { Icon } from './icon.tsx'
import { Trouble } from './trouble.tsx'
import type { Known } from './use-answer.ts'

interface AnsweredProps<T> {
  readonly known: Known<T>
  readonly children: (value: T) => ComponentChildren
}

/** What the box answered; until then that it is asked, else why it does not, and old answers with their age. */
export function Answered<T>({ known, children }: AnsweredProps<T>) {
  const { value, trouble, reload } = known
  if (value === undefined) return trouble === '' ? <Busy /> : <Trouble sentence={trouble} onRetry={reload} />
  return (
    <>
      {trouble !== '' && <Stale known={known} />}
      {children(value)}
    </>
  )
}

function Stale({ known: { at, trouble, reload } }: { readonly known: Omit<Known<unknown>, 'set'> }) {
  // Read, so that the age goes on.
  tick.value
  return (
    <div class="stale" role="status">
      <Icon name="clock" />
      <p>{t('stale.since', { age: formatRelative(at - Date.now()), reason: trouble })}</p>
      <button type="button" onClick={reload}>
        {t('do.retry')}
      </button>
    </div>
  )
}
