import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { keyPem, makeSigningKey, type PublicText, readSigningKey, type SigningKey } from './keys.ts'
import { jsonOf } from './signed-file.ts'
import { isTable } from './tables.ts'

/** What others know a box by: what is sealed for it, and how what it says is told from what somebody else says. */
export interface BoxIdentity {
  /** X25519, the 32 octets of RFC 7748 in base64url. */
  readonly sealX: string
  readonly signing: PublicText
}

export interface OwnIdentity extends BoxIdentity {
  readonly sealKey: KeyObject
  readonly signingKey: SigningKey
}

const mark = 'inkpost-box:'

/** One line for a mail or a file: `inkpost-box:` and both public keys. */
export const identityText = ({ sealX, signing }: BoxIdentity): string =>
  `${mark}${sealX}.${signing.replace('ed25519:', '')}`

export function readIdentity(text: string): BoxIdentity | undefined {
  const [, sealX, signing] = /^inkpost-box:([\w-]{43})\.([\w-]{43})$/.exec(text.trim()) ?? []
  return sealX === undefined || signing === undefined ? undefined : { sealX, signing: `ed25519:${signing}` }
}

export const makeIdentity = (): OwnIdentity =>
  ownIdentityOf(generateKeyPairSync('x25519').privateKey, makeSigningKey())

const ownIdentityOf = (sealKey: KeyObject, signingKey: SigningKey): OwnIdentity => ({
  sealKey,
  signingKey,
  sealX: String(createPublicKey(sealKey).export({ format: 'jwk' }).x),
  signing: signingKey.publicText,
})

/** What the vault keeps. */
export const identitySecret = ({ sealKey, signingKey }: OwnIdentity): string =>
  JSON.stringify({
    seal: sealKey.export({ type: 'pkcs8', format: 'pem' }),
    sign: keyPem(signingKey, ''),
  })

/** Throws on what `identitySecret` did not write. */
export function ownIdentity(secret: string): OwnIdentity {
  const value = jsonOf(secret)
  const { seal, sign } = isTable(value) ? value : {}
  const signingKey = readSigningKey(String(sign), '')
  if (signingKey === undefined) throw new Error('what is kept is no identity of a box')
  return ownIdentityOf(createPrivateKey(String(seal)), signingKey)
}
