import {
  createCipheriv,
  createDecipheriv,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto'
import { BackupRefused } from './backup-refused.ts'
import type { Seal } from './header.ts'
import { deriveKey, keyFor, presentCost } from './key-derivation.ts'
import {
  publicKeyOf,
  publicOctets,
  type RecoveryCode,
  readRecoveryCode,
  recoveryKey,
} from './recovery-code.ts'

const saltOctets = 16
const tagOctets = 16
/** Each wrapping key wraps one file key, so its nonce need not differ. */
const nonce = new Uint8Array(12)

const text = (octets: Uint8Array): string => Buffer.from(octets).toString('base64url')
const octetsOf = (encoded: string): Uint8Array => Buffer.from(encoded, 'base64url')

function wrap(key: Uint8Array, fileKey: Uint8Array): string {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagOctets })
  return text(Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]))
}

function unwrap(key: Uint8Array, wrapped: string): Uint8Array | undefined {
  const octets = octetsOf(wrapped)
  if (octets.length <= tagOctets) return undefined
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagOctets })
  decipher.setAuthTag(octets.subarray(octets.length - tagOctets))
  try {
    return Buffer.concat([decipher.update(octets.subarray(0, octets.length - tagOctets)), decipher.final()])
  } catch {
    return undefined
  }
}

/** Whoever has the passphrase has the file's key. */
export async function sealToPassphrase(passphrase: string, fileKey: Uint8Array): Promise<Seal> {
  const salt = randomBytes(saltOctets)
  const key = await deriveKey(passphrase, salt, presentCost)
  return { kind: 'passphrase', ...presentCost, salt: text(salt), key: wrap(key, fileKey) }
}

/** The public half of a recovery code, with what its private half is derived with. */
export interface RecoveryRecipient {
  readonly n: number
  readonly r: number
  readonly p: number
  readonly salt: string
  /** 32 octets of X25519 in base64url. */
  readonly recipient: string
}

export async function recipientOf(code: RecoveryCode): Promise<RecoveryRecipient> {
  const salt = randomBytes(saltOctets)
  const recipient = publicOctets(await recoveryKey(code, salt, presentCost))
  return { ...presentCost, salt: text(salt), recipient: text(recipient) }
}

/** Only the recovery code gets the file's key back: the box, which knows the public half alone, does not. */
export function sealToRecipient(recipient: RecoveryRecipient, fileKey: Uint8Array): Seal {
  const { privateKey } = generateKeyPairSync('x25519')
  const ephemeral = publicOctets(privateKey)
  const shared = diffieHellman({ privateKey, publicKey: publicKeyOf(octetsOf(recipient.recipient)) })
  const key = keyFor('recovery', shared, Buffer.concat([ephemeral, octetsOf(recipient.recipient)]))
  return { kind: 'recovery-code', ...recipient, ephemeral: text(ephemeral), key: wrap(key, fileKey) }
}

/** The file's key by whatever the person has: a passphrase or a recovery code. Throws `BackupRefused`. */
export async function unsealFileKey(seals: readonly Seal[], secret: string): Promise<Uint8Array> {
  for (const seal of seals) {
    const key = seal.kind === 'passphrase' ? await byPassphrase(seal, secret) : await byCode(seal, secret)
    if (key !== undefined) return key
  }
  throw refusal(seals, secret)
}

async function byPassphrase(seal: Extract<Seal, { kind: 'passphrase' }>, passphrase: string) {
  return unwrap(await deriveKey(passphrase, octetsOf(seal.salt), seal), seal.key)
}

async function byCode(seal: Extract<Seal, { kind: 'recovery-code' }>, typed: string) {
  const read = readRecoveryCode(typed)
  if (read.kind === 'mistyped') return undefined
  const privateKey = await recoveryKey(read.code, octetsOf(seal.salt), seal)
  if (text(publicOctets(privateKey)) !== seal.recipient) return undefined
  const ephemeral = octetsOf(seal.ephemeral)
  const shared = diffieHellman({ privateKey, publicKey: publicKeyOf(ephemeral) })
  return unwrap(keyFor('recovery', shared, Buffer.concat([ephemeral, octetsOf(seal.recipient)])), seal.key)
}

function refusal(seals: readonly Seal[], secret: string): BackupRefused {
  if (seals.some(({ kind }) => kind === 'passphrase'))
    return new BackupRefused('wrong-secret', 'this passphrase does not open the file')
  const read = readRecoveryCode(secret)
  return read.kind === 'mistyped'
    ? new BackupRefused('mistyped', read.sentence)
    : new BackupRefused('wrong-secret', 'this is another recovery code than the one the file is sealed to')
}
