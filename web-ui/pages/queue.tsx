import { useEffect, useRef, useState } from 'preact/hooks'
import type { SearchPage, SearchRow } from '../../src/core/queue-operations.ts'
import { ask, get } from '../box.ts'
import { onStale } from '../events.ts'
import { Busy } from '../parts/busy.tsx'
import { Choice } from '../parts/check.tsx'
import { Field } from '../parts/form.tsx'
import { Icon } from '../parts/icon.tsx'
import { List } from '../parts/list.tsx'
import { tell, tellTrouble } from '../parts/notice.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { isAtLeast } from '../role.ts'
import { place } from '../router.ts'
import { formatTime } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { Message } from './message.tsx'
import { FoundRow } from './queue-row.tsx'

/** Mail that waits, and what became of all the other. */
export function Queue() {
  const [, id] = place.value.parts
  return id === undefined ? <QueueList /> : <Message key={id} id={id} />
}

function QueueList() {
  const [q, setQ] = useState(place.value.query.get('q') ?? '')
  const [show, setShow] = useState<'open' | 'all'>(place.value.query.has('q') ? 'all' : 'open')
  return (
    <>
      <h1>{t('nav.queue')}</h1>
      <search>
        <Field label={t('queue.search')} hint={t('queue.search-hint')} value={q} onInput={setQ} />
      </search>
      <Choice
        label={t('queue.show')}
        value={show}
        choices={(['open', 'all'] as const).map((each) => [each, t(`queue.show.${each}`)])}
        onChange={setShow}
      />
      {isAtLeast('technician') && show === 'open' && <RetryAll />}
      <Results q={q.trim()} isOpen={show === 'open'} />
    </>
  )
}

function RetryAll() {
  const retry = async () => {
    const body = { action: 'retry', selector: 'all' }
    const answer = await ask<{ readonly count: number }>('POST', '/queue/actions', { body })
    if (answer.kind === 'failed') tellTrouble(answer.sentence)
    else tell(t('queue.retried', { count: answer.value.count }))
  }
  return (
    <p class="actions">
      <button type="button" onClick={retry}>
        <Icon name="refresh" />
        {t('queue.retry-all')}
      </button>
    </p>
  )
}

interface ResultsProps {
  readonly q: string
  readonly isOpen: boolean
}

interface Found {
  readonly rows: readonly SearchRow[]
  readonly next: string | undefined
  readonly searchedTo: number | undefined
}

/** A person who types is not asked for at each letter. */
const typingMs = 250
const rowsAtOnce = 30

function Results({ q, isOpen }: ResultsProps) {
  const { found, trouble, isBusy, more, reload } = useSearch(q, isOpen)
  if (found === undefined) return trouble === '' ? <Busy /> : <Trouble sentence={trouble} onRetry={reload} />
  const { rows, next, searchedTo } = found
  return (
    <>
      {trouble !== '' && <Trouble sentence={trouble} onRetry={reload} />}
      <List
        items={rows}
        keyOf={(row) => (row.kind === 'mail' ? row.message : row.session)}
        label={t('nav.queue')}
        empty={t(isOpen && q === '' ? 'queue.none-open' : 'queue.none-found')}
      >
        {(row) => <FoundRow row={row} />}
      </List>
      {next !== undefined && (
        <p class="actions">
          <button type="button" aria-disabled={isBusy} onClick={more}>
            {isBusy ? t('state.busy') : t('queue.more')}
          </button>
          {searchedTo !== undefined && (
            <span class="hint">{t('queue.searched-to', { time: formatTime(searchedTo) })}</span>
          )}
        </p>
      )}
    </>
  )
}

function useSearch(q: string, isOpen: boolean) {
  const [found, setFound] = useState<Found | undefined>(undefined)
  const [trouble, setTrouble] = useState('')
  const [isBusy, setBusy] = useState(false)
  const asked = useRef<AbortController>(undefined)
  const look = async (before: Found | undefined, limit = rowsAtOnce) => {
    asked.current?.abort()
    const question = new AbortController()
    asked.current = question
    setBusy(true)
    const query = new URLSearchParams({ q, open: `${isOpen}`, limit: `${limit}` })
    if (before?.next !== undefined) query.set('cursor', before.next)
    const answer = await get<{ readonly page: SearchPage }>(`/search?${query}`, { signal: question.signal })
    if (question.signal.aborted) return
    setBusy(false)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'failed') return
    const { rows, next, searchedTo } = answer.value.page
    setFound({ rows: [...(before?.rows ?? []), ...rows], next, searchedTo })
  }
  const shown = useRef(rowsAtOnce)
  shown.current = Math.min(200, Math.max(rowsAtOnce, found?.rows.length ?? 0))
  useEffect(() => {
    const timer = setTimeout(() => void look(undefined), found === undefined ? 0 : typingMs)
    // As many as are shown: a list that grew stays grown.
    const stop = onStale(['queue'], () => void look(undefined, shown.current))
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [q, isOpen])
  return { found, trouble, isBusy, more: () => void look(found), reload: () => void look(undefined) }
}
