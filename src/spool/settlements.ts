import { isReported } from '../core/delivery-report.ts'
import type { DeliveryState } from '../core/outcome.ts'
import type { DeliveryChange, OwnMessage, PartKey, PartStart, PartState, Settlement } from '../core/spool.ts'
import { day } from '../core/time.ts'
import type { Database } from '../platform/database.ts'
import { attemptDialogues } from './attempt-dialogues.ts'
import type { Bodies } from './bodies.ts'
import { chunksOf } from './chunk-layout.ts'
import { numberOf } from './message-number.ts'
import { countingMonths, type Turn } from './month-uses.ts'
import { publicationRows } from './publication-rows.ts'
import type { Publications } from './publications.ts'
import { isOpenSql } from './schema.ts'
import type { Leftover } from './thread-protocol.ts'

/** States from which an attempt may begin. */
const startable: ReadonlySet<DeliveryState> = new Set(['queued', 'deferred', 'indeterminate'])
/** States in which a time makes a delivery due. */
const timed: ReadonlySet<DeliveryState> = new Set(['queued', 'deferred', 'indeterminate', 'collecting'])
/** Parts that may be handed to a socket again. */
const repeatable: ReadonlySet<PartState> = new Set(['open', 'indeterminate'])
const askable: ReadonlySet<PartState> = new Set(['indeterminate', 'accepted'])

/** A body whose deliveries are final is kept this long for a part that may still be asked for. */
const askedBodyMs = 1 * day

