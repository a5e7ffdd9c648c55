import type { MailSearch, SearchPage, SearchRow } from '../core/queue-operations.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import type { Paint } from './paint.ts'
import { oneLine } from './plain-text.ts'
import { type Column, tableLines } from './table.ts'
import { age, localTime } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

export interface SearchOptions {
  readonly open: boolean
  readonly device?: string
  readonly limit: number
  readonly after?: string
}

/** `search WORDS…`: mail of queue and history, or sessions of a verdict, newest first. */
export function search(call: Call, words: readonly string[], options: SearchOptions): Promise<Verdict> {
  const wish: MailSearch = {
    q: words.join(' '),
    isOpen: options.open,
    device: options.device,
    state: undefined,
    limit: options.limit,
    cursor: options.after,
  }
  return onBox(call, async (operations) => {
    const result = await operations.search(wish)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result.page, (paint) => pageLines(result.page, call.world.clock.wall(), paint))
    return done
  })
}

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'CAME' },
  { title: 'DEVICE', isFlexible: true },
  { title: 'TO', isFlexible: true },
  { title: 'SUBJECT', isFlexible: true },
  { title: 'STATE' },
  { title: 'WHY', isFlexible: true },
]

function pageLines({ rows, next, searchedTo }: SearchPage, now: WallMs, paint: Paint): readonly string[] {
  const found =
    rows.length === 0
      ? ['Nothing is found.']
      : tableLines(
          columns,
          rows.map((row) => cells(row, now)),
          paint,
        )
  if (next === undefined) return found
  const far =
    searchedTo === undefined ? '' : ` It was looked at what came since ${localTime(searchedTo, now)}.`
  return [...found, oneLine(`There is more: --after ${next}.${far}`)]
}

function cells(row: SearchRow, now: WallMs): readonly string[] {
  if (row.kind === 'session')
    return [row.session, age(row.at, now), row.device ?? row.address, '', '', row.code, row.sentence]
  const [first = '', ...others] = row.recipients
  const more = row.recipientCount - 1
  return [
    row.message,
    age(row.acceptedWall, now),
    row.device ?? row.mailKind,
    others.length > 0 ? `${first} +${more}` : first,
    row.subject,
    Object.keys(row.states).join(' '),
    row.wait?.sentence ?? '',
  ]
}
