import { createHash, sign, X509Certificate } from 'node:crypto'
import { minute, second, type WallMs } from '../core/time.ts'

export interface ProofOrder {
  readonly keyPem: string
  readonly certificatePem: string
  /** Object id of the app registration: neither its client id nor the id of the Enterprise application. */
  readonly objectId: string
  readonly now: WallMs
}

/** Azure AD Graph's id, whatever cloud it is. */
const audience = '00000002-0000-0000-c000-000000000000'
/** The longest life that is taken. */
const lifeMs = 10 * minute
/** The service's clock may be behind ours. */
const backMs = minute

/**
 * Proof that the caller holds the private key of a certificate that the app has already: a JWT of ten minutes, signed by it
 * (learn.microsoft.com/graph/application-rollkey-prooftoken).
 */
export function keyProof({ keyPem, certificatePem, objectId, now }: ProofOrder): string {
  const { raw } = new X509Certificate(certificatePem)
  const thumbprint = createHash('sha1').update(raw).digest()
  const notBefore = Math.floor((now - backMs) / second)
  const header = {
    alg: 'RS256',
    typ: 'JWT',
    kid: thumbprint.toString('hex').toUpperCase(),
    x5t: thumbprint.toString('base64url'),
  }
  const claims = { aud: audience, iss: objectId, nbf: notBefore, exp: notBefore + lifeMs / second }
  const signed = `${section(header)}.${section(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), keyPem).toString('base64url')}`
}

/** Without padding: a `=` is answered with Authentication_MissingOrMalformed. */
const section = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
