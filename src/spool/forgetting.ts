import { comparable, withoutAddress } from '../core/address.ts'
import type { Database } from '../platform/database.ts'
import type { Retention } from './retention.ts'
import type { ForgetPlace, Leftover } from './thread-protocol.ts'

const sliceMessages = 500
const sliceSessions = 100

/** Every text column of mail in which an address may stand, by table. */
const places: Readonly<
  Record<'message' | 'delivery' | 'delivery_report' | 'attempt' | 'attempt_dialogue', readonly string[]>
> = {
  message: ['sender', 'reverse_path', 'subject', 'header_message_id', 'dsn_envid', 'part_index'],
  delivery: ['address', 'said', 'orcpt', 'reason'],
  delivery_report: ['detail'],
  attempt: ['detail'],
  attempt_dialogue: ['dialogue'],
}

/** Likewise of an unknown device; its own address, of the network, forgets it whole. */
const sightingTexts = ['helo', 'username', 'mail_from'] as const

/**
 * What people were told, and what is to be told. An alert that lasts keeps its key, which says what it is of and ends
 * it; one that is over is erased with it.
 */
const alertTexts = [
  `UPDATE alert SET sentence = without_address(sentence, @address), remedy = without_address(remedy, @address)
   WHERE ${any('sentence', 'remedy')}`,
  `UPDATE OR REPLACE alert_past SET key = without_address(key, @address),
     sentence = without_address(sentence, @address), remedy = without_address(remedy, @address)
   WHERE ${any('key', 'sentence', 'remedy')}`,
  `DELETE FROM alert_telling WHERE ${any('key')} AND key NOT IN (SELECT key FROM alert)`,
  `UPDATE alert_telling SET telling = json_set(telling,
     '$.sentence', without_address(telling ->> 'sentence', @address),
     '$.remedy', without_address(telling ->> 'remedy', @address))
   WHERE ${any("(telling ->> 'sentence')", "(telling ->> 'remedy')")}`,
  `UPDATE meta SET value = without_address(value, @address) WHERE key = 'ration' AND ${any('value')}`,
]

/** Erases one address from the history of finished messages and from transcripts, slice by slice. */
export function forgetting(database: Database, retention: Retention) {
  database.function('without_address', { deterministic: true }, (text: unknown, address: unknown) =>
    typeof text === 'string' ? withoutAddress(text, String(address)) : null,
  )
  const last = database
    .prepare<[number], number>(
      `SELECT id FROM message WHERE id > ? ORDER BY id LIMIT 1 OFFSET ${sliceMessages - 1}`,
    )
    .pluck()
  const kept = database
    .prepare<[{ from: number; to: number; address: string }], number>(
      `SELECT DISTINCT outbox.message FROM outbox JOIN message ON message.id = outbox.message
       WHERE message > @from AND message <= @to AND finished = 1 AND
         (instr(lower(recipients), @address) OR instr(lower(outbox.sender), @address))`,
    )
    .pluck()
  const updates = [
    erasing('message', 'id'),
    erasing('delivery', 'message'),
    erasing('delivery_report', 'message'),
    erasing('attempt', 'message'),
    erasing('attempt_dialogue', 'message'),
  ].map((sql) => database.prepare<[{ from: number; to: number; address: string }]>(sql))
  const sessions = database
    .prepare<[string], string>(`SELECT id FROM session WHERE id > ? ORDER BY id LIMIT ${sliceSessions}`)
    .pluck()
  const dropSighting = database.prepare<[string]>('DELETE FROM sighting WHERE address = ?')
  const eraseSighting = database.prepare<[{ address: string }]>(
    `UPDATE sighting SET ${sightingTexts.map((column) => `${column} = without_address(${column}, @address)`).join(', ')}
     WHERE ${sightingTexts.map(hasAddress).join(' OR ')}`,
  )
  const eraseAlerts = alertTexts.map((sql) => database.prepare<[{ address: string }]>(sql))
  const eraseSession = database.prepare<[{ id: string; address: string }]>(
    `UPDATE session SET lines = without_address(lines, @address) WHERE id = @id AND ${hasAddress('lines')}`,
  )

  const eraseVerdict = database.prepare<[{ id: string; address: string }]>(
    `UPDATE session_verdict SET verdict = without_address(verdict, @address)
     WHERE session = @id AND ${hasAddress('verdict')}`,
  )

  return {
    /** One slice behind `after`; `next` is where to go on, undefined at the end. */
    forget(said: string, after: ForgetPlace): Leftover & { rows: number; next: ForgetPlace | undefined } {
      const address = comparable(said)
      const end = last.get(after.message)
      const range = { from: after.message, to: end ?? Number.MAX_SAFE_INTEGER, address }
      const hasGarbage = kept.all(range).map(retention.removeKept).includes(true)
      let rows = after.message === 0 ? dropSighting.run(address).changes : 0
      if (after.message === 0) rows += eraseSighting.run({ address }).changes
      if (after.message === 0) for (const erase of eraseAlerts) rows += erase.run({ address }).changes
      for (const update of updates) rows += update.run(range).changes
      if (end !== undefined) return { rows, hasGarbage, next: { message: end, session: '' } }
      const some = sessions.all(after.session)
      for (const id of some) {
        rows += eraseSession.run({ id, address }).changes + eraseVerdict.run({ id, address }).changes
      }
      const session = some.length < sliceSessions ? undefined : some.at(-1)
      const next = session === undefined ? undefined : { message: range.to, session }
      return { rows, hasGarbage, next }
    },
  }
}

function erasing(table: keyof typeof places, id: string): string {
  const columns = places[table]
  const finished = `SELECT id FROM message WHERE id > @from AND id <= @to AND finished = 1`
  return `UPDATE ${table} SET ${columns.map((column) => `${column} = without_address(${column}, @address)`).join(', ')}
    WHERE ${id} IN (${finished}) AND (${columns.map(hasAddress).join(' OR ')})`
}

/** The first half sorts out nearly every row cheaply. */
function hasAddress(column: string): string {
  return `(instr(lower(${column}), @address) AND without_address(${column}, @address) <> ${column})`
}

function any(...columns: readonly string[]): string {
  return `(${columns.map(hasAddress).join(' OR ')})`
}
