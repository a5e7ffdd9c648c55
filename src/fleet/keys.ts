import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'

/** `ed25519:` and the 32 octets of RFC 8032, in base64url. */
export type PublicText = string

const prefix = 'ed25519:'

export interface SigningKey {
  readonly publicText: PublicText
  readonly key: KeyObject
}

export const makeSigningKey = (): SigningKey => signingKeyOf(generateKeyPairSync('ed25519').privateKey)

const signingKeyOf = (key: KeyObject): SigningKey => ({ publicText: publicTextOf(key), key })

function publicTextOf(key: KeyObject): PublicText {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return `${prefix}${x}`
}

/** PKCS #8 in PEM; with a passphrase encrypted by it. */
export const keyPem = ({ key }: SigningKey, passphrase: string): string =>
  String(
    key.export({
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase !== '' && { cipher: 'aes-256-cbc', passphrase }),
    }),
  )

/** Undefined: it is no such key, or another passphrase opens it. */
export function readSigningKey(pem: string, passphrase: string): SigningKey | undefined {
  try {
    const key = createPrivateKey({ key: pem, passphrase })
    return key.asymmetricKeyType === 'ed25519' ? signingKeyOf(key) : undefined
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}

export const signBy = ({ key }: SigningKey, octets: Uint8Array): Buffer => sign(null, octets, key)

export function isSignedBy(publicText: PublicText, octets: Uint8Array, signature: Uint8Array): boolean {
  const x = publicText.slice(prefix.length)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, octets, key, signature)
}

export const isPublicText = (text: string): boolean => /^ed25519:[A-Za-z0-9_-]{43}$/.test(text)
