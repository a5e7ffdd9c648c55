// Access tokens of the emulated Entra: signed JWTs that a client must treat as opaque.
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import * as v from 'valibot'

const claimsSchema = v.object({
  aud: v.string(),
  iss: v.string(),
  iat: v.number(),
  exp: v.number(),
  tid: v.string(),
  appid: v.string(),
  /** Object id of the app's service principal in the tenant. */
  oid: v.string(),
  /** Application permissions on the audience; Entra leaves the claim out when there are none. */
  roles: v.optional(v.array(v.string()), () => []),
  /** Entra's mark of how the app authenticated: 1 secret, 2 certificate. */
  appidacr: v.picklist(['1', '2']),
})

export type TokenClaims = v.InferOutput<typeof claimsSchema>

export interface TokenSigner {
  /** Public key set, as `jwks_uri` serves it. */
  readonly keySet: { readonly keys: readonly object[] }
  issue(claims: TokenClaims): string
  /** The claims of a token this signer made, whatever their time; `undefined` for anything else. */
  read(token: string): TokenClaims | undefined
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The JSON in one base64url section of a JWT; `undefined` if it is none. */
export function decodeSection(section: string | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(section ?? '', 'base64url').toString())
  } catch {
    return undefined
  }
}

export function createTokenSigner(): TokenSigner {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url')

  function issue({ roles, ...claims }: TokenClaims): string {
    const payload = { ...claims, nbf: claims.iat, ver: '1.0', ...(roles.length === 0 ? {} : { roles }) }
    const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid })}.${encode(payload)}`
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
  }

  function read(token: string): TokenClaims | undefined {
    const [header, payload, signature, ...rest] = token.split('.')
    if (signature === undefined || rest.length > 0) return undefined
    const isOurs = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      publicKey,
      Buffer.from(signature, 'base64url'),
    )
    const claims = v.safeParse(claimsSchema, decodeSection(payload))
    return isOurs && claims.success ? claims.output : undefined
  }

  return { keySet: { keys: [{ ...jwk, kid, use: 'sig', alg: 'RS256' }] }, issue, read }
}
