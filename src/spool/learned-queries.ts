import {
  addressOfUnknown,
  type DeviceTrait,
  type Sighting,
  type TakeOver,
  type UnadoptedMail,
} from '../core/learning.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'

type SqlSighting = Omit<Sighting, 'triedAuth'> & { readonly triedAuth: number }
type SqlTrait = Omit<DeviceTrait, 'repairs'> & { readonly repairs: string }

interface SqlUnadopted {
  readonly device: string
  readonly mails: number
  readonly octets: number
  readonly oldest: WallMs
  readonly heldMs: number
}

/** Word for word as the partial index has it, or SQLite won't use that. */
export const isUnadoptedSql = "code = 'awaits-adoption'"

/** What was learned at the edge. */
export function learnedQueries(database: Database) {
  const sightings = database.prepare<[], SqlSighting>(
    `SELECT address, mac, maker, helo, username, tried_auth AS triedAuth, mail_from AS mailFrom,
       rcpt_domain AS rcptDomain, tls, result, first_seen AS firstSeen, last_seen AS lastSeen, count
     FROM sighting ORDER BY last_seen DESC, address`,
  )
  const traits = database.prepare<[], SqlTrait>(
    `SELECT device, address, last_seen AS lastSeen, last_session AS lastSession, tls, mechanism, repairs
     FROM device_trait ORDER BY device`,
  )
  const takeOver = database.prepare<[], TakeOver>(
    'SELECT subnet, opened_by AS openedBy, opened_at AS openedAt, until FROM take_over',
  )
  const unadopted = database.prepare<[], SqlUnadopted>(
    `SELECT device, count(*) AS mails, sum(size) AS octets, min(since) AS oldest, max(held) AS heldMs FROM
       (SELECT message, min(counting_since) AS since, max(counted_ms) AS held FROM delivery WHERE ${isUnadoptedSql} GROUP BY message)
     JOIN message ON message.id = message GROUP BY device ORDER BY device`,
  )

  return {
    /** Latest first. */
    sightings: (): readonly Sighting[] =>
      sightings.all().map((row) => ({ ...row, triedAuth: row.triedAuth === 1 })),
    traits: (): readonly DeviceTrait[] =>
      traits.all().map((row) => ({ ...row, repairs: JSON.parse(row.repairs) })),
    takeOver: (): TakeOver | undefined => takeOver.get(),
    unadopted: (): readonly UnadoptedMail[] =>
      unadopted.all().map(({ device, ...mail }) => ({ address: addressOfUnknown(device), ...mail })),
  }
}
