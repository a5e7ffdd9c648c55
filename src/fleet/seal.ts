import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import type { BoxIdentity, OwnIdentity } from './box-identity.ts'

/** How a sealed secret stands in a file of the fleet's folder. */
const mark = 'sealed:'
const keyOctets = 32
const nonceOctets = 12
const tagOctets = 16

export const isSealed = (text: string): boolean => text.startsWith(mark)

const publicKeyOf = (x: string): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })

/** Both public keys and the box's name are in the key: what is sealed for one box is nothing under another name. */
function keyFor(shared: Buffer, box: string, ephemeralX: string, sealX: string): Uint8Array {
  const salt = Buffer.from(`${ephemeralX}.${sealX}`)
  return new Uint8Array(hkdfSync('sha256', shared, salt, `inkpost-fleet-1 sealed for ${box}`, keyOctets))
}

/** X25519 with a key of the moment, HKDF-SHA256, AES-256-GCM: only the box can open it, whoever sealed it neither. */
export function sealFor(box: string, { sealX }: BoxIdentity, secret: string): string {
  const moment = generateKeyPairSync('x25519')
  const ephemeralX = String(moment.publicKey.export({ format: 'jwk' }).x)
  const shared = diffieHellman({ privateKey: moment.privateKey, publicKey: publicKeyOf(sealX) })
  const nonce = randomBytes(nonceOctets)
  const cipher = createCipheriv('aes-256-gcm', keyFor(shared, box, ephemeralX, sealX), nonce)
  const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  const octets = Buffer.concat([Buffer.from(ephemeralX, 'base64url'), nonce, body, cipher.getAuthTag()])
  return `${mark}${octets.toString('base64url')}`
}

/** Undefined: it was sealed for another box, or somebody changed it. */
export function openSealed(box: string, own: OwnIdentity, sealed: string): string | undefined {
  const octets = Buffer.from(sealed.slice(mark.length), 'base64url')
  if (octets.length < keyOctets + nonceOctets + tagOctets) return undefined
  const ephemeralX = octets.subarray(0, keyOctets).toString('base64url')
  const nonce = octets.subarray(keyOctets, keyOctets + nonceOctets)
  const body = octets.subarray(keyOctets + nonceOctets, -tagOctets)
  try {
    const shared = diffieHellman({ privateKey: own.sealKey, publicKey: publicKeyOf(ephemeralX) })
    const decipher = createDecipheriv('aes-256-gcm', keyFor(shared, box, ephemeralX, own.sealX), nonce)
    decipher.setAuthTag(octets.subarray(-tagOctets))
    return `${decipher.update(body, undefined, 'utf8')}${decipher.final('utf8')}`
  } catch (error) {
    // A wrong tag, or a point of low order (RFC 7748 section 6.1).
    if (error instanceof Error) return undefined
    throw error
  }
}
