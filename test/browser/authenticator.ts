// The app on a phone that makes codes (RFC 6238), written apart from the box's own.

import { createHmac } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What the app shows at that time for a secret in Base32. */
export function oneTimeCode(secret: string, unixMs: number): string {
  const bits = [...secret.replaceAll(' ', '')]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const octets = (bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2))
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(Math.floor(unixMs / 30_000), 4)
  const mac = createHmac('sha1', Buffer.from(octets)).update(counter).digest()
  const start = mac.readUInt8(19) % 16
  return String((mac.readUInt32BE(start) % 2 ** 31) % 1_000_000).padStart(6, '0')
}
