import { X509Certificate } from 'node:crypto'
import type { Agent } from 'node:https'
import type { Clock } from '../core/clock.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { second } from '../core/time.ts'
import { deadline } from './deadline.ts'
import { type CertificateSlot, certificateApplication, type EntraApplication } from './entra-application.ts'
import { callGraph, type GraphCall, type GraphCallAnswer, jsonObject } from './graph-call.ts'
import { graphScopeOf, worldGraph } from './graph-cloud.ts'
import { keyProof } from './key-proof.ts'
import { connectionOutcome, isBeforeRequest } from './network-trouble.ts'
import { oneLine } from './pause-reasons.ts'
import { retryAfterMs } from './retry-after.ts'
import type { TokenAnswer, TokenSource } from './token-source.ts'
import { httpsAgent, loadTrust } from './trust.ts'

export interface EntraKeysParts {
  readonly clock: Clock
  readonly tokens: TokenSource
  /** URL of an HTTP proxy, or empty; asked each time, it may change. */
  readonly proxy: string
}

interface Pair {
  readonly keyPem: string
  readonly certificatePem: string
}

/** What Graph made of a call. */
export type KeyAnswer<T = object> =
  | ({ readonly kind: 'done' } & T)
  /** `code`: Graph's own, `Authorization_RequestDenied` for one. Asking again changes nothing. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly detail: string }
  /** `isUncertain`: it may have been done. */
  | {
      readonly kind: 'failed'
      readonly detail: string
      readonly isUncertain: boolean
      readonly afterMs: number
    }

/** What the app tells of itself. */
export interface RegisteredKeys {
  readonly objectId: string
  /** By SHA-1 thumbprint, hexadecimal capitals. */
  readonly keyIds: ReadonlyMap<string, string>
}

/** The door to one application's keys, opened by its present certificate. */
export interface KeyDoor {
  read(): Promise<KeyAnswer<RegisteredKeys>>
  /** Registers a certificate beside those that are there. The key id is empty where the answer lacks it. */
  add(certificatePem: string, proof: ProofBy): Promise<KeyAnswer<{ readonly keyId: string }>>
  remove(keyId: string, proof: ProofBy): Promise<KeyAnswer>
}

export interface ProofBy extends Pair {
  readonly objectId: string
}

const limitMs = 30 * second

/** The certificates of app registrations, as the apps themselves may roll them: without any permission, by proof. */
export class EntraKeys {
  readonly #parts: EntraKeysParts

  constructor(parts: EntraKeysParts) {
    this.#parts = parts
  }

  /** Whether Entra gives a token for this certificate alone: asks it, whatever is at hand. */
  async tryCertificate(
    upstream: UpstreamSetup,
    slot: CertificateSlot,
    signal: AbortSignal,
  ): Promise<TokenAnswer> {
    const application = certificateApplication(upstream, slot)
    if (!application) throw new Error(`${upstream.name} is no app with a certificate of this box`)
    const graph = await this.#graphOf(upstream, application, signal)
    return typeof graph === 'string' ? this.#token(application, graph, signal) : graph
  }

  /** Opens the door by a token of the present certificate. */
  async open(
    upstream: UpstreamSetup,
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'open'; readonly door: KeyDoor } | Extract<TokenAnswer, { kind: 'refused' }>> {
    const application = certificateApplication(upstream, 'present')
    if (!application) throw new Error(`${upstream.name} is no app with a certificate of this box`)
    const graph = await this.#graphOf(upstream, application, signal)
    if (typeof graph !== 'string') return graph
    const answer = await this.#token(application, graph, signal)
    if (answer.kind === 'refused') return answer
    // Addressed by the client id: the object id is what the proof names.
    const url = `${graph}/v1.0/applications(appId='${encodeURIComponent(application.clientId)}')`
    const call = (method: GraphCall['method'], path: string, body?: object): Promise<GraphCallAnswer> =>
      this.#call(application, { method, url: url + path, token: answer.token, ...(body && { body }) }, signal)
    return { kind: 'open', door: doorOf(call, this.#parts.clock) }
  }

  #token(application: EntraApplication, graph: string, signal: AbortSignal): Promise<TokenAnswer> {
    return this.#parts.tokens.token({ application, scope: graphScopeOf(graph), isFresh: true }, signal)
  }

  /** Of a way out through Graph its own; else where the tenant's discovery document sends its apps, whatever cloud it is. */
  async #graphOf(
    { kind, endpoint }: UpstreamSetup,
    application: EntraApplication,
    signal: AbortSignal,
  ): Promise<string | Extract<TokenAnswer, { kind: 'refused' }>> {
    if (kind === 'graph') return endpoint
    const { authority, tenantId } = application
    const url = `${authority}/${encodeURIComponent(tenantId)}/v2.0/.well-known/openid-configuration`
    const answer = await this.#call(application, { method: 'GET', url, token: '' }, signal)
    if (answer.kind === 'trouble') return { kind: 'refused', trouble: connectionOutcome(answer.trouble) }
    const { msgraph_host: host } = jsonObject(answer.body)
    return typeof host === 'string' && /^[a-z0-9.-]+(:\d+)?$/i.test(host) ? `https://${host}` : worldGraph
  }

