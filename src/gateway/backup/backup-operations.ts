import type { AuditVerification, AuditWitness } from '../../core/audit.ts'
import type { BackupOctets, BackupOperations, BackupWish } from '../../core/backup-operations.ts'
import type { Done } from '../../core/operations.ts'
import { type BackupWorld, makeBackup } from './backup-making.ts'
import { auditWitnesses, nightlyCopies, readNightlyCopy } from './nightly-files.ts'
import { lastCopyOf } from './nightly-round.ts'
import { confirmRecovery, mintRecovery, recoveryRecipients, recoveryState } from './recovery.ts'
import { type RestoreWorld, stageRestore } from './restoring.ts'

export interface BackupParts extends BackupWorld, Pick<RestoreWorld, 'profile' | 'presentSpool'> {
  /** A restore was staged: somebody opens the box anew. */
  readonly onStaged: () => void
}

const shortestPassphrase = 10

/** Copies of the box and putting one back, by a running gateway or beside the databases. Loaded when somebody asks. */
export function backupOperations(
  parts: BackupParts,
): BackupOperations & { verifyAudit(witnesses: readonly AuditWitness[]): Promise<AuditVerification> } {
  const { dataDir, records, settings, clock, signal } = parts
  const recovery = {
    records,
    now: () => clock.wall(),
    record: (who: string, what: string) => settings.record(who, [what]),
  }
  let isRestoring = false
  return {
    backups: async () => {
      const last = lastCopyOf(records)
      return {
        recovery: recoveryState(records),
        copies: nightlyCopies(dataDir),
        lastCopy: last && { at: last.at, trouble: last.trouble },
      }
    },
    makeBackup: (wish, who) => wishedBackup(parts, wish, who),
    backupFile: async (name, who) => {
      const octets = readNightlyCopy(dataDir, name)
      if (!octets) return { kind: 'refused', reason: `there is no nightly copy ${name}` }
      settings.record(who, [`backup: the nightly copy ${name} was downloaded`])
      return { kind: 'done', octets }
    },
    restore: async (octets, wish, who, isStillAllowed) => {
      // They would write into the same folder.
      if (isRestoring) return { kind: 'refused', reason: 'another backup is being restored' }
      isRestoring = true
      try {
        const staged = await stageRestore(octets, wish, who, { ...parts, signal, isStillAllowed })
        if (staged.kind === 'done' && staged.restored.isTaken) parts.onStaged()
        return staged
      } finally {
        isRestoring = false
      }
    },
    recoveryCode: (who) => mintRecovery(recovery, who),
    confirmRecovery: async (part, who) => confirmRecovery(recovery, part, who),
    verifyAudit: async (witnesses) =>
      settings.verifyAudit([...(await auditWitnesses(dataDir)), ...witnesses]),
  }
}

async function wishedBackup(
  parts: BackupParts,
  { withSpool, passphrase }: BackupWish,
  who: string,
): Promise<Done<BackupOctets>> {
  const recipients = passphrase === undefined ? recoveryRecipients(parts.records) : []
  if (passphrase === undefined && recipients.length === 0)
    return { kind: 'refused', reason: 'there is no recovery code yet: make one, or give a passphrase' }
  if (passphrase !== undefined && [...passphrase].length < shortestPassphrase)
    return {
      kind: 'refused',
      isWrongInput: true,
      reason: `the passphrase needs at least ${shortestPassphrase} characters`,
    }
  const made = await makeBackup(parts, passphrase === undefined ? { recipients } : { passphrase }, withSpool)
  if (made.kind === 'done')
    parts.settings.record(who, [`backup: one was made ${withSpool ? 'with' : 'without'} mail`])
  return made
}
