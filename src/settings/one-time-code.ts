import { createHmac } from 'node:crypto'

/** Seconds of one step, and the digits of a code: what every authenticator app takes for granted. */
const stepSeconds = 30
const digits = 6
/** RFC 4226 section 4: as long as the digest. */
export const secretOctets = 20

/** The number of the step that a time lies in (RFC 6238 section 4.2, T0 = 0). */
export const stepAt = (unixMs: number): number => Math.floor(unixMs / 1000 / stepSeconds)

/** The code of a step: HOTP (RFC 4226 section 5.3) over its number. */
export function codeOf(secret: Uint8Array, step: number, length = digits): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** length).padStart(length, '0')
}

/** The steps whose codes hold at a time: the present one and its neighbours (RFC 6238 section 5.2). */
export const stepsAround = (unixMs: number): readonly number[] => {
  const now = stepAt(unixMs)
  return [now, now - 1, now + 1].filter((step) => step >= 0)
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 section 6, without padding. */
export function base32(octets: Uint8Array): string {
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet.charAt(Number.parseInt(five.padEnd(5, '0'), 2)))
    .join('')
}

/** What the QR code says (Google Authenticator's Key Uri Format); the box's name tells one box from another in the app. */
export function otpauthUri(box: string, operator: string, secret: Uint8Array): string {
  const label = `${encodeURIComponent(box)}:${encodeURIComponent(operator)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(box)}&algorithm=SHA1&digits=${digits}&period=${stepSeconds}`
}
