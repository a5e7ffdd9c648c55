import type { SecretName } from '../core/secret.ts'
import type { Unsealed, Vault } from '../platform/vault.ts'
import { error, type Problem } from './problem.ts'
import { placeIn, type Readable } from './readable.ts'
import { type DeviceDocument, kept, type SetupDocument, type UpstreamDocument } from './schema.ts'
import {
  backupSecret,
  devicePassword,
  type SecretSlot,
  secretSlots,
  slotText,
  upstreamSecret,
} from './secret-slots.ts'

/** What a document does to the sealed secrets, worked out before anything is written. */
export interface SecretPlan {
  readonly problems: readonly Problem[]
  readonly writes: ReadonlyMap<SecretName, Uint8Array>
  /** Names that the document still needs; every other secret of a device, upstream or backup goes. */
  readonly needed: ReadonlySet<SecretName>
  /** `device "Front desk": password`. */
  readonly changed: readonly string[]
  readonly passwordLengths: readonly (number | undefined)[]
}

export interface SealedSecrets {
  readonly vault: Vault
  sealed(name: SecretName): Uint8Array | undefined
}

interface SlotPlan {
  readonly slot: SecretSlot
  readonly problem?: string
  readonly write?: Uint8Array
  readonly hasChanged: boolean
  readonly length?: number
}

/**
 * Compares the secrets of the next document with those that are kept. `(kept)` finds a device by its username, else its name, and an
 * upstream by its name, those that are `retired` too.
 */
export function planSecrets(
  previous: SetupDocument,
  retired: readonly UpstreamDocument[],
  readable: Readable,
  secrets: SealedSecrets,
): SecretPlan {
  const next = readable.document
  const ancestors = deviceAncestors(previous.device, next.device)
  const upstreams = [...previous.upstream, ...retired].map(({ name }) => name)
  const targets = previous.backup.map(({ name }) => name)
  const plans = secretSlots(next)
    .filter(({ value }) => value !== undefined)
    .map((slot) => planSlot(slot, keptUnder(slot, ancestors, upstreams, targets), secrets))
  const lengths = new Map(
    plans.flatMap(({ slot, length }) =>
      slot.table === 'device' && length !== undefined ? [[slot.index, length] as const] : [],
    ),
  )
  return {
    problems: plans.flatMap(({ slot, problem }) =>
      problem === undefined ? [] : [error(slotPlace(readable, slot), problem)],
    ),
    writes: new Map(plans.flatMap(({ slot, write }) => (write ? [[slot.name, write] as const] : []))),
    needed: new Set(plans.map(({ slot }) => slot.name)),
    changed: plans.filter(({ hasChanged }) => hasChanged).map(({ slot }) => slotText(slot)),
    passwordLengths: next.device.map((_, index) => lengths.get(index)),
  }
}

/** In the document as it was written. */
export const slotPlace = (readable: Readable, slot: SecretSlot, key = slot.key): string =>
  slot.table === 'network' || slot.table === 'fleet'
    ? `${slot.table}: ${key}`
    : placeIn(readable, slot.table, slot.index, slot.row, key)

/** For each device of the new document the name of the old one that it was; nobody is the heir of two. */
function deviceAncestors(
  previous: readonly DeviceDocument[],
  next: readonly DeviceDocument[],
): readonly (string | undefined)[] {
  const byUsername = next.map(({ username }) =>
    username === undefined ? undefined : previous.find((old) => old.username === username)?.name,
  )
  return next.map(({ name }, index) => {
    const found = byUsername[index]
    if (found !== undefined) return found
    const isFree = previous.some((old) => old.name === name) && !byUsername.includes(name)
    return isFree ? name : undefined
  })
}

/** The name under which a slot's secret rests now. */
function keptUnder(
  slot: SecretSlot,
  ancestors: readonly (string | undefined)[],
  upstreams: readonly string[],
  targets: readonly string[],
): SecretName | undefined {
  if (slot.table === 'device') {
    const ancestor = ancestors[slot.index]
    return ancestor === undefined ? undefined : devicePassword(ancestor)
  }
  if (slot.table === 'backup') return targets.includes(slot.row) ? backupSecret(slot.row) : undefined
  if (slot.table === 'network' || slot.table === 'fleet') return slot.name
  return upstreams.includes(slot.row)
    ? upstreamSecret(slot.row, slot.key.replace('credential.', ''))
    : undefined
}

function planSlot(slot: SecretSlot, from: SecretName | undefined, secrets: SealedSecrets): SlotPlan {
  const sealed = from === undefined ? undefined : secrets.sealed(from)
  const old: Unsealed | undefined =
    from === undefined || sealed === undefined ? undefined : secrets.vault.open(from, sealed)
  return slot.value === kept ? keepSlot(slot, from, old, secrets) : fillSlot(slot, from, old, secrets)
}

function keepSlot(
  slot: SecretSlot,
  from: SecretName | undefined,
  old: Unsealed | undefined,
  { vault }: SealedSecrets,
): SlotPlan {
  if (old === undefined) {
    const problem = `nothing is kept for this ${slot.table}; write the secret itself`
    return { slot, problem, hasChanged: false }
  }
  const length = old.kind === 'open' ? { length: [...old.value].length } : {}
  if (from === slot.name) return { slot, hasChanged: false, ...length }
  if (old.kind !== 'open') {
    const problem = 'what is kept cannot move to another name while the vault does not open it'
    return { slot, problem, hasChanged: false }
  }
  const write = vault.seal(slot.name, old.value)
  return { slot, hasChanged: false, ...length, ...(write && { write }) }
}

function fillSlot(
  slot: SecretSlot,
  from: SecretName | undefined,
  old: Unsealed | undefined,
  { vault }: SealedSecrets,
): SlotPlan {
  const value = slot.value ?? ''
  const length = [...value].length
  const isSame = old?.kind === 'open' && old.value === value
  if (isSame && from === slot.name) return { slot, hasChanged: false, length }
  const write = vault.seal(slot.name, value)
  if (write !== undefined) return { slot, write, hasChanged: old !== undefined && !isSame, length }
  const reason = vault.state.kind === 'locked' ? vault.state.reason : ''
  return { slot, problem: `cannot be stored: the vault is locked (${reason})`, hasChanged: false, length }
}
