import { isFault } from '../../core/verdict.ts'
import { type Entry, subjectOf } from './ring.ts'

/**
 * As many of the events as there is room for, in their order: what a later one of the same session or message supersedes
 * goes first, the oldest before the newer; then what went well; then the oldest.
 */
export function shortened(entries: readonly Entry[], room: number): readonly Entry[] {
  let excess = entries.length - room
  if (excess <= 0) return entries
  const latest = new Map(entries.map(({ number, event }) => [subjectOf(event), number]))
  const isSuperseded = ({ number, event }: Entry): boolean => latest.get(subjectOf(event)) !== number
  const left = [isSuperseded, (entry: Entry) => !isTrouble(entry), () => true].reduce(
    (kept, mayGo) =>
      kept.filter((entry) => {
        if (excess === 0 || !mayGo(entry)) return true
        excess -= 1
        return false
      }),
    entries,
  )
  return left
}

function isTrouble({ event }: Entry): boolean {
  switch (event.kind) {
    case 'session':
      return false
    case 'verdict':
      return isFault(event.verdict)
    case 'delivery':
      return event.state !== 'accepted' && event.state !== 'confirmed'
  }
}
