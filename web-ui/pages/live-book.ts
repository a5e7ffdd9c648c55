import { useEffect, useRef, useState } from 'preact/hooks'
import type { LiveEvent } from '../../src/core/live.ts'
import type { SessionRecord } from '../../src/core/spool.ts'
import { get } from '../box.ts'
import { onTold, type Told } from '../events.ts'
import { emptyBook, type Journey, type LiveBook, withEarlier, withEvents } from './live-journey.ts'
import { journeyOf } from './live-record.ts'

/** Events of so long are entered at once: a phone that shows thousands a minute still answers its person. */
const gatherMs = 200
const remembered = 60

export interface Watching {
  readonly book: LiveBook
  /** Empty, or why what was before is not known. */
  readonly trouble: string
  readonly leftOut: number
  readonly reload: () => void
  /** What became of a mail, asked for by a page. */
  readonly enter: (events: readonly LiveEvent[]) => void
}

/** What happens, and what happened just before the page was opened. */
export function useLiveBook(): Watching {
  const [book, setBook] = useState(emptyBook)
  const [trouble, setTrouble] = useState('')
  const [leftOut, setLeftOut] = useState(0)
  const gathered = useRef<LiveEvent[]>([])
  const enter = (events: readonly LiveEvent[]) => setBook((before) => withEvents(before, events))
  const reload = async () => {
    const answer = await get<readonly SessionRecord[]>(`/sessions?limit=${remembered}`)
    setTrouble(answer.kind === 'failed' ? answer.sentence : '')
    if (answer.kind === 'done') setBook((before) => withEarlier(before, earlierOf(answer.value)))
  }
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const flush = () => {
      timer = undefined
      enter(gathered.current.splice(0))
    }
    const hear = (told: Told) => {
      if (told.kind === 'reset') void reload()
      else if (told.kind === 'left-out') setLeftOut((before) => before + told.count)
      else if (told.kind !== 'stale') {
        gathered.current.push(told)
        timer ??= setTimeout(flush, gatherMs)
      }
    }
    void reload()
    const stop = onTold(hear)
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [])
  return { book, trouble, leftOut, reload: () => void reload(), enter }
}

/** The box tells the newest first. */
const earlierOf = (records: readonly SessionRecord[]): readonly Journey[] => records.map(journeyOf).reverse()
