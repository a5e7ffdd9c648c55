import { type PastAlert, type Telling, untold } from '../core/alerts.ts'
import type { FinishedDeliveries, FinishedMail, Ration } from '../core/telling-spool.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { FinishedMailSum } from './finished-mail-sum.ts'
import type { FinishedPlace } from './telling-protocol.ts'

/** Mails of one slice: a few milliseconds, also on a small machine. */
const sliceMails = 200
const mostPast = 100

/** Mail of devices that was found finished, from a place on. */
export const finishedSql = `SELECT id, finished_wall AS at, coalesce(device, '') AS device FROM message
   WHERE finished_wall IS NOT NULL AND (finished_wall, id) > (?, ?) AND finished_wall < ? AND kind = 'mail'
     AND joined_into IS NULL
   ORDER BY finished_wall, id LIMIT ?`

interface FinishedRow {
  readonly id: number
  readonly at: number
  readonly device: string
}

/** What was told, what is over, and how the mail of a span ended. */
export function tellingQueries(database: Database) {
  const tellings = database.prepare<[], string>('SELECT telling FROM alert_telling ORDER BY key').pluck()
  const meta = database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck()
  const past = database.prepare<[number, number], PastAlert>(
    `SELECT key, since, until, severity, sentence, remedy FROM alert_past WHERE until >= ?
     ORDER BY until DESC LIMIT ?`,
  )
  const finished = database.prepare<[number, number, number, number], FinishedRow>(finishedSql)
  const deliveries = database.prepare<[number], FinishedDeliveries>(
    `SELECT coalesce(upstream, '') AS upstream, state, count(*) AS count FROM delivery WHERE message = ?
     GROUP BY 1, 2`,
  )

  return {
    tellings: (): readonly Telling[] => tellings.all().map((text): Telling => tellingOf(JSON.parse(text))),
    ration(): Ration | undefined {
      const text = meta.get('ration')
      return text === undefined ? undefined : JSON.parse(text)
    },
    pastAlerts: (since: WallMs): readonly PastAlert[] => past.all(since, mostPast),
    lastLetter(): WallMs | undefined {
      const text = meta.get('letter')
      return text === undefined ? undefined : wallMs(Number(text))
    },
    finishedMail(
      after: FinishedPlace,
      until: WallMs,
    ): FinishedMail & { readonly next: FinishedPlace | undefined } {
      const rows = finished.all(after.at, after.message, until, sliceMails)
      const sum = new FinishedMailSum()
      for (const { id, device } of rows)
        sum.add({ deliveries: deliveries.all(id), devices: [{ device, mails: 1 }] })
      const last = rows.length < sliceMails ? undefined : rows.at(-1)
      return { ...sum.total(), next: last && { at: last.at, message: last.id } }
    },
  }
}

/** JSON has no undefined: what is not there is that. */
const tellingOf = (kept: Partial<Telling> & Pick<Telling, 'key'>): Telling => ({
  severity: 'notice',
  sentence: '',
  remedy: '',
  since: wallMs(0),
  ...untold,
  raises: 1,
  countedFrom: wallMs(0),
  ...kept,
})
