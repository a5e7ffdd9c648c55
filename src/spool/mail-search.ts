import type { MessageKind } from '../core/message.ts'
import { type MessageId, messageIdOf } from '../core/message-id.ts'
import type { DeliveryState } from '../core/outcome.ts'
import type {
  FoundDelivery,
  FoundMail,
  FoundMails,
  FoundSession,
  MailFilter,
  MailTrail,
} from '../core/page-spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Verdict, VerdictCode } from '../core/verdict.ts'
import type { Database } from '../platform/database.ts'
import { numberOf } from './message-number.ts'
import { isOpenSql } from './schema.ts'

/** What one slice looks at, at most: some milliseconds of the reader. */
const mostMails = 500
const mostDeliveries = 2000
/** Of one mail: a thousand recipients say no more than the first of them. */
const mostOfMail = 100

const mailColumns = `id, kind, device, sender, subject, size, accepted_wall AS acceptedWall,
  recipient_count AS recipientCount`

/** The SQL whose query plans a test holds to indexes. */
export const searchSql = {
  all: `SELECT ${mailColumns} FROM message WHERE id < ? ORDER BY id DESC LIMIT ?`,
  open: `SELECT DISTINCT message FROM delivery WHERE ${isOpenSql} AND message < ? ORDER BY message DESC LIMIT ?`,
  sessions: `SELECT about.session, about.ended_at AS at, about.code, session.address, session.messages,
      nullif(about.device, '') AS device, session_verdict.verdict
    FROM session_about AS about JOIN session ON session.id = about.session
      JOIN session_verdict ON session_verdict.session = about.session
    WHERE about.code = ? AND (about.ended_at, about.session) < (?, ?)
    ORDER BY about.ended_at DESC, about.session DESC LIMIT ?`,
}

interface MailRow {
  readonly id: number
  readonly kind: MessageKind
  readonly device: string | null
  readonly sender: string | null
  readonly subject: string
  readonly size: number
  readonly acceptedWall: WallMs
  readonly recipientCount: number
}

interface DeliveryRow {
  readonly recipient: number
  readonly address: string
  readonly state: DeliveryState
  readonly code: string
  readonly reason: string
  readonly upstream: string | null
  readonly dueAt: WallMs | null
  readonly waitingFor: string | null
  readonly attempts: number
}

interface SessionRow {
  readonly session: string
  readonly at: WallMs
  readonly code: VerdictCode
  readonly address: string
  readonly messages: string
  readonly device: string | null
  readonly verdict: string
}

type TrailAttempt = MailTrail['attempts'][number]
type SqlAttempt = Omit<TrailAttempt, 'recipients' | 'dialogue'> & {
  readonly recipients: string
  readonly dialogue: string | null
}

