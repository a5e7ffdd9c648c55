import { countText, type FragmentSet, gather } from '../core/fragment.ts'
import type { MessageKind, RouteFacts } from '../core/message.ts'
import { type MessageId, messageIdOf } from '../core/message-id.ts'
import type { DeliveryState } from '../core/outcome.ts'
import type { MimePart, PartIndex } from '../core/part-index.ts'
import type { MessageView, QueueCounts, QueueRow } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { fragmentQueries } from './fragment-queries.ts'
import { numberOf } from './message-number.ts'
import { idOrNone, messageRows } from './message-rows.ts'
import { onFirstUse } from './on-first-use.ts'
import { isOpenSql } from './schema.ts'

interface QueueSqlRow {
  readonly message: number
  readonly number: number
  readonly address: string
  readonly device: string | null
  readonly kind: MessageKind
  readonly size: number
  readonly subject: string
  readonly state: DeliveryState
  readonly reason: string
  readonly upstream: string | null
  readonly accepted_wall: WallMs
  readonly due_at: WallMs | null
  readonly waiting_for: string | null
  readonly attempts: number
  readonly status: string | null
  readonly said: string | null
}

interface ViewRow {
  readonly kind: MessageKind
  readonly device: string | null
  readonly session: string | null
  readonly sender: string | null
  readonly reverse_path: string
  readonly subject: string
  readonly header_message_id: string
  readonly size: number
  readonly accepted_wall: WallMs
  readonly clock_believable: number
  readonly has_body: number
  readonly route_facts: string
  readonly part_index: string
  readonly partial_number: number | null
  readonly partial_total: number | null
  readonly joined_into: number | null
}

const queueColumns = `delivery.message, delivery.number, address, device, kind, size, subject, state, reason, upstream,
  accepted_wall, due_at, waiting_for, attempts, status, said`
const queueFrom = `SELECT ${queueColumns} FROM delivery JOIN message ON message.id = delivery.message`

/** The SQL whose query plans a test holds to the partial indexes. */
export const viewSql = {
  open: `${queueFrom} WHERE ${isOpenSql} ORDER BY delivery.message DESC, delivery.number LIMIT ?`,
  states: `SELECT state, count(*) AS count FROM delivery WHERE ${isOpenSql} GROUP BY state`,
  waiting: `SELECT waiting_for AS upstream, count(*) AS count FROM delivery WHERE waiting_for IS NOT NULL
    GROUP BY waiting_for`,
  openMessages: `SELECT min(accepted_wall) AS oldest, total(size) AS octets FROM message WHERE finished = 0`,
}

type AttemptRow = Omit<MessageView['attempts'][number], 'dialogue'> & { readonly dialogue: string | null }

const attemptOf = ({ dialogue, ...attempt }: AttemptRow): MessageView['attempts'][number] =>
  dialogue === null ? attempt : { ...attempt, dialogue }

/** Where it is of a scan that comes in fragments, or that it was joined from some. */
function fragmentOf(row: ViewRow, set: Gathered | undefined): Pick<MessageView, 'fragment' | 'joinedFrom'> {
  const { partial_number: number, partial_total: total, joined_into } = row
  if (number === null) return total === null ? {} : { joinedFrom: total }
  const joinedInto = idOrNone(joined_into)
  return { fragment: { number, total: set?.total ?? total ?? undefined, here: set?.here, joinedInto } }
}

