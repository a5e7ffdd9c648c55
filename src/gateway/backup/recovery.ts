import { timingSafeEqual } from 'node:crypto'
import {
  confirmingPart,
  mintRecoveryCode,
  plainSymbols,
  recoveryCodeText,
} from '../../backup/recovery-code.ts'
import { type RecoveryRecipient, recipientOf } from '../../backup/seals.ts'
import type { RecoveryState } from '../../core/backup-operations.ts'
import type { Done } from '../../core/operations.ts'
import { type WallMs, wallMs } from '../../core/time.ts'
import type { BackupRecords } from '../../settings/backup-records.ts'

const fact = 'recovery'
/** What is to be typed, until it was. */
const partSecret = 'recovery/part'

interface KeptRecipient extends RecoveryRecipient {
  readonly since: number
}

/** Public halves of codes: the one that was confirmed, and a newer one that was not. */
interface KeptRecovery {
  readonly confirmed?: KeptRecipient
  readonly unconfirmed?: KeptRecipient
}

export interface RecoveryWorld {
  readonly records: BackupRecords
  readonly now: () => WallMs
  readonly record: (who: string, what: string) => void
}

const kept = (records: BackupRecords): KeptRecovery => JSON.parse(records.fact(fact) ?? '{}')

/** For whom copies are sealed: a code that nobody may have written down does not take the place of one that was. */
export function recoveryRecipients(records: BackupRecords): readonly RecoveryRecipient[] {
  const { confirmed, unconfirmed } = kept(records)
  return [confirmed, unconfirmed].filter((each) => each !== undefined)
}

export function recoveryState(records: BackupRecords): RecoveryState {
  const { confirmed, unconfirmed } = kept(records)
  if (unconfirmed) return { kind: 'unconfirmed', since: wallMs(unconfirmed.since) }
  return confirmed ? { kind: 'confirmed', since: wallMs(confirmed.since) } : { kind: 'absent' }
}

/** The box keeps the code's public half and, until it is confirmed, its last two groups sealed. */
export async function mintRecovery(
  world: RecoveryWorld,
  who: string,
): Promise<Done<{ readonly code: string }>> {
  const { records, now, record } = world
  const code = mintRecoveryCode()
  const unconfirmed = { ...(await recipientOf(code)), since: now() }
  if (!records.saveSecret(partSecret, confirmingPart(code)))
    return { kind: 'refused', reason: 'the vault is locked: put the right vault.key back first' }
  const { confirmed } = kept(records)
  records.saveFact(fact, JSON.stringify({ ...(confirmed && { confirmed }), unconfirmed }))
  record(who, 'recovery code: a new one was made and shown')
  return { kind: 'done', code: recoveryCodeText(code) }
}

export function confirmRecovery(world: RecoveryWorld, part: string, who: string): Done {
  const { records, record } = world
  const { unconfirmed } = kept(records)
  const expected = records.secret(partSecret)
  if (unconfirmed === undefined || expected === undefined)
    return { kind: 'refused', reason: 'no recovery code waits to be confirmed' }
  if (expected.kind !== 'open')
    return { kind: 'refused', reason: 'the vault is locked: put the right vault.key back first' }
  if (!isSame(plainSymbols(part), expected.value))
    return {
      kind: 'refused',
      isWrongInput: true,
      reason: 'these are not the last two groups of the recovery code',
    }
  records.saveFact(fact, JSON.stringify({ confirmed: unconfirmed }))
  records.removeSecret(partSecret)
  record(who, 'recovery code: confirmed')
  return { kind: 'done' }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
