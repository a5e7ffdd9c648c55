import type { Agent } from 'node:https'
import type { TokenCredential } from '@azure/core-auth'
import type { PipelinePolicy, PipelineResponse } from '@azure/core-rest-pipeline'
import { identitySdk } from './azure-sdk.ts'
import type { EntraApplication, Proof } from './entra-application.ts'
import { type EntraSighting, entraOutcome } from './entra-outcome.ts'
import { type NetworkTrouble, networkTroubleOf } from './network-trouble.ts'
import { retryAfterMs } from './retry-after.ts'
import type { TokenAnswer } from './token-source.ts'

export interface SignIn {
  readonly application: EntraApplication
  readonly scope: string
  readonly claims?: string
  readonly proof: Exclude<Proof, { kind: 'unavailable' }>
  readonly agent: Agent
  /** Limit for each of discovery and token, ms. */
  readonly timeoutMs: number
}

/**
 * One sign-in: discovery, then the token, each within its time limit. The credential object lives for this one request: after a failure
 * the library would refuse for a minute without asking the network.
 */
export async function requestToken(signIn: SignIn): Promise<TokenAnswer> {
  const witness = new Witness(signIn.timeoutMs)
  try {
    const credential = await credentialFor(signIn, witness.policy)
    const claims = signIn.claims === undefined ? {} : { claims: signIn.claims, enableCae: true }
    const token = await credential.getToken(signIn.scope, claims)
    if (token) return { kind: 'token', token: token.token, expiresOn: token.expiresOnTimestamp }
    return { kind: 'refused', trouble: entraOutcome({ kind: 'local', message: 'no token came' }) }
  } catch (error) {
    return { kind: 'refused', trouble: entraOutcome(witness.sighting ?? localSighting(error)) }
  }
}

const localSighting = (error: unknown): EntraSighting => ({
  kind: 'local',
  message: error instanceof Error ? error.message : String(error),
})

async function credentialFor(signIn: SignIn, policy: PipelinePolicy): Promise<TokenCredential> {
  const { ClientSecretCredential, ClientCertificateCredential } = await identitySdk()
  const { authority, tenantId, clientId } = signIn.application
  const { proof } = signIn
  const options = {
    authorityHost: authority,
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy, position: 'perCall' as const }],
    agent: signIn.agent,
  }
  if (proof.kind === 'secret') return new ClientSecretCredential(tenantId, clientId, proof.secret, options)
  const certificate = `${proof.certificatePem}\n${proof.keyPem}`
  return new ClientCertificateCredential(tenantId, clientId, { certificate }, options)
}

/** Sets the time limit that the library lacks and takes down the real error, which it loses on the way up. */
class Witness {
  sighting: EntraSighting | undefined
  readonly #timeoutMs: number

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  readonly policy: PipelinePolicy = {
    name: 'inkpostEntraWitness',
    sendRequest: async (request, next) => {
      request.timeout = this.#timeoutMs
      try {
        const response = await next(request)
        this.sighting = sightingOf(response)
        return response
      } catch (error) {
        this.sighting = { kind: 'network', trouble: this.#troubleOf(error) }
        throw error
      }
    },
  }

  #troubleOf(error: unknown): NetworkTrouble {
    if (!(error instanceof Error) || error.name !== 'AbortError') return networkTroubleOf(error)
    return {
      code: 'ETIMEDOUT',
      message: `no answer from the sign-in server within ${this.#timeoutMs / 1000} s`,
    }
  }
}

/** The OAuth error of a reply; none for a reply that is as it should be. */
function sightingOf(response: PipelineResponse): EntraSighting | undefined {
  const reply = parsedReply(response.bodyAsText ?? '')
  if (response.status === 200 && reply !== undefined && reply['error'] === undefined) return undefined
  const numbers = Array.isArray(reply?.['error_codes']) ? reply['error_codes'] : []
  return {
    kind: 'reply',
    status: response.status,
    error: textOf(reply?.['error']),
    description: textOf(reply?.['error_description']).replace(/ Trace ID:.*$/s, ''),
    numbers: numbers.filter((number) => typeof number === 'number'),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function parsedReply(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
