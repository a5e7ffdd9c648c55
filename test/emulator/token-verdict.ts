// What a resource server looks at in an access token of Entra
// (https://learn.microsoft.com/entra/identity-platform/claims-validation).
import type { TokenClaims } from './access-token.ts'
import type { AzureSettings, EntraApp } from './azure-settings.ts'

export interface TokenDemand {
  /** The resource, without a slash at its end. */
  readonly audience: string
  /** An application permission; without it any app of a tenant may come. */
  readonly role?: string
  /** Without it tokens of every tenant are taken. */
  readonly tenant?: string
}

export type TokenVerdict =
  | { readonly kind: 'valid'; readonly claims: TokenClaims; readonly app: EntraApp }
  | {
      readonly kind: 'refused'
      /** `app`: the registration is gone since the token was issued. */
      readonly reason: 'signature' | 'audience' | 'tenant' | 'expired' | 'not-yet' | 'role' | 'app'
    }

/** How far Entra lets clocks differ. */
const toleranceSeconds = 300

/** `claims` of a token whose signature is good, `undefined` for any other. */
export function judgeToken(
  claims: TokenClaims | undefined,
  demand: TokenDemand,
  settings: AzureSettings,
): TokenVerdict {
  if (claims === undefined) return { kind: 'refused', reason: 'signature' }
  const nowSeconds = settings.now() / 1000
  if (claims.aud.replace(/\/$/, '') !== demand.audience) return { kind: 'refused', reason: 'audience' }
  if (demand.tenant !== undefined && claims.tid !== demand.tenant)
    return { kind: 'refused', reason: 'tenant' }
  if (claims.exp <= nowSeconds) return { kind: 'refused', reason: 'expired' }
  if (claims.iat > nowSeconds + toleranceSeconds) return { kind: 'refused', reason: 'not-yet' }
  if (demand.role !== undefined && !claims.roles.includes(demand.role))
    return { kind: 'refused', reason: 'role' }
  const app = settings.apps.find((one) => one.tenant === claims.tid && one.clientId === claims.appid)
  return app === undefined ? { kind: 'refused', reason: 'app' } : { kind: 'valid', claims, app }
}