/** Mail and sessions as people look for them. */
export function mailSearch(database: Database) {
  const all = database.prepare<[number, number], MailRow>(searchSql.all)
  const open = database.prepare<[number, number], number>(searchSql.open).pluck()
  const one = database.prepare<[number], MailRow>(`SELECT ${mailColumns} FROM message WHERE id = ?`)
  const deliveries = database.prepare<[number], DeliveryRow>(
    `SELECT number AS recipient, address, state, code, reason, upstream, due_at AS dueAt, waiting_for AS waitingFor,
       attempts FROM delivery WHERE message = ? ORDER BY ${isOpenSql} DESC, number LIMIT ${mostOfMail}`,
  )
  const states = database.prepare<[number], { state: DeliveryState; count: number }>(
    'SELECT state, count(*) AS count FROM delivery WHERE message = ? GROUP BY state',
  )
  const codes = database.prepare<[number], MailTrail['codes'][number]>(
    'SELECT number AS recipient, code FROM delivery WHERE message = ? ORDER BY number',
  )
  const undo = database
    .prepare<[number], WallMs | null>('SELECT max(until) FROM dropped_delivery WHERE message = ?')
    .pluck()
  const sessions = database.prepare<[string, number, string, number], SessionRow>(searchSql.sessions)
  const attempts = database.prepare<[number], SqlAttempt>(
    `SELECT recipients, at, upstream, number, outcome, detail, took_ms AS tookMs, dialogue
     FROM attempt LEFT JOIN attempt_dialogue USING (message, sequence) WHERE message = ? ORDER BY sequence`,
  )
  const reports = database.prepare<[number], MailTrail['reports'][number]>(
    'SELECT recipient, status, at, detail FROM delivery_report WHERE message = ? ORDER BY at, recipient',
  )

  const candidates = ({ isOpen, before = Number.MAX_SAFE_INTEGER }: MailFilter): readonly MailRow[] =>
    isOpen ? open.all(before, mostMails).flatMap((id) => one.get(id) ?? []) : all.all(before, mostMails)

  return {
    mails(filter: MailFilter): FoundMails {
      const rows = candidates(filter)
      const mails: FoundMail[] = []
      let looked = 0
      for (const [place, row] of rows.entries()) {
        const own = deliveries.all(row.id)
        looked += own.length
        if (isWanted(row, own, filter)) mails.push(foundMail(row, own))
        const isLast = place === rows.length - 1 && rows.length < mostMails
        if (isLast) break
        if (mails.length >= filter.limit || looked >= mostDeliveries || place === rows.length - 1)
          return { mails, next: row.id, searchedTo: row.acceptedWall }
      }
      return { mails, next: undefined, searchedTo: rows.at(-1)?.acceptedWall }
    },
    mail(id: MessageId): FoundMail | undefined {
      const row = one.get(numberOf(id))
      return row && foundMail(row, deliveries.all(row.id))
    },
    sessions(
      code: VerdictCode,
      before: { readonly at: WallMs; readonly session: string } | undefined,
      limit: number,
    ): readonly FoundSession[] {
      const { at, session } = before ?? { at: Number.MAX_SAFE_INTEGER, session: '' }
      return sessions.all(code, at, session, limit).map(foundSession)
    },
    trail(id: MessageId): MailTrail {
      const number = numberOf(id)
      return {
        codes: codes.all(number),
        attempts: attempts.all(number).map(({ recipients, dialogue, ...attempt }) => ({
          ...attempt,
          recipients: JSON.parse(recipients),
          ...(dialogue !== null && { dialogue }),
        })),
        reports: reports.all(number),
        undoUntil: undo.get(number) ?? undefined,
      }
    },
  }

  function foundMail(row: MailRow, own: readonly DeliveryRow[]): FoundMail {
    const { id, sender: _, device, ...mail } = row
    return {
      ...mail,
      message: messageIdOf(id),
      device: device ?? undefined,
      undoUntil: undo.get(id) ?? undefined,
      states: Object.fromEntries(states.all(id).map(({ state, count }) => [state, count])),
      deliveries: own.map(foundDelivery),
    }
  }
}

const foundDelivery = ({ upstream, dueAt, waitingFor, ...row }: DeliveryRow): FoundDelivery => ({
  ...row,
  upstream: upstream ?? undefined,
  dueAt: dueAt ?? undefined,
  waitingFor: waitingFor ?? undefined,
})

function foundSession({ device, messages, verdict, ...row }: SessionRow): FoundSession {
  const said: Verdict = JSON.parse(verdict)
  return {
    ...row,
    device: device ?? undefined,
    sentence: said.sentence,
    messages: JSON.parse(messages),
  }
}

function isWanted(row: MailRow, own: readonly DeliveryRow[], filter: MailFilter): boolean {
  const { device, state, words } = filter
  if (device !== undefined && row.device !== device) return false
  if (state !== undefined && !own.some((delivery) => delivery.state === state)) return false
  if (words.length === 0) return true
  const texts = [
    messageIdOf(row.id),
    row.device ?? '',
    row.sender ?? '',
    row.subject,
    ...own.flatMap(textsOf),
  ]
  const folded = texts.map((text) => text.toLowerCase())
  return words.every((word) => folded.some((text) => text.includes(word)))
}

const textsOf = ({ address, state, code, reason, upstream, waitingFor }: DeliveryRow): readonly string[] => [
  address,
  state,
  code,
  reason,
  upstream ?? '',
  waitingFor ?? '',
]
