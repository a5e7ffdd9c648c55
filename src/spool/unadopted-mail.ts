import { mayReach, parseAddress } from '../core/address.ts'
import { type Adoption, unknownDevice } from '../core/learning.ts'
import type { WallMs } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { isUnadoptedSql } from './learned-queries.ts'
import type { UnadoptedSlice } from './learning-protocol.ts'
import { priorityRanks } from './publication-rows.ts'
import type { Settlements } from './settlements.ts'

/** Mails at a time: a few milliseconds, also with many recipients. */
const sliceMails = 20

/** Mail of unknown devices: let go by an adoption, or dropped. Nothing else changes what awaits adoption. */
export function unadoptedMail(database: Database, settlements: Pick<Settlements, 'conclude'>) {
  const of = database
    .prepare<[string], number>(
      `SELECT DISTINCT message FROM delivery JOIN message ON message.id = message
       WHERE ${isUnadoptedSql} AND device = ? ORDER BY message LIMIT ${sliceMails}`,
    )
    .pluck()
  // Times on disk tell nothing: the clock may be set between two starts. 1 ms stands for 'was there at the last call'.
  const age = database.prepare<[number]>(
    `UPDATE delivery SET counted_ms = CASE counted_ms WHEN 0 THEN 1 ELSE counted_ms + ? END WHERE ${isUnadoptedSql}`,
  )
  const held = database
    .prepare<[number], number>(
      `SELECT DISTINCT message FROM delivery WHERE ${isUnadoptedSql} AND counted_ms >= ?
       ORDER BY message LIMIT ${sliceMails}`,
    )
    .pluck()
  const recipients = database.prepare<[number], { number: number; address: string }>(
    `SELECT number, address FROM delivery WHERE message = ? AND ${isUnadoptedSql}`,
  )
  const rename = database.prepare<[{ id: number; device: string; rank: number; route: string | null }]>(
    'UPDATE message SET device = @device, priority = @rank, route = @route WHERE id = @id',
  )
  const letGo = database.prepare<[{ message: number; number: number; rank: number; now: number }]>(
    `UPDATE delivery SET priority = @rank, counted_ms = 0, counting_since = @now, code = 'adopted',
       reason = 'its device was adopted', state = iif(is_fragment, 'collecting', 'queued'),
       due_at = iif(is_fragment, NULL, @now)
     FROM (SELECT partial_key IS NOT NULL AS is_fragment FROM message WHERE id = @message)
     WHERE message = @message AND number = @number`,
  )
  const dropOne = database.prepare<[string, string, number, number]>(
    `UPDATE delivery SET state = 'dropped', due_at = NULL, code = ?, reason = ? WHERE message = ? AND number = ?`,
  )

  const release = (
    message: number,
    { device, priority, route, allowedRecipients }: Adoption,
    now: WallMs,
  ) => {
    const rank = priorityRanks[priority]
    rename.run({ id: message, device, rank, route: route === undefined ? null : JSON.stringify(route) })
    for (const { number, address } of recipients.all(message)) {
      if (mayWriteTo(allowedRecipients, address)) letGo.run({ message, number, rank, now })
      else dropOne.run('not-allowed', `${device} may not write to this address`, message, number)
    }
    return settlements.conclude(message)
  }

  const giveUp = (message: number) => {
    for (const { number } of recipients.all(message)) {
      dropOne.run('not-adopted', 'its device was not adopted in time', message, number)
    }
    return settlements.conclude(message)
  }

  return {
    adopt: (adoption: Adoption, now: WallMs): UnadoptedSlice =>
      sliceOf(of.all(unknownDevice(adoption.address)), (message) => release(message, adoption, now)),
    age(byMs: number): void {
      age.run(Math.max(0, Math.round(byMs)))
    },
    drop: (heldMs: number): UnadoptedSlice => sliceOf(held.all(heldMs), giveUp),
  }
}

function sliceOf(
  messages: readonly number[],
  change: (message: number) => { readonly hasGarbage: boolean },
): UnadoptedSlice {
  const garbage = messages.map((message) => change(message).hasGarbage)
  return { mails: messages.length, more: messages.length === sliceMails, hasGarbage: garbage.includes(true) }
}

function mayWriteTo(patterns: readonly string[], text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && mayReach(address, patterns)
}
