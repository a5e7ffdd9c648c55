import type { AuditVerification, AuditWitness } from '../../core/audit.ts'
import type { BackupOctets, BackupOperations, BackupWish } from '../../core/backup-operations.ts'
import type { Machine } from '../../core/machine.ts'
import type { Done } from '../../core/operations.ts'
import { noMachine as noService } from '../../platform/machine-service.ts'
import { type BackupWorld, makeBackup } from './backup-making.ts'
import { auditWitnesses, nightlyCopies, readNightlyCopy } from './nightly-files.ts'
import { lastCopyOf } from './nightly-round.ts'
import { noMachine, oldBoxOnStorage, StorageLost } from './old-box-storage.ts'
import { confirmRecovery, mintRecovery, recoveryRecipients, recoveryState } from './recovery.ts'
import { type RestoreWorld, stageRestore } from './restoring.ts'

export interface BackupParts extends BackupWorld, Pick<RestoreWorld, 'profile' | 'presentSpool'> {
  /** Reads sticks and cards. */
  readonly machine?: Machine
  /** A restore was staged: somebody opens the box anew. */
  readonly onStaged: () => void
}

const shortestPassphrase = 10
type Restoring = ReturnType<BackupOperations['restore']>

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
  const machine = parts.machine ?? noService
  /** They would write into the same folder, and one would close the card that the other reads. */
  const alone = async (work: () => Restoring): Restoring => {
    if (isRestoring) return { kind: 'refused', reason: 'another backup is being restored' }
    isRestoring = true
    try {
      return await work()
    } finally {
      isRestoring = false
    }
  }
  const restore: BackupOperations['restore'] = async (octets, wish, who, isStillAllowed) => {
    const presentOperators = () => settings.setup.operators
    const world = { ...parts, signal, presentOperators, isStillAllowed }
    const staged = await stageRestore(octets, wish, who, world)
    if (staged.kind === 'done' && staged.restored.isTaken) parts.onStaged()
    return staged
  }
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
    restore: (...asked) => alone(() => restore(...asked)),
    backupTargets: async () => (await targetRound()).targetStates(parts),
    testBackupTarget: async (name, who) => (await targetRound()).testTarget(parts, name, who),
    sticks: async () => {
      const listed = await machine.call('stick-list', {})
      if (listed.kind === 'absent') return { kind: 'refused', reason: noSticks }
      return listed.kind === 'done' ? { kind: 'done', sticks: listed.answer.sticks } : listed
    },
    useStick: async (isWanted, who) =>
      (await import('./targets/stick-wish.ts')).useStick(settings, isWanted, who),
    storages: async () => {
      const listed = await machine.call('storage-list', {})
      if (listed.kind === 'absent') return { kind: 'refused', reason: noMachine }
      return listed.kind === 'done' ? { kind: 'done', storages: listed.answer.storages } : listed
    },
    takeOverStorage: (storage, wish, who, isStillAllowed) =>
      alone(async () => {
        const found = await oldBoxOnStorage(machine, storage)
        if (found.kind === 'refused') return found
        await using _card = found
        try {
          const done = await restore(found.octets, wish, who, isStillAllowed)
          if (done.kind === 'refused') return done
          const remarks = [...found.remarks, ...done.restored.remarks]
          return { ...done, restored: { ...done.restored, remarks } }
        } catch (error) {
          if (error instanceof StorageLost) return { kind: 'refused', reason: error.message }
          throw error
        }
      }),
    recoveryCode: (who) => mintRecovery(recovery, who),
    confirmRecovery: async (part, who) => confirmRecovery(recovery, part, who),
    verifyAudit: async (witnesses) =>
      settings.verifyAudit([...(await auditWitnesses(dataDir)), ...witnesses]),
  }
}

const noSticks = 'this machine has no service that writes on sticks: whoever set it up copies the files'

/** Few boxes have targets. */
const targetRound = () => import('./targets/target-round.ts')

async function wishedBackup(
  parts: BackupParts,
  { withSpool, passphrase, withoutKey = false }: BackupWish,
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
  const sealedFor = passphrase === undefined ? { recipients } : { passphrase }
  const made = await makeBackup(parts, sealedFor, { withSpool, withoutKey })
  const without = withoutKey ? ', without the key of its secrets' : ''
  if (made.kind === 'done')
    parts.settings.record(who, [`backup: one was made ${withSpool ? 'with' : 'without'} mail${without}`])
  return made
}
