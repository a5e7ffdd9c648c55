import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { ServerIdentity } from '../../../core/server-identity.ts'

/** A key that serves this engine and nothing else, and its chain in DER, leaf first. */
export interface VintageIdentity {
  readonly key: KeyObject
  /** Octets of the RSA modulus. */
  readonly modulusLength: number
  readonly chain: readonly Uint8Array[]
}

const certificates = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Throws if it is not RSA: the box makes these identities itself. */
export function vintageIdentity({ keyPem, certificatePem }: ServerIdentity): VintageIdentity {
  const key = createPrivateKey(keyPem)
  const bits = key.asymmetricKeyDetails?.modulusLength
  if (key.asymmetricKeyType !== 'rsa' || bits === undefined) throw new Error('the vintage key is not RSA')
  const chain = (certificatePem.match(certificates) ?? []).map((pem) => new X509Certificate(pem).raw)
  return { key, modulusLength: Math.ceil(bits / 8), chain }
}