/** The queue and single messages as people look at them. */
export function messageViews(database: Database) {
  const rows = messageRows(database)
  const open = database.prepare<[number], QueueSqlRow>(viewSql.open)
  const all = database.prepare<[number], QueueSqlRow>(
    `${queueFrom} ORDER BY delivery.message DESC, delivery.number LIMIT ?`,
  )
  const recipients = database.prepare<[number], QueueSqlRow>(
    `${queueFrom} WHERE delivery.message = ? ORDER BY delivery.number`,
  )
  const view = database.prepare<[number], ViewRow>('SELECT * FROM message WHERE id = ?')
  const attempts = database.prepare<[number], AttemptRow>(
    `SELECT part, at, upstream, number, outcome, detail, took_ms AS tookMs, dialogue
     FROM attempt LEFT JOIN attempt_dialogue USING (message, sequence)
     WHERE message = ? ORDER BY sequence`,
  )
  const outbox = database.prepare<
    [number],
    { at: WallMs; header: Uint8Array; sender: string; bodyStart: number }
  >('SELECT at, header, sender, body_start AS bodyStart FROM outbox WHERE message = ? ORDER BY at LIMIT 1')
  const states = database.prepare<[], { state: DeliveryState; count: number }>(viewSql.states)
  const waiting = database.prepare<[], { upstream: string; count: number }>(viewSql.waiting)
  const openMessages = database.prepare<[], { oldest: WallMs | null; octets: number }>(viewSql.openMessages)

  const fragments = onFirstUse(() => fragmentQueries(database))
  /** What is there of the set of every fragment that waits, by message. */
  const gathered = (): ReadonlyMap<MessageId, Gathered> =>
    new Map(
      fragments()
        .sets()
        .flatMap((set) => set.fragments.map(({ message }) => [message, gatheredOf(set)])),
    )
  const rowsOf = (found: readonly QueueSqlRow[]): readonly QueueRow[] => {
    const isAnyCollecting = found.some(({ state }) => state === 'collecting')
    const sets = isAnyCollecting ? gathered() : new Map<MessageId, Gathered>()
    return found.map((row) => queueRow(row, sets))
  }

  const keptOf = (number: number): MessageView['outbox'] => {
    const kept = outbox.get(number)
    return kept && { ...kept, header: Buffer.from(kept.header).toString('utf8') }
  }

  const recipientsOf = (found: readonly QueueSqlRow[]): MessageView['recipients'] => {
    const queueRows = rowsOf(found)
    return found.flatMap(({ status, said }, at) => {
      const row = queueRows[at]
      return row ? [{ ...row, status: status ?? undefined, said: said ?? undefined }] : []
    })
  }

  return {
    /** Newest first. */
    queue: (isAll: boolean, limit: number): readonly QueueRow[] => rowsOf((isAll ? all : open).all(limit)),
    message(id: MessageId): MessageView | undefined {
      const number = numberOf(id)
      const row = view.get(number)
      return (
        row && {
          id,
          ...viewOf(row),
          ...fragmentOf(row, row.partial_number === null ? undefined : gathered().get(id)),
          recipients: recipientsOf(recipients.all(number)),
          parts: rows.partsOf(number),
          attempts: attempts.all(number).map(attemptOf),
          outbox: keptOf(number),
        }
      )
    },
    /** Of what is open. */
    counts(): QueueCounts {
      const { oldest, octets } = openMessages.get() ?? { oldest: null, octets: 0 }
      return {
        byState: Object.fromEntries(states.all().map(({ state, count }) => [state, count])),
        oldestOpen: oldest ?? undefined,
        waitingByUpstream: Object.fromEntries(waiting.all().map(({ upstream, count }) => [upstream, count])),
        bytes: octets,
      }
    },
  }
}

interface Gathered {
  readonly here: number
  readonly total: number | undefined
}

function gatheredOf({ fragments }: FragmentSet): Gathered {
  const gathering = gather(fragments)
  return gathering.kind === 'incomplete'
    ? gathering
    : { here: gathering.fragments.length, total: gathering.fragments.length }
}

function queueRow(row: QueueSqlRow, sets: ReadonlyMap<MessageId, Gathered>): QueueRow {
  const set = row.state === 'collecting' ? sets.get(messageIdOf(row.message)) : undefined
  return {
    message: messageIdOf(row.message),
    recipient: row.number,
    address: row.address,
    device: row.device ?? undefined,
    kind: row.kind,
    size: row.size,
    subject: row.subject,
    state: row.state,
    reason: set ? `${countText(set.here, set.total)} pieces` : row.reason,
    upstream: row.upstream ?? undefined,
    acceptedWall: row.accepted_wall,
    dueAt: row.due_at ?? undefined,
    waitingFor: row.waiting_for ?? undefined,
    attempts: row.attempts,
  }
}

function viewOf(row: ViewRow) {
  const facts: RouteFacts = JSON.parse(row.route_facts)
  const index: PartIndex = JSON.parse(row.part_index)
  return {
    kind: row.kind,
    device: row.device ?? undefined,
    session: row.session ?? undefined,
    from: row.sender ?? undefined,
    reversePath: row.reverse_path,
    subject: row.subject,
    headerMessageId: row.header_message_id,
    size: row.size,
    acceptedWall: row.accepted_wall,
    clockBelievable: row.clock_believable === 1,
    hasBody: row.has_body === 1,
    fidelity: facts.fidelity,
    files: index.parts.filter(isFile).map(fileOf),
  }
}

const isFile = (part: MimePart): boolean => part.fileName !== undefined || part.disposition === 'attachment'
const fileOf = (part: MimePart) => ({ name: part.fileName ?? '', type: part.type, size: part.decodedSize })
