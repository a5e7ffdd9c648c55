import type { FleetReason } from '../../core/fleet.ts'
import type { FleetSetup } from '../../core/setup.ts'
import { identitySecret, makeIdentity, type OwnIdentity, ownIdentity } from '../../fleet/box-identity.ts'
import type { PublicText } from '../../fleet/keys.ts'
import type { BackupRecords } from '../../settings/backup-records.ts'

/** What a box remembers of its head office, over restarts. */
export interface FleetMemory {
  /** The keys of the setup that `keys` came of: with others it begins anew. */
  readonly trust: string
  /** By whom the next bundle is signed. */
  readonly keys: readonly PublicText[]
  /** The highest serial that was ever taken: nothing older is taken again. */
  readonly highest: number
  /** 0: nothing was taken. */
  readonly takenAt: number
  /** What was published last and does not hold here. */
  readonly refused?: Refusal
  /** What was taken has to prove itself until then. */
  readonly trial?: Trial
  /** 0: it is not healthy. */
  readonly healthySince: number
}

export interface Refusal {
  readonly state: 'refused' | 'rolled-back'
  /** 0: of a mark that could not be read. */
  readonly serial: number
  readonly reason: FleetReason
  readonly detail: string
}

export interface Trial {
  readonly serial: number
  readonly until: number
  /** Ways out that could send before. */
  readonly sent: readonly string[]
  /** Listeners that could not be opened before either. */
  readonly deaf: readonly string[]
}

const fact = 'fleet-memory'
const identityName = 'fleet-identity'

const trustOf = ({ publicKeys }: Pick<FleetSetup, 'publicKeys'>): string => publicKeys.join(' ')

/** Whoever names other keys in the setup begins anew: that is how a lost key is cured. */
export function fleetMemory(records: BackupRecords, fleet: FleetSetup): FleetMemory {
  const kept = records.fact(fact)
  const memory: FleetMemory | undefined = kept === undefined ? undefined : JSON.parse(kept)
  if (memory?.trust === trustOf(fleet)) return memory
  return { trust: trustOf(fleet), keys: fleet.publicKeys, highest: 0, takenAt: 0, healthySince: 0 }
}

export function saveFleetMemory(records: BackupRecords, memory: FleetMemory): void {
  records.saveFact(fact, JSON.stringify(memory))
}

/** Made when it is asked for first; undefined while the vault is locked. */
export function fleetIdentity(records: BackupRecords): OwnIdentity | undefined {
  const kept = records.secret(identityName)
  if (kept?.kind === 'open') return ownIdentity(kept.value)
  if (kept !== undefined) return undefined
  const made = makeIdentity()
  return records.saveSecret(identityName, identitySecret(made)) ? made : undefined
}
