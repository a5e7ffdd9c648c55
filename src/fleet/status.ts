import type { FleetStatus } from '../core/fleet.ts'
import { fleetReasons, fleetStates } from '../core/fleet.ts'
import { day, hour } from '../core/time.ts'
import type { BoxIdentity } from './box-identity.ts'
import type { SigningKey } from './keys.ts'
import { openFile, signFile } from './signed-file.ts'
import { isTable } from './tables.ts'

/** A box says how it is this often; twice of it without a word makes it silent. */
export const tellEveryMs = 1 * hour
export const silentAfterMs = 2 * hour + hour / 2

export const signStatus = (status: FleetStatus, key: SigningKey): string => signFile('status', status, [key])

/** Undefined: it is not what this box said. */
export function readStatus(text: string, { signing }: BoxIdentity, box: string): FleetStatus | undefined {
  const opened = openFile('status', text, [signing])
  if (opened.kind === 'refused' || !isTable(opened.value)) return undefined
  const { fleet, name, version, state, reason, canary } = opened.value
  const numbers = ['serial', 'at', 'healthySince', 'alarms', 'warnings', 'waiting', 'paused'] as const
  const [serial = 0, at = 0, healthySince = 0, alarms = 0, warnings = 0, waiting = 0, paused = 0] =
    numbers.map((key) => Number(isTable(opened.value) ? opened.value[key] : 0))
  const known = fleetStates.find((each) => each === state)
  if (name !== box || known === undefined || ![serial, at, healthySince].every(Number.isFinite))
    return undefined
  return {
    fleet: String(fleet),
    name: box,
    version: String(version),
    serial,
    at,
    healthySince,
    alarms,
    warnings,
    waiting,
    paused,
    state: known,
    reason: fleetReasons.find((each) => each === reason) ?? '',
    canary: canary === true,
  }
}

/** So long a canary has to be well with a serial before anybody else takes it. */
export const canaryMs = 1 * day

interface ReleaseWish {
  readonly serial: number
  readonly now: number
  /** Somebody has looked at what the canaries tell. */
  readonly isAnyway: boolean
}

/** What keeps a serial from the others, as sentences; none: nothing does. */
export function releaseTroubles(
  canaries: readonly { readonly name: string; readonly status: FleetStatus | undefined }[],
  wish: ReleaseWish,
): readonly string[] {
  if (canaries.length === 0)
    return ['fleet.toml names no canaries: without one that takes it first nobody knows what it does']
  return canaries.flatMap(({ name, status }) => {
    const trouble = canaryTrouble(status, wish) ?? (wish.isAnyway ? undefined : toldTrouble(status))
    return trouble === undefined ? [] : [`${name} ${trouble}`]
  })
}

/** The bundle may have done what somebody has to look at there, though the box still works. */
function toldTrouble(status: FleetStatus | undefined): string | undefined {
  const { alarms = 0, paused = 0 } = status ?? {}
  if (alarms === 0 && paused === 0) return undefined
  return `tells ${counted(alarms, 'alarm')} and ${counted(paused, 'way out', 'ways out')} paused: look there, or say --anyway`
}

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

function canaryTrouble(status: FleetStatus | undefined, { serial, now }: ReleaseWish): string | undefined {
  if (status === undefined) return 'has not told how it is, or somebody else wrote what stands there'
  if (status.state === 'refused' || status.state === 'rolled-back')
    return `${status.state === 'refused' ? 'refused' : 'gave back'} what was published (${status.reason})`
  if (status.serial !== serial) return `has serial ${status.serial}`
  if (now - status.at > silentAfterMs) return `is silent since ${new Date(status.at).toISOString()}`
  // Such a word could be shown for long after the box fell silent.
  if (status.at - now > silentAfterMs)
    return `has a clock that is ahead: it says ${new Date(status.at).toISOString()}`
  if (!status.canary) return 'is no canary by its own [fleet]'
  if (status.healthySince === 0) return 'is not well'
  const wellMs = status.at - status.healthySince
  return wellMs >= canaryMs
    ? undefined
    : `is well for ${Math.max(0, Math.floor(wellMs / hour))} h only, of 24`
}
