// Client assertions: a JWT signed with the app's own certificate instead of a secret
// (https://learn.microsoft.com/entra/identity-platform/certificate-credentials).
import { constants, createHash, verify, X509Certificate } from 'node:crypto'
import * as v from 'valibot'
import { decodeSection } from './access-token.ts'
import { aadError, type EntraError } from './entra-errors.ts'

/** How far Entra lets clocks differ. */
const toleranceSeconds = 300

const headerSchema = v.object({
  alg: v.picklist(['PS256', 'RS256']),
  'x5t#S256': v.optional(v.string()),
  x5c: v.optional(v.union([v.array(v.string()), v.string()])),
})
const claimsSchema = v.object({
  aud: v.string(),
  iss: v.string(),
  sub: v.string(),
  jti: v.pipe(v.string(), v.minLength(1)),
  exp: v.number(),
  nbf: v.number(),
})

type Header = v.InferOutput<typeof headerSchema>
type Claims = v.InferOutput<typeof claimsSchema>

export interface AssertionContext {
  readonly clientId: string
  readonly tokenEndpoint: string
  /** Registered for the app, PEM. */
  readonly certificates: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Likewise, by the clock that dated the assertion. */
  readonly assertionNow: number
  /** Ids seen so far; a good assertion's id is added. */
  readonly usedIds: Set<string>
}

function thumbprint(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url')
}

function isNamedBy(header: Header, certificate: X509Certificate): boolean {
  if (header['x5t#S256'] !== undefined) return header['x5t#S256'] === thumbprint(certificate)
  const leaf = typeof header.x5c === 'string' ? header.x5c : header.x5c?.[0]
  return (
    leaf !== undefined &&
    Buffer.from(leaf.replace(/-----[^-]*-----|\s/g, ''), 'base64').equals(certificate.raw)
  )
}

function isSignedBy(
  certificate: X509Certificate,
  header: Header,
  signed: string,
  signature: Buffer,
): boolean {
  const scheme =
    header.alg === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING }
  return verify('sha256', Buffer.from(signed), { key: certificate.publicKey, ...scheme }, signature)
}

function checkClaims(claims: Claims, context: AssertionContext): EntraError | undefined {
  const nowSeconds = context.assertionNow / 1000
  if (claims.iss !== context.clientId || claims.sub !== context.clientId) {
    return aadError(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
  }
  if (claims.aud !== context.tokenEndpoint) {
    return aadError(700023, 'Client assertion audience claim does not match Realm issuer.')
  }
  if (claims.nbf > nowSeconds + toleranceSeconds || claims.exp <= nowSeconds - toleranceSeconds) {
    const at = (seconds: number): string => new Date(seconds * 1000).toISOString()
    return aadError(
      700024,
      `Client assertion is not within its valid time range. Current time: ${at(nowSeconds)}, ` +
        `assertion valid from ${at(claims.nbf)}, expiry time of assertion ${at(claims.exp)}.`,
    )
  }
  return context.usedIds.has(claims.jti)
    ? aadError(50027, "JWT token is invalid: 'jti' was used before.")
    : undefined
}

/** `undefined` when the assertion proves the app; else the error Entra answers. */
export function refuseAssertion(assertion: string, context: AssertionContext): EntraError | undefined {
  const [headerPart, claimsPart, signature, ...rest] = assertion.split('.')
  const header = v.safeParse(headerSchema, decodeSection(headerPart))
  const claims = v.safeParse(claimsSchema, decodeSection(claimsPart))
  if (!header.success || !claims.success || signature === undefined || rest.length > 0) {
    return aadError(50027, 'JWT token is invalid or malformed.')
  }
  const named = context.certificates
    .map((pem) => new X509Certificate(pem))
    .find((one) => isNamedBy(header.output, one))
  if (named === undefined) {
    return aadError(
      700027,
      'The certificate with identifier used to sign the client assertion is not registered on application.',
    )
  }
  if (named.validToDate.getTime() < context.now) {
    return aadError(700027, 'The certificate used to sign the client assertion is expired.')
  }
  if (!isSignedBy(named, header.output, `${headerPart}.${claimsPart}`, Buffer.from(signature, 'base64url'))) {
    return aadError(700027, 'Client assertion failed signature validation.')
  }
  const refusal = checkClaims(claims.output, context)
  if (refusal === undefined) context.usedIds.add(claims.output.jti)
  return refusal
}
