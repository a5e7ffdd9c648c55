import { randomUUID } from 'node:crypto'
import type { SignInSight, TokenClaims } from '../core/diagnosis.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { wallMs } from '../core/time.ts'
import type { ProbeOutcome, Upstream } from '../core/upstream.ts'
import { entraApplicationOf } from './entra-application.ts'
import { abortTrouble, connectionOutcome, networkTroubleOf } from './network-trouble.ts'
import { tokenScopeOf } from './token-scope.ts'
import type { TokenSource } from './token-source.ts'

export interface SignInLook {
  readonly tokens: TokenSource
  /** The driver, for this look alone. */
  readonly create: (setup: UpstreamSetup) => Upstream
}

/**
 * A fresh token where there is one to be had, then what the driver can ask without mail. Ends with the signal; what
 * the service says is an outcome, nothing rejects.
 */
export async function lookAtSignIn(
  setup: UpstreamSetup,
  { tokens, create }: SignInLook,
  signal: AbortSignal,
): Promise<SignInSight> {
  const application = entraApplicationOf(setup)
  const scope = tokenScopeOf(setup)
  let claims: TokenClaims | undefined
  try {
    if (application && scope !== '') {
      const answer = await tokens.token({ application, scope, isFresh: true }, signal)
      if (answer.kind === 'refused') return asked(undefined, answer.trouble)
      claims = claimsOf(answer.token)
    }
    await using driver = create(setup)
    return await lookWith(driver, claims, signInProves(setup), signal)
  } catch (error) {
    return asked(claims, connectionOutcome(abortTrouble(signal) ?? networkTroubleOf(error)))
  }
}

/**
 * Who is let in by SMTP may send; so does an access key that ACS takes. A token of Graph may carry no right, TLS with a
 * certificate finds its connector at RCPT only (5.7.64), and without a credential nothing was shown.
 */
const signInProves = ({ kind, credential }: UpstreamSetup): boolean =>
  kind !== 'graph' && kind !== 'exchange-connector' && credential.kind !== 'none'

const asked = (
  claims: TokenClaims | undefined,
  outcome: ProbeOutcome,
  isRightProved = false,
): SignInSight => ({
  claims,
  outcome,
  isRightProved,
})

/**
 * Where a service can be asked for an operation, asking for one that can't exist needs the same right as sending does
 * (ACS: `not-found` with the role, `denied` without), and sends nothing.
 */
async function lookWith(
  driver: Upstream,
  claims: TokenClaims | undefined,
  isProof: boolean,
  signal: AbortSignal,
): Promise<SignInSight> {
  if (!driver.traits.canAsk || !claims) {
    const outcome = await driver.probe(signal)
    return asked(claims, outcome, outcome.kind === 'usable' && isProof)
  }
  const answer = await driver.ask(randomUUID(), signal)
  switch (answer.kind) {
    case 'transient':
      return answer.code === 'not-found' ? asked(claims, { kind: 'usable' }, true) : asked(claims, answer)
    case 'throttled':
    case 'paused':
      return asked(claims, answer)
    default:
      return asked(claims, { kind: 'usable' }, true)
  }
}

/** Only decoded: the token is ours, and the service is who verifies it. An opaque one says nothing. */
export function claimsOf(token: string): TokenClaims | undefined {
  const payload = parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  if (!payload) return undefined
  const { aud, roles, exp } = payload
  return {
    audience: typeof aud === 'string' ? aud : 'nobody',
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    expiresAt: typeof exp === 'number' ? wallMs(exp * 1000) : undefined,
  }
}

interface Payload {
  readonly aud?: unknown
  readonly roles?: unknown
  readonly exp?: unknown
}

function parsed(text: string): Payload | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
