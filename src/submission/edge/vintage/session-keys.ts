import { keyScheduleOf } from './key-schedule.ts'
import type { DirectionKeys } from './record-protection.ts'
import type { Suite } from './suites.ts'
import type { Version } from './versions.ts'

/** What both hellos settled. */
export interface Agreement {
  readonly version: Version
  readonly suite: Suite
  readonly clientVersion: number
  readonly clientRandom: Uint8Array
  readonly serverRandom: Uint8Array
}

export interface SessionKeys {
  readonly version: Version
  readonly master: Buffer
  readonly client: DirectionKeys
  readonly server: DirectionKeys
}

/** RFC 5246 section 6.3: MAC secrets, keys, IVs, each the client's first. */
export function deriveKeys(
  { version, suite, clientRandom, serverRandom }: Agreement,
  premaster: Uint8Array,
): SessionKeys {
  const schedule = keyScheduleOf(version)
  const randoms = { client: clientRandom, server: serverRandom }
  const master = schedule.masterSecret(premaster, randoms)
  const sizes = [suite.macLength, suite.keyLength, suite.blockLength].flatMap((size) => [size, size])
  const ends = sizes.map((_, nth) => sizes.slice(0, nth + 1).reduce((sum, size) => sum + size, 0))
  const block = schedule.keyBlock(master, randoms, ends.at(-1) ?? 0)
  const part = (nth: number): Buffer => block.subarray((ends[nth] ?? 0) - (sizes[nth] ?? 0), ends[nth])
  return {
    version,
    master,
    client: { version, suite, macSecret: part(0), key: part(2), iv: part(4) },
    server: { version, suite, macSecret: part(1), key: part(3), iv: part(5) },
  }
}
