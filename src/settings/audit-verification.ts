import { setImmediate as turn } from 'node:timers/promises'
import type { AuditVerification, AuditWitness } from '../core/audit.ts'
import { wallMs } from '../core/time.ts'
import { type AuditRows, hashOf } from './audit-rows.ts'

/** So many hashes take a millisecond or two; then others have their turn. */
const slice = 300

/** Whether nothing was changed, left out or cut off since it was written, and all that others wrote down is in it. */
export async function verifyAudit(
  rows: AuditRows,
  witnesses: readonly AuditWitness[],
): Promise<AuditVerification> {
  const anchor = rows.anchor()
  const wanted = Map.groupBy(
    witnesses.filter(({ id }) => id > anchor.id),
    ({ id }) => id,
  )
  let { id: last, hash } = anchor
  let entries = 0
  let oldest: number | undefined
  for (let page = rows.after(last, slice); page.length > 0; page = rows.after(last, slice)) {
    for (const row of page) {
      if (row.id !== last + 1)
        return broken(last + 1, `the entries from ${last + 1} to ${row.id - 1} are missing`)
      hash = hashOf(hash, row)
      if (row.hash !== hash) return broken(row.id, `entry ${row.id} was changed, or one before it`)
      const other = wanted.get(row.id)?.find((witness) => witness.hash !== hash)
      if (other) return broken(row.id, `entry ${row.id} is another one than ${other.source} says`)
      last = row.id
      entries += 1
      oldest ??= row.at
    }
    await turn()
  }
  const missed = witnesses.find(({ id }) => id > last)
  if (missed)
    return broken(
      last + 1,
      `the end is missing: ${missed.source} knows entry ${missed.id}, the last here is ${last}`,
    )
  const head = last === 0 ? undefined : { id: last, hash }
  return {
    kind: 'intact',
    entries,
    oldest: oldest === undefined ? undefined : wallMs(oldest),
    head,
    witnesses: witnesses.length,
  }
}

const broken = (id: number, sentence: string): AuditVerification => ({ kind: 'broken', id, sentence })
