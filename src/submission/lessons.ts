import type { SessionRecord } from '../core/spool.ts'
import type { DeviceTraits } from './device-traits.ts'
import { repairsIn } from './repairs.ts'
import type { Rules } from './rules.ts'
import type { Sightings } from './sightings.ts'
import type { Trail } from './trail.ts'

/** What a session that is over teaches: what a device needs, or that somebody is there whom nobody knows. */
export function learnFrom(
  { sightings, traits }: { readonly sightings: Sightings; readonly traits: DeviceTraits },
  rules: Rules,
  record: SessionRecord,
  trail: Trail,
): void {
  const { device, address, helo, tls } = record
  if (device !== undefined) {
    const { mechanism } = trail
    traits.saw({ device, address, tls, mechanism, session: record.id, repairs: repairsIn(record.lines) })
    return
  }
  const result = record.result === '' ? tlsTrouble(record) : record.result
  if (result === '' || rules.byAddress.some(({ networks }) => networks.has(address))) return
  const { username, mailFrom, rcptDomain, mechanism } = trail
  sightings.saw({ address, helo, username, triedAuth: mechanism !== '', mailFrom, rcptDomain, tls, result })
}

/** Why there was no session at all; empty where the client just left. */
const tlsTrouble = ({ lines }: SessionRecord): string =>
  lines.find(({ from, text }) => from === 'note' && /^(?:TLS refused|TLS failed|no TLS):/.test(text))?.text ??
  ''
