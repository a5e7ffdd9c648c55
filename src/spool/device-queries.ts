import type { DeliveryState } from '../core/outcome.ts'
import type { DeviceMarks, MailTally, SessionMark } from '../core/page-spool.ts'
import type { WallMs } from '../core/time.ts'
import type { VerdictCode } from '../core/verdict.ts'
import type { Database } from '../platform/database.ts'
import type { Counted, DayPlace, PageReaderCalls, SentPlace } from './page-protocol.ts'

/** Mails of one slice: a few milliseconds, also on a small machine. */
const sliceMails = 500
/** Mails that tidying has not seen yet: an hour's, or what waits in an outage. So many of the latest are looked at. */
const latestMails = 5000
const usualMails = 50

/** The SQL whose query plans a test holds to indexes. */
export const deviceSql = {
  mark: `SELECT session, ended_at AS at, code FROM session_about WHERE device = ? AND came_to = ?
    ORDER BY ended_at DESC LIMIT 1`,
  refused: `SELECT ended_at AS at, code, count(*) AS count FROM session_about
    WHERE device = @device AND came_to = @cameTo AND ended_at >= @from AND ended_at < @to GROUP BY code`,
  past: `SELECT id, accepted_wall AS at, kind FROM message
    WHERE finished_wall IS NOT NULL AND device = @device AND accepted_wall >= @since AND (accepted_wall, id) < (@at, @message)
    ORDER BY accepted_wall DESC, id DESC LIMIT ${sliceMails}`,
  open: `SELECT id, accepted_wall AS at, kind, device FROM message WHERE finished = 0 AND accepted_wall >= ?
    ORDER BY accepted_wall DESC LIMIT ${latestMails}`,
  unseen: `SELECT id, accepted_wall AS at, kind, device FROM message WHERE finished = 1 AND finished_wall IS NULL
    ORDER BY id DESC LIMIT ${latestMails}`,
  sent: `SELECT id, finished_wall AS at, kind FROM message
    WHERE finished_wall IS NOT NULL AND (finished_wall, id) > (?, ?) ORDER BY finished_wall, id LIMIT ${sliceMails}`,
}

interface MailMark {
  readonly id: number
  readonly at: number
  readonly kind: string
}
type OwnedMark = MailMark & { readonly device: string | null }

const kinds = { fault: 0, mail: 1, other: 2, both: 3 } as const

/** What is known of devices by their sessions and mail. */
export function deviceQueries(database: Database) {
  const mark = database.prepare<[string, number], SessionMark>(deviceSql.mark)
  const refused = database.prepare<
    [{ device: string; cameTo: number; from: number; to: number }],
    { code: VerdictCode; count: number }
  >(deviceSql.refused)
  const past = database.prepare<[{ device: string; since: number; at: number; message: number }], MailMark>(
    deviceSql.past,
  )
  const open = database.prepare<[number], OwnedMark>(deviceSql.open)
  const unseen = database.prepare<[], OwnedMark>(deviceSql.unseen)
  const sent = database.prepare<[number, number], MailMark>(deviceSql.sent)
  const states = database.prepare<[number], { state: DeliveryState; count: number }>(
    'SELECT state, count(*) AS count FROM delivery WHERE message = ? GROUP BY state',
  )
  const size = database
    .prepare<[], number | null>(
      `SELECT avg(size) FROM (SELECT size FROM message ORDER BY id DESC LIMIT ${usualMails})`,
    )
    .pluck()

  const sentOf = (mails: readonly MailMark[]): number =>
    mails
      .filter(({ kind }) => kind === 'mail')
      .flatMap(({ id }) => states.all(id))
      .reduce((sum, { state, count }) => (isSent(state) ? sum + count : sum), 0)

  /** Adds mails to the days in which they came. */
  const tally = (from: readonly WallMs[], mails: readonly MailMark[]): readonly MailTally[] => {
    const days = from.map(() => ({ ...none }))
    for (const { id, at, kind } of mails) {
      const day = days[from.findLastIndex((start) => at >= start)]
      if (!day || kind !== 'mail') continue
      day.mails += 1
      for (const { state, count } of states.all(id)) day[fateOf(state)] += count
    }
    return days
  }

  return {
    marks: (devices: readonly string[]): readonly DeviceMarks[] => devices.map(marksOf),
    present({ device, from }: PageReaderCalls['device-present']['ask']) {
      const since = from[0] ?? 0
      const waiting = open.all(since)
      const lately = unseen.all()
      const mails = [...waiting, ...lately].filter((mail) => mail.device === device && mail.at >= since)
      const isCut = waiting.length === latestMails || lately.length === latestMails
      return {
        days: tally(from, mails),
        refused: refusedOf(device, from),
        isCut,
        counted: mails.map(({ id }) => id),
      }
    },
    past({ device, from, before, except }: PageReaderCalls['device-past']['ask']) {
      const { at, message } = before ?? { at: Number.MAX_SAFE_INTEGER, message: 0 }
      const mails = past.all({ device, since: from[0] ?? 0, at, message })
      const last = mails.length < sliceMails ? undefined : mails.at(-1)
      const next: DayPlace | undefined = last && { at: last.at, message: last.id }
      return { days: tally(from, not(except, mails)), next }
    },
    sentLately(since: WallMs) {
      const mails = [...open.all(since), ...unseen.all()]
      return { sent: sentOf(mails), counted: mails.map(({ id }) => id) }
    },
    sentSince({ after, except }: PageReaderCalls['sent-since']['ask']) {
      const mails = sent.all(after.at, after.message)
      const last = mails.length < sliceMails ? undefined : mails.at(-1)
      const next: SentPlace | undefined = last && { at: last.at, message: last.id }
      return { sent: sentOf(not(except, mails)), next }
    },
    usualSize: (): number | undefined => size.get() ?? undefined,
  }

  function marksOf(device: string): DeviceMarks {
    const fault = mark.get(device, kinds.fault)
    const mail = mark.get(device, kinds.mail)
    const both = mark.get(device, kinds.both)
    const isBothLater = both !== undefined && both.at > (fault?.at ?? 0)
    return {
      device,
      mail,
      fault: isBothLater ? both : fault,
      other: mark.get(device, kinds.other),
      lastMail: (both?.at ?? 0) > (mail?.at ?? 0) ? both?.at : mail?.at,
    }
  }

  function refusedOf(device: string, from: readonly WallMs[]) {
    return from.flatMap((start, day) => {
      const span = { device, from: start, to: from[day + 1] ?? Number.MAX_SAFE_INTEGER }
      return [kinds.fault, kinds.both]
        .flatMap((cameTo) => refused.all({ ...span, cameTo }))
        .map(({ code, count }) => ({ day, code, count }))
    })
  }
}

function not(counted: Counted, mails: readonly MailMark[]): readonly MailMark[] {
  if (counted.length === 0) return mails
  const already = new Set(counted)
  return mails.filter(({ id }) => !already.has(id))
}

const none = { mails: 0, sent: 0, waiting: 0, bounced: 0, dropped: 0 }
const isSent = (state: DeliveryState): boolean => fateOf(state) === 'sent'

function fateOf(state: DeliveryState): Exclude<keyof MailTally, 'mails'> {
  switch (state) {
    case 'accepted':
    case 'confirmed':
      return 'sent'
    case 'bounced':
    case 'expired':
      return 'bounced'
    case 'dropped':
      return 'dropped'
    case 'queued':
    case 'sending':
    case 'indeterminate':
    case 'deferred':
    case 'held':
    case 'collecting':
      return 'waiting'
  }
}