/** Beginning and end of attempts, each one transaction. */
export function settlements(database: Database, parts: { bodies: Bodies; publications: Publications }) {
  const countMonth = countingMonths(database)
  const stateOf = database
    .prepare<[number, number], DeliveryState>('SELECT state FROM delivery WHERE message = ? AND number = ?')
    .pluck()
  const codeOf = database
    .prepare<[number, number], string>('SELECT code FROM delivery WHERE message = ? AND number = ?')
    .pluck()
  const change = database.prepare(
    `UPDATE delivery SET state = ?, due_at = ?, waiting_for = ?, code = ?, reason = ?, status = ?, attempts = ?,
       counted_ms = ?, counting_since = ?, upstream = ?, refused_by = ?
     WHERE message = ? AND number = ?`,
  )
  const partOf = database.prepare<
    [number, string, number, number],
    { state: PartState; operationId: string; bodySha256: string }
  >(
    `SELECT state, operation_id AS operationId, body_sha256 AS bodySha256 FROM part
     WHERE message = ? AND upstream = ? AND number = ? AND generation = ?`,
  )
  const insertPart = database.prepare("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, 'sending', 1, 0, NULL, ?)")
  const insertRecipient = database.prepare('INSERT INTO part_recipient VALUES (?, ?, ?, ?, ?)')
  const repeatPart = database.prepare(
    `UPDATE part SET state = 'sending', sends = sends + 1, next_ask_at = NULL, started_at = ?
     WHERE message = ? AND upstream = ? AND number = ? AND generation = ?`,
  )
  const settlePart = database.prepare(
    `UPDATE part SET state = ?, next_ask_at = ?, asks = asks + ?
     WHERE message = ? AND upstream = ? AND number = ? AND generation = ?`,
  )
  const insertAttempt = database.prepare(
    `INSERT INTO attempt VALUES (?, (SELECT coalesce(max(sequence), 0) + 1 FROM attempt WHERE message = ?),
       ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const dialogues = attemptDialogues(database)
  const use = database.prepare(
    `INSERT INTO quota_use VALUES (@at, @upstream, @what, @messages, @recipients, @external)
     ON CONFLICT (at, upstream, what) DO UPDATE SET messages = messages + excluded.messages,
       recipients = recipients + excluded.recipients, external = external + excluded.external`,
  )
  const hasOpen = database
    // What was dropped is open while that can be undone: its body is needed then.
    .prepare<[{ message: number }], number>(
      `SELECT EXISTS (SELECT 1 FROM delivery WHERE message = @message AND ${isOpenSql})
         OR EXISTS (SELECT 1 FROM dropped_delivery WHERE message = @message)`,
    )
    .pluck()
  const lastAsked = database
    .prepare<[number], number | null>(
      'SELECT max(started_at) FROM part WHERE message = ? AND next_ask_at IS NOT NULL',
    )
    .pluck()
  const isInOutbox = database
    .prepare<[number], number>('SELECT EXISTS (SELECT 1 FROM outbox WHERE message = ?)')
    .pluck()
  const finish = database.prepare<[number]>('UPDATE message SET finished = 1 WHERE id = ? AND finished = 0')
  const reopen = database.prepare<[number]>(
    'UPDATE message SET finished = 0, finished_wall = NULL, body_until = NULL WHERE id = ? AND finished = 1',
  )
  const keepBodyUntil = database.prepare<[number, number]>(
    'UPDATE message SET body_until = ? WHERE id = ? AND has_body = 1',
  )

  const applyChange = (to: DeliveryChange): void => {
    const isTimed = timed.has(to.state)
    change.run(
      to.state,
      isTimed ? to.dueAt : undefined,
      isTimed ? to.waitingFor : undefined,
      to.code,
      to.reason,
      to.status,
      to.attempts,
      to.lifetime.countedMs,
      to.lifetime.since,
      to.upstream,
      JSON.stringify(to.refusedBy),
      numberOf(to.message),
      to.recipient,
    )
  }

  /**
   * An operator's word stands against a late plan or answer, unless that says that the mail has gone out after all. A
   * report's stands against every answer of the service that took the mail: it is from behind it.
   */
  const isOverruled = ({ to, was }: Turn): boolean => {
    if (was === 'bounced' || was === 'confirmed')
      return isReported(codeOf.get(numberOf(to.message), to.recipient) ?? '') && !isReported(to.code)
    return (was === 'held' || was === 'dropped') && to.state !== 'accepted' && to.state !== 'confirmed'
  }

  /** After its deliveries changed: is the message finished, and is its body still needed? */
  const conclude = (message: number): Leftover => {
    if (hasOpen.get({ message }) === 1) {
      reopen.run(message)
      return { hasGarbage: false }
    }
    finish.run(message)
    if (isInOutbox.get(message) === 1) return { hasGarbage: false }
    const asked = lastAsked.get(message) ?? undefined
    if (asked === undefined) return parts.bodies.release(message)
    keepBodyUntil.run(asked + askedBodyMs, message)
    return { hasGarbage: false }
  }

  const mayStart = (start: PartStart): boolean => {
    const found = partOf.get(...keyOf(start.part))
    if (found && !repeatable.has(found.state)) return false
    if (found && found.bodySha256 !== start.part.bodySha256) {
      throw new Error(`part ${start.part.operationId} was to be repeated with other octets`)
    }
    return start.changes.every(({ message, recipient }) => {
      const state = stateOf.get(numberOf(message), recipient)
      return state !== undefined && startable.has(state)
    })
  }

  return {
    conclude,
    publishOwn,
    use: (quotaUse: PartStart['use']): void => {
      use.run(quotaUse)
    },
    start(start: PartStart): boolean {
      if (!mayStart(start)) return false
      const { part } = start
      const key = keyOf(part)
      if (repeatPart.run(part.startedAt, ...key).changes === 0) {
        insertPart.run(...key, part.operationId, part.bodySha256, part.startedAt)
        for (const recipient of part.recipients) insertRecipient.run(...key, recipient)
      }
      for (const to of start.changes) applyChange(to)
      use.run(start.use)
      return true
    },
    settle(settlement: Settlement): Leftover {
      settleThePart(settlement)
      const turns = settlement.changes
        .map((to) => ({ to, was: stateOf.get(numberOf(to.message), to.recipient) }))
        .filter((turn) => !isOverruled(turn))
      countMonth(turns, settlement.attempt?.at)
      for (const { to } of turns) applyChange(to)
      recordAttempt(settlement)
      // A report on nothing that came true is none.
      if (turns.length > 0 || settlement.changes.length === 0) settlement.reports.forEach(publishOwn)
      const touched = new Set(settlement.changes.map((to) => numberOf(to.message)))
      if (settlement.part) touched.add(numberOf(settlement.part.message))
      return { hasGarbage: [...touched].map(conclude).some((leftover) => leftover.hasGarbage) }
    },
  }

  /** A message of the box itself, in the transaction of what it tells. */
  function publishOwn({ message, content }: OwnMessage): void {
    parts.publications.publish(publicationRows(message, content.length))
    parts.bodies.write(numberOf(message.id), 0, chunksOf(content))
  }

  function settleThePart(settlement: Settlement): void {
    if (!settlement.part) return
    const key = keyOf(settlement.part)
    const found = partOf.get(...key)
    if (!found) throw new Error(`no part ${settlement.part.message} ${settlement.part.number} was started`)
    const state = settlement.partState ?? found.state
    const nextAskAt = askable.has(state) ? settlement.nextAskAt : undefined
    settlePart.run(state, nextAskAt, settlement.asked ? 1 : 0, ...key)
  }

  function recordAttempt({ attempt, changes, part }: Settlement): void {
    if (!attempt) return
    const byMessage = Map.groupBy(changes, (to) => numberOf(to.message))
    if (part && byMessage.size === 0) byMessage.set(numberOf(part.message), [])
    for (const [message, own] of byMessage) {
      const recipients = JSON.stringify(own.map((to) => to.recipient))
      const { at, upstream, number, outcome, detail, tookMs, dialogue } = attempt
      insertAttempt.run(
        message,
        message,
        part?.number ?? 0,
        recipients,
        at,
        upstream,
        number,
        outcome,
        detail,
        tookMs,
      )
      if (dialogue !== undefined) dialogues.keep(dialogue, { message, part: part?.number ?? 0, upstream })
    }
  }
}

export type Settlements = ReturnType<typeof settlements>

const keyOf = (part: PartKey): [number, string, number, number] => [
  numberOf(part.message),
  part.upstream,
  part.number,
  part.generation,
]
