import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import type { Brand } from '../core/brand.ts'
import { deriveKey, type KeyCost } from './key-derivation.ts'

/** Crockford's base32: without I, L, O and U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const randomSymbols = 22
const checkSymbols = 2
const groupSymbols = 4
/** Prime, and less than 32²: every wrong symbol and every two neighbours that changed places are noticed. */
const modulus = 1021

/** A code as it was minted or typed, without dashes: 24 symbols, of which the last two check the others. */
export type RecoveryCode = Brand<string, 'RecoveryCode'>

/** 110 random bits. */
export function mintRecoveryCode(random: (octets: number) => Uint8Array = randomBytes): RecoveryCode {
  const symbols = [...random(randomSymbols)].map((octet) => alphabet.charAt(octet % 32)).join('')
  return `${symbols}${checkOf(symbols)}` as RecoveryCode
}

function checkOf(symbols: string): string {
  const sum = [...symbols].reduce((rest, symbol) => (rest * 32 + alphabet.indexOf(symbol)) % modulus, 0)
  // So that the whole, check symbols too, is a multiple of the modulus.
  const check = (modulus - ((sum * 1024) % modulus)) % modulus
  return alphabet.charAt(Math.floor(check / 32)) + alphabet.charAt(check % 32)
}

/** `ABCD-EFGH-…`: as it is shown. */
export const recoveryCodeText = (code: RecoveryCode): string => groupsOf(code).join('-')

const groupsOf = (code: string): readonly string[] =>
  code.match(new RegExp(`.{1,${groupSymbols}}`, 'g')) ?? []

/** The last two groups: what is typed to show that the code was written down. */
export const confirmingPart = (code: RecoveryCode): string => groupsOf(code).slice(-2).join('')

/** Any case, with or without dashes and blanks, O for 0, I and L for 1. */
export const plainSymbols = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')

export type TypedCode =
  | { readonly kind: 'code'; readonly code: RecoveryCode }
  /** It was mistyped: no code looks like this. */
  | { readonly kind: 'mistyped'; readonly sentence: string }

/** Tells a code that was mistyped from one that may be another box's. */
export function readRecoveryCode(typed: string): TypedCode {
  const symbols = plainSymbols(typed)
  const expected = randomSymbols + checkSymbols
  if (symbols.length !== expected)
    return mistyped(`a recovery code has ${expected} letters and digits, this one has ${symbols.length}`)
  const stranger = [...symbols].find((symbol) => !alphabet.includes(symbol))
  if (stranger !== undefined) return mistyped(`there is no ${stranger} in a recovery code`)
  if (checkOf(symbols.slice(0, randomSymbols)) !== symbols.slice(randomSymbols))
    return mistyped('the recovery code is mistyped: its last two letters do not fit the others')
  return { kind: 'code', code: symbols as RecoveryCode }
}

const mistyped = (sentence: string): TypedCode => ({ kind: 'mistyped', sentence })

/** RFC 8410 section 7: what stands before the 32 octets of an X25519 private key in PKCS #8. */
const pkcs8Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
/** RFC 8410 section 4: the same of a public key. */
const spkiPrefix = Buffer.from('302a300506032b656e032100', 'hex')

/** The private key that a code stands for; only its public half is ever written down. */
export async function recoveryKey(code: RecoveryCode, salt: Uint8Array, cost: KeyCost): Promise<KeyObject> {
  const octets = await deriveKey(code, salt, cost)
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, octets]), format: 'der', type: 'pkcs8' })
}

/** The 32 octets of a key's public half. */
export const publicOctets = (key: KeyObject): Uint8Array =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length)

export const publicKeyOf = (octets: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([spkiPrefix, octets]), format: 'der', type: 'spki' })
