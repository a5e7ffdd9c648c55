import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { chmodSync, readFileSync } from 'node:fs'
import { errorCode, writeDurably } from './durable-file.ts'

const keyOctets = 32
const nonceOctets = 12
const tagOctets = 16
const version = 1
const checkName = 'vault/check'
const checkValue = 'inkpost'
const keyHeader = 'inkpost-vault-1'

export type Unsealed =
  | { readonly kind: 'open'; readonly value: string }
  | { readonly kind: 'locked' }
  /** Changed, cut, or moved here from another row. */
  | { readonly kind: 'damaged' }

/** A value sealed with the key that belongs to this database, kept beside the secrets: tells a wrong key from a right one. */
export interface VaultCheck {
  load(): Uint8Array | undefined
  save(sealed: Uint8Array): void
}

export type VaultState =
  | { readonly kind: 'open' }
  /** The key file is missing, unreadable, or of another box. */
  | { readonly kind: 'locked'; readonly reason: string }

/** Seals text under a row's name with AES-256-GCM; what is sealed under one name does not open under another. */
export class Vault {
  readonly state: VaultState
  readonly #key: Uint8Array | undefined
  readonly #random: (octets: number) => Uint8Array

  constructor(state: VaultState, key: Uint8Array | undefined, random: (octets: number) => Uint8Array) {
    this.state = state
    this.#key = key
    this.#random = random
  }

  /** Undefined while locked: nothing is ever sealed under a key that this box may not have tomorrow. */
  seal(name: string, value: string): Uint8Array | undefined {
    return this.#key === undefined ? undefined : sealWith(this.#key, name, value, this.#random(nonceOctets))
  }

  open(name: string, sealed: Uint8Array): Unsealed {
    if (this.#key === undefined) return { kind: 'locked' }
    const value = openWith(this.#key, name, sealed)
    return value === undefined ? { kind: 'damaged' } : { kind: 'open', value }
  }

  /** 32 octets for one purpose, the same in every box with this key; undefined while locked. */
  derive(purpose: string): Uint8Array | undefined {
    if (this.#key === undefined) return undefined
    return new Uint8Array(hkdfSync('sha256', this.#key, '', `inkpost/${purpose}`, keyOctets))
  }
}

/**
 * Opens the vault whose key is in `file` (mode 0600). The key is made once: at the first start, when neither a key nor a
 * check value is there. A key file that is missing, unreadable or of another box is never overwritten: the vault stays
 * locked, so that putting the right file back cures everything. Throws if a first key cannot be written.
 */
export function openVault(
  file: string,
  check: VaultCheck,
  random: (octets: number) => Uint8Array = randomBytes,
): Vault {
  const locked = (reason: string): Vault => new Vault({ kind: 'locked', reason }, undefined, random)
  const sealedCheck = check.load()
  const found = readKey(file)
  if (found.kind === 'unusable') return locked(found.reason)
  if (found.kind === 'missing' && sealedCheck !== undefined) return locked(`${file} is missing`)

  const key = found.kind === 'found' ? found.key : makeKey(file, random)
  if (sealedCheck === undefined) check.save(sealWith(key, checkName, checkValue, random(nonceOctets)))
  else if (openWith(key, checkName, sealedCheck) !== checkValue)
    return locked(`${file} does not belong to these settings`)
  return new Vault({ kind: 'open' }, key, random)
}

type FoundKey =
  | { readonly kind: 'found'; readonly key: Uint8Array }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly reason: string }

function readKey(file: string): FoundKey {
  let text: string
  try {
    text = readFileSync(file, 'latin1')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'missing' }
    return { kind: 'unusable', reason: `${file} cannot be read: ${errorCode(error) ?? String(error)}` }
  }
  const [header, encoded = ''] = text.trim().split(/\s+/)
  const key = Buffer.from(encoded, 'base64')
  if (header !== keyHeader || key.length !== keyOctets)
    return { kind: 'unusable', reason: `${file} is no vault key` }
  keepPrivate(file)
  return { kind: 'found', key }
}

/** A key restored by hand often comes back readable for all. */
function keepPrivate(file: string): void {
  try {
    chmodSync(file, 0o600)
  } catch {
    // Not ours to change, or read-only: it was readable, which is what counts here.
  }
}

function makeKey(file: string, random: (octets: number) => Uint8Array): Uint8Array {
  const key = random(keyOctets)
  writeDurably(file, `${keyHeader} ${Buffer.from(key).toString('base64')}\n`, 0o600)
  return key
}

/** The name is authenticated with the version, so that a row can be neither swapped nor downgraded. */
const associated = (name: string): Buffer => Buffer.from(`inkpost/${version}/${name}`, 'utf8')

/** version (1) · nonce (12) · tag (16) · ciphertext */
function sealWith(key: Uint8Array, name: string, value: string, nonce: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagOctets })
  cipher.setAAD(associated(name))
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return Buffer.concat([Uint8Array.of(version), nonce, cipher.getAuthTag(), text])
}

function openWith(key: Uint8Array, name: string, sealed: Uint8Array): string | undefined {
  const head = 1 + nonceOctets
  if (sealed[0] !== version || sealed.length < head + tagOctets) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, head), {
    authTagLength: tagOctets,
  })
  decipher.setAAD(associated(name))
  decipher.setAuthTag(sealed.subarray(head, head + tagOctets))
  try {
    return decipher.update(sealed.subarray(head + tagOctets), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}
