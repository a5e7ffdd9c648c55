import { randomBytes, timingSafeEqual } from 'node:crypto'
import { decipher, encipher } from './ciphers.ts'
import { recordMac } from './record-mac.ts'
import type { Suite } from './suites.ts'
import { ssl30, tls11, type Version } from './versions.ts'

/** Keys of one direction. */
export interface DirectionKeys {
  readonly version: Version
  readonly suite: Suite
  readonly macSecret: Uint8Array
  readonly key: Uint8Array
  readonly iv: Uint8Array
}

export type Seal = (type: number, data: Uint8Array) => Buffer
/** Undefined: padding or MAC is wrong; which of them is never told (RFC 5246 section 7.2.2). */
export type Open = (type: number, fragment: Uint8Array) => Buffer | undefined

/** From TLS 1.1 on each CBC record begins with its own IV (RFC 4346 section 6.2.3.2). */
const ivLength = ({ version, suite }: DirectionKeys): number => (version >= tls11 ? suite.blockLength : 0)

export function sealing(keys: DirectionKeys): Seal {
  const { version, suite, macSecret, key, iv } = keys
  const mac = recordMac(version, suite, macSecret)
  const cipher = encipher(suite, key, iv)
  return (type, data) => {
    const pieces = [randomBytes(ivLength(keys)), data, mac(type, data)]
    return cipher.update(Buffer.concat([...pieces, padding(data.length, suite)]))
  }
}

/** RFC 5246 section 6.2.3.2: the shortest that fills a block, each octet its length without the last. */
function padding(dataLength: number, { blockLength, macLength }: Suite): Buffer {
  if (blockLength === 0) return Buffer.alloc(0)
  const length = blockLength - ((dataLength + macLength) % blockLength)
  return Buffer.alloc(length, length - 1)
}

export function opening(keys: DirectionKeys): Open {
  const { version, suite, macSecret, key, iv } = keys
  const mac = recordMac(version, suite, macSecret)
  const cipher = decipher(suite, key, iv)
  const explicit = ivLength(keys)
  return (type, fragment) => {
    if (!isPossible(fragment.length - explicit, suite)) return undefined
    const plain = cipher.update(fragment).subarray(explicit)
    const { isGood, length } = suite.blockLength === 0 ? noPadding : paddingOf(plain, keys)
    const end = plain.length - length - suite.macLength
    const data = plain.subarray(0, end)
    const isTrue = timingSafeEqual(mac(type, data), plain.subarray(end, end + suite.macLength))
    return isTrue && isGood ? data : undefined
  }
}

/** Lengths are public: what they rule out needs no secret and no care. */
function isPossible(length: number, { blockLength, macLength }: Suite): boolean {
  if (blockLength === 0) return length >= macLength
  return length % blockLength === 0 && length > macLength
}

interface Padding {
  readonly isGood: boolean
  readonly length: number
}

const noPadding: Padding = { isGood: true, length: 0 }
/** RFC 5246 section 6.2.3.2: the MAC is computed all the same, as if there were no padding. */
const badPadding: Padding = { isGood: false, length: 0 }

/**
 * Looks at as many octets whatever they say. What is left of the timing (Lucky 13) can't be closed in JavaScript; SSL
 * 3.0 leaves the octets of its padding open (POODLE), so only their number is checked (RFC 6101 section 5.2.3.2).
 */
function paddingOf(plain: Uint8Array, { version, suite }: DirectionKeys): Padding {
  const said = plain.at(-1) ?? 0
  const length = said + 1
  if (length + suite.macLength > plain.length) return badPadding
  if (version === ssl30) return length <= suite.blockLength ? { isGood: true, length } : badPadding
  let difference = 0
  for (let back = 1; back <= Math.min(256, plain.length); back++) {
    const isPadding = -Number(back <= length)
    difference |= ((plain.at(-back) ?? 0) ^ said) & isPadding
  }
  return difference === 0 ? { isGood: true, length } : badPadding
}
