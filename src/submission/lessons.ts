import type { SessionRecord } from '../core/spool.ts'
import type { VerdictCode } from '../core/verdict.ts'
import type { DeviceTraits } from './device-traits.ts'
import type { ClientMemories } from './edge/client-memories.ts'
import type { Rules } from './rules.ts'
import type { Sightings } from './sightings.ts'
import type { Trail } from './trail.ts'

export interface Pupils {
  readonly sightings: Pick<Sightings, 'saw'>
  readonly traits: Pick<DeviceTraits, 'saw'>
  readonly memories: ClientMemories
}

export interface Lesson {
  readonly trail: Trail
  /** Names of docs/devices.md. */
  readonly repairs: ReadonlySet<string>
}

/** What a session that is over teaches: what a device needs, or that somebody is there whom nobody knows. */
export function learnFrom(pupils: Pupils, rules: Rules, record: SessionRecord, lesson: Lesson): void {
  const { sightings, traits, memories } = pupils
  const { device, address, helo, tls } = record
  const { username, mailFrom, rcptDomain, mechanism } = lesson.trail
  if (device !== undefined) {
    const repairs = [...lesson.repairs].sort()
    traits.saw({ device, address, tls, mechanism, session: record.id, repairs })
    return
  }
  const result = record.result === '' ? tlsTrouble(record) : record.result
  if (result === '' || isKnown(rules, lesson.trail, address, memories.deviceAt(address))) return
  sightings.saw({ address, helo, username, triedAuth: mechanism !== '', mailFrom, rcptDomain, tls, result })
}

/** A device that mistypes its password, from an address of the network or its own, is not another device. */
function isKnown(
  { byAddress, byName }: Rules,
  trail: Trail,
  address: string,
  remembered: string | undefined,
) {
  if (trail.mechanism !== '' && !trail.hasUnknownLogin) return true
  if (remembered !== undefined && byName.has(remembered)) return true
  return byAddress.some(({ networks }) => networks.has(address))
}

const tlsTroubles: ReadonlySet<VerdictCode> = new Set(['T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'K3'])

/** Why there was no session at all; empty where the client just left. */
const tlsTrouble = ({ verdict }: SessionRecord): string =>
  verdict && tlsTroubles.has(verdict.code) ? `${verdict.code}: ${verdict.sentence}` : ''
