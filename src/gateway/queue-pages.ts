import type { Clock } from '../core/clock.ts'
import { messageIdOf, messageNumberOf } from '../core/message-id.ts'
import type { Done, UpstreamView } from '../core/operations.ts'
import type { FoundMail, FoundSession } from '../core/page-spool.ts'
import type {
  MailRow,
  MailSearch,
  QueuePageOperations,
  SearchPage,
  SearchRow,
} from '../core/queue-operations.ts'
import type { Spool } from '../core/spool.ts'
import { minute, type WallMs, wallMs } from '../core/time.ts'
import { type VerdictCode, verdictCodes } from '../core/verdict.ts'
import { type WaitFacts, waitOf, worstOf } from '../core/waiting.ts'
import { selectorOf } from './queue-operations.ts'

export interface QueuePagesWorld {
  readonly spool: Spool
  readonly clock: Clock
  readonly upstreams: () => Promise<readonly UpstreamView[]>
  /** Writes down what sessions of the last seconds came to; absent where none goes on. */
  readonly saveSessions?: () => Promise<void>
  /** Whether the way out tells what becomes of mail behind it. */
  readonly tellsDelivery: (upstream: string) => boolean
  /** After a change by hand: something may be due. */
  readonly onChange: () => void
  /** Something was dropped: at that time it can no more be undone. */
  readonly onDrop: (until: WallMs) => void
  readonly record: (who: string, what: string) => void
}

/** Long enough to see what one did, short enough that a full disk is relieved. */
const undoMs = 2 * minute
const mostRows = 200
/** Slices of 500 mails that one page asks for: a page that finds nothing ends all the same. */
const mostSlices = 4
const shownRecipients = 5

/** The queue, the history and single mails as pages show them. */
export function queuePages(world: QueuePagesWorld): QueuePageOperations {
  const { spool, clock } = world
  return {
    search: (search) => searchMail(search, world),
    story: async (typed) => {
      const selector = selectorOf(typed)
      if (!selector || selector === 'all') return undefined
      const { storyOf } = await import('./mail-story.ts')
      return storyOf(selector.message, world, await waitFacts(world))
    },
    drop: async (typed, who) => {
      const selector = selectorOf(typed)
      if (!selector) return noSelector(typed)
      const undoUntil = wallMs(clock.wall() + undoMs)
      const count = await spool.dropUntil(selector, undoUntil)
      if (count === 0 && selector !== 'all') return notThere(typed, 'drop')
      if (count > 0) world.record(who, `queue: drop ${typed} (${deliveries(count)}), can be undone for 2 min`)
      world.onDrop(undoUntil)
      world.onChange()
      return { kind: 'done', count, undoUntil }
    },
    undoDrop: async (typed, who) => {
      const selector = selectorOf(typed)
      if (!selector) return noSelector(typed)
      const count = await spool.undoDrop(selector, clock.wall())
      if (count === 0)
        return {
          kind: 'refused',
          reason: `the drop of ${typed} can no more be undone: its time is over, or the scan came once more and is whole`,
        }
      world.record(who, `queue: drop of ${typed} undone (${deliveries(count)})`)
      world.onChange()
      return { kind: 'done', count }
    },
  }
}

const deliveries = (count: number): string => `${count} ${count === 1 ? 'delivery' : 'deliveries'}`

const noSelector = (typed: string): Done<never> => ({
  kind: 'refused',
  isWrongInput: true,
  reason: `${typed} is no message: an id looks like 7K, or 7K/3 for its third recipient`,
})
const notThere = (typed: string, action: string): Done<never> => ({
  kind: 'refused',
  reason: `${typed} is not in the queue, or not in a state to ${action}`,
})

async function waitFacts({ upstreams, clock }: QueuePagesWorld): Promise<WaitFacts> {
  const ways = new Map((await upstreams()).map((view) => [view.name, view]))
  return {
    isClockBelievable: clock.isBelievable(),
    nextTry: (upstream) => {
      const inMs = ways.get(upstream)?.nextTryInMs
      return inMs === undefined ? undefined : wallMs(Math.round(clock.wall() + inMs))
    },
  }
}