  async #call(
    { caFile }: EntraApplication,
    call: Omit<GraphCall, 'agent'>,
    signal: AbortSignal,
  ): Promise<GraphCallAnswer> {
    const trust = loadTrust(caFile)
    if (trust.kind === 'unreadable')
      return { kind: 'trouble', isSent: false, trouble: { code: '', message: trust.detail } }
    using limit = deadline(this.#parts.clock, limitMs, signal)
    const agent: Agent = httpsAgent(trust.context, this.#parts.proxy)
    try {
      return await callGraph({ ...call, agent }, limit.signal)
    } finally {
      agent.destroy()
    }
  }
}

type Call = (method: GraphCall['method'], path: string, body?: object) => Promise<GraphCallAnswer>

function doorOf(call: Call, clock: Clock): KeyDoor {
  const proven = (by: ProofBy): string => keyProof({ ...by, now: clock.wall() })
  return {
    read: async () => {
      const answer = judge(await call('GET', '?$select=id,keyCredentials'), 200, clock)
      if (answer.kind !== 'done') return answer
      return { kind: 'done', objectId: text(answer.body['id']), keyIds: keyIdsOf(answer.body) }
    },
    add: async (certificatePem, by) => {
      const key = new X509Certificate(certificatePem).raw.toString('base64')
      const answer = judge(
        await call('POST', '/addKey', {
          keyCredential: { type: 'AsymmetricX509Cert', usage: 'Verify', key },
          passwordCredential: null,
          proof: proven(by),
        }),
        200,
        clock,
      )
      return answer.kind === 'done' ? { kind: 'done', keyId: text(answer.body['keyId']) } : answer
    },
    remove: async (keyId, by) => {
      const answer = judge(await call('POST', '/removeKey', { keyId, proof: proven(by) }), 204, clock)
      // Removed before, by us or by a person.
      const isGone =
        answer.kind === 'refused' && (answer.status === 404 || /no credentials? found/i.test(answer.detail))
      return isGone ? { kind: 'done' } : answer
    },
  }
}

function judge(
  answer: GraphCallAnswer,
  good: number,
  clock: Clock,
): KeyAnswer<{ readonly body: Readonly<Record<string, unknown>> }> {
  if (answer.kind === 'trouble') {
    const isUncertain = answer.isSent && !isBeforeRequest(answer.trouble)
    return { kind: 'failed', detail: oneLine(answer.trouble.message), isUncertain, afterMs: 0 }
  }
  const { status } = answer
  const body = jsonObject(answer.body)
  // A page of somebody else's says 200, too.
  if (status === good && (good === 204 || Object.keys(body).length > 0)) return { kind: 'done', body }
  const { error } = body
  const told = typeof error === 'object' && error !== null ? { ...error } : {}
  const code = 'code' in told ? text(told.code) : ''
  const detail = oneLine(`${status} ${code}: ${'message' in told ? text(told.message) : ''}`)
  const isRefusal = code !== '' && status >= 400 && status < 500 && status !== 408 && status !== 429
  if (isRefusal) return { kind: 'refused', status, code, detail }
  const afterMs = retryAfterMs(answer.retryAfter, clock.wall()) ?? 0
  return { kind: 'failed', detail, isUncertain: status !== 429, afterMs }
}

/** `customKeyIdentifier` is the thumbprint where nobody set another one, in hexadecimal or as octets in base64. */
function keyIdsOf(body: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const credentials: readonly unknown[] = Array.isArray(body['keyCredentials']) ? body['keyCredentials'] : []
  return new Map(
    credentials.flatMap((credential): [string, string][] => {
      if (typeof credential !== 'object' || credential === null) return []
      const { customKeyIdentifier: mark, keyId }: Readonly<Record<string, unknown>> = { ...credential }
      if (typeof mark !== 'string' || typeof keyId !== 'string') return []
      return [[thumbprintIn(mark), keyId]]
    }),
  )
}

const thumbprintIn = (mark: string): string =>
  (/^[0-9a-f]{40}$/i.test(mark) ? mark : Buffer.from(mark, 'base64').toString('hex')).toUpperCase()

/** SHA-1 of a certificate, as Entra shows it. */
export const thumbprintOf = (certificatePem: string): string =>
  new X509Certificate(certificatePem).fingerprint.replaceAll(':', '')

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