async function searchMail(
  search: MailSearch,
  world: QueuePagesWorld,
): Promise<Done<{ readonly page: SearchPage }>> {
  const limit = Math.min(Math.max(1, Math.floor(search.limit)), mostRows)
  const place = placeOf(search.cursor)
  if (place === undefined) return wrong(`${search.cursor} is no cursor of an earlier page`)
  const code = codeOf(search.q)
  const page = code
    ? await sessionPage(code, place, { ...search, limit }, world)
    : await mailPage(place, { ...search, limit }, world)
  return { kind: 'done', page }
}

const wrong = (reason: string): Done<never> => ({ kind: 'refused', reason, isWrongInput: true })

/** Where a page goes on: below a mail, or below a session. */
type Place =
  | { readonly kind: 'begin' }
  | { readonly kind: 'mail'; readonly before: number }
  | { readonly kind: 'session'; readonly at: WallMs; readonly session: string }

function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined || cursor === '') return { kind: 'begin' }
  const [kind, first = '', ...rest] = cursor.split('.')
  if (kind === 'm') {
    const before = messageNumberOf(first)
    return before === undefined ? undefined : { kind: 'mail', before }
  }
  const session = rest.join('.')
  if (kind !== 's' || !/^\d{1,16}$/.test(first) || session === '') return undefined
  return { kind: 'session', at: wallMs(Number(first)), session }
}

function codeOf(q: string): VerdictCode | undefined {
  const word = q.trim().toUpperCase()
  return isCode(word) ? word : undefined
}
const isCode = (text: string): text is VerdictCode => Object.hasOwn(verdictCodes, text)

async function sessionPage(
  code: VerdictCode,
  place: Place,
  { limit, q }: MailSearch,
  world: QueuePagesWorld,
): Promise<SearchPage> {
  const before = place.kind === 'session' ? place : undefined
  // A technician searches for what the printer just did.
  if (before === undefined) await world.saveSessions?.()
  const sessions = await world.spool.findSessions(code, before, limit)
  const last = sessions.length < limit ? undefined : sessions.at(-1)
  const named = place.kind === 'begin' ? await mailNamed(q, world) : []
  return {
    rows: [...named, ...sessions.map(sessionRow)],
    next: last && `s.${last.at}.${last.session}`,
    searchedTo: sessions.at(-1)?.at,
  }
}

/** `T2` may be a mail's id, too. */
async function mailNamed(q: string, world: QueuePagesWorld): Promise<readonly SearchRow[]> {
  const number = messageNumberOf(q.trim())
  const mail = number === undefined ? undefined : await world.spool.findMail(messageIdOf(number))
  return mail ? [mailRow(mail, await waitFacts(world))] : []
}

const sessionRow = (session: FoundSession): SearchRow => ({ kind: 'session', ...session })

async function mailPage(place: Place, search: MailSearch, world: QueuePagesWorld): Promise<SearchPage> {
  const words = search.q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const facts = await waitFacts(world)
  // The id that was typed may be far back: it is looked up, and passed over where the search comes to it.
  const isFirst = place.kind === 'begin'
  const named = isFirst && words.length === 1 && isPlain(search) ? await mailNamed(search.q, world) : []
  const known = new Set(named.map((row) => (row.kind === 'mail' ? row.message : '')))
  const rows: SearchRow[] = [...named]
  let before = place.kind === 'mail' ? place.before : undefined
  let searchedTo: WallMs | undefined
  for (let slice = 0; slice < mostSlices; slice++) {
    const filter = { ...search, words, before, limit: search.limit - rows.length }
    const found = await world.spool.findMails(filter)
    rows.push(...found.mails.filter(({ message }) => !known.has(message)).map((mail) => mailRow(mail, facts)))
    before = found.next
    searchedTo = found.searchedTo ?? searchedTo
    if (before === undefined || rows.length >= search.limit) break
  }
  return { rows, next: before === undefined ? undefined : `m.${messageIdOf(before)}`, searchedTo }
}

const isPlain = ({ isOpen, device, state }: MailSearch): boolean =>
  !isOpen && device === undefined && state === undefined

function mailRow(mail: FoundMail, facts: WaitFacts): MailRow {
  const { deliveries, kind, ...rest } = mail
  const waits = deliveries.flatMap((delivery) => waitOf(delivery, facts) ?? [])
  return {
    ...rest,
    kind: 'mail',
    mailKind: kind,
    recipients: deliveries.slice(0, shownRecipients).map(({ address }) => address),
    wait: worstOf(waits),
  }
}
