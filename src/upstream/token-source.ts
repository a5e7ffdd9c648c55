import type { Agent } from 'node:https'
import type { Clock } from '../core/clock.ts'
import { type MonotonicMs, monotonicMs, second } from '../core/time.ts'
import { untilAborted } from '../core/until-aborted.ts'
import { type EntraApplication, type Proof, type ProofParts, proofsOf } from './entra-application.ts'
import type { SignInTrouble } from './entra-outcome.ts'
import { requestToken } from './entra-sign-in.ts'
import { paused } from './pause-reasons.ts'
import { httpsAgent, loadTrust } from './trust.ts'

export type TokenAnswer =
  | {
      readonly kind: 'token'
      readonly token: string
      /** By the library's clock (Date.now), milliseconds since 1970. */
      readonly expiresOn: number
      /** It was at hand: where a service refuses it, a fresh one may do. */
      readonly isKept?: true
    }
  | { readonly kind: 'refused'; readonly trouble: SignInTrouble }

export interface TokenWish {
  readonly application: EntraApplication
  /** `https://RESOURCE/.default` */
  readonly scope: string
  /** Asks Entra even if a good token is at hand: proves that the credential still works. */
  readonly isFresh?: boolean
  /** Continuous access evaluation: what the service wants of a new token. */
  readonly claims?: string
}

interface Kept {
  readonly answer: Extract<TokenAnswer, { kind: 'token' }>
  readonly refreshAt: MonotonicMs
  readonly expiresAt: MonotonicMs
}

const refreshShare = 0.75
/** After a failed refresh the good token goes on serving, and Entra is left alone for as long. */
const refreshPauseMs = 60 * second

export interface TokenSourceParts extends ProofParts {
  readonly clock: Clock
  /** URL of an HTTP proxy, or empty; asked each time, it may change. */
  readonly proxy: string
  /** Limit for each request to Entra; the libraries have none and ignore signals there. */
  readonly timeoutMs?: number
}

/**
 * Every token for Entra, one request at a time for each (tenant, app, scope): the libraries make six for three callers.
 * A token is renewed at 75 % of its life; the old one serves until it expires while Entra cannot be reached.
 */
export class TokenSource implements Disposable {
  readonly #parts: TokenSourceParts
  readonly #kept = new Map<string, Kept>()
  readonly #running = new Map<string, Promise<TokenAnswer>>()
  readonly #agents = new Map<string, Agent>()
  /** The proof that worked last, by application and credential: an expired first one is not tried each time. */
  readonly #firstProof = new Map<string, number>()

  constructor(parts: TokenSourceParts) {
    this.#parts = parts
  }

  /** A token or why there is none. Rejects only with the signal's reason; the request itself then goes on for the others. */
  token(wish: TokenWish, signal: AbortSignal): Promise<TokenAnswer> {
    const key = keyOf(wish)
    const kept = this.#kept.get(key)
    const isForced = wish.isFresh || wish.claims !== undefined
    const now = this.#parts.clock.monotonic()
    if (!isForced && kept && now < kept.refreshAt) return Promise.resolve({ ...kept.answer, isKept: true })
    return untilAborted(this.#once(key, wish, isForced ? undefined : kept), signal)
  }

  /** Forgets a token that a service refused. */
  forget(wish: TokenWish): void {
    this.#kept.delete(keyOf(wish))
  }

  #once(key: string, wish: TokenWish, kept: Kept | undefined): Promise<TokenAnswer> {
    const runningKey = `${key}\n${wish.claims ?? ''}`
    const running = this.#running.get(runningKey)
    if (running) return running
    const started = this.#renew(key, wish, kept).finally(() => this.#running.delete(runningKey))
    this.#running.set(runningKey, started)
    return started
  }

  async #renew(key: string, wish: TokenWish, kept: Kept | undefined): Promise<TokenAnswer> {
    const answer = await this.#signIn(wish)
    if (answer.kind === 'token') {
      this.#keep(key, answer)
      return answer
    }
    const now = this.#parts.clock.monotonic()
    if (!kept || now >= kept.expiresAt) return answer
    this.#kept.set(key, { ...kept, refreshAt: monotonicMs(Math.min(now + refreshPauseMs, kept.expiresAt)) })
    return { ...kept.answer, isKept: true }
  }

  #keep(key: string, answer: Extract<TokenAnswer, { kind: 'token' }>): void {
    const now = this.#parts.clock.monotonic()
    // The library dates the token by Date.now, so its life is measured there and lived on our clock.
    const lifeMs = Math.max(0, answer.expiresOn - Date.now())
    this.#kept.set(key, {
      answer,
      refreshAt: monotonicMs(now + refreshShare * lifeMs),
      expiresAt: monotonicMs(now + lifeMs),
    })
  }

  /** Tries each proof once, the one that worked last first. */
  async #signIn(wish: TokenWish): Promise<TokenAnswer> {
    const agent = this.#agentFor(wish.application)
    if (agent.kind === 'refused') return agent
    const proofs = proofsOf(wish.application, this.#parts)
    const whose = credentialKey(wish.application)
    const first = this.#firstProof.get(whose) ?? 0
    let refusal: TokenAnswer | undefined
    for (const [slot, proof] of inTurn(proofs, first)) {
      const answer = await this.#try(wish, proof, agent.agent)
      if (answer.kind === 'token') this.#firstProof.set(whose, slot)
      if (answer.kind === 'token' || answer.trouble.kind !== 'paused') return answer
      refusal ??= answer
    }
    return refusal ?? { kind: 'refused', trouble: paused('upstream', 'key-missing') }
  }

  async #try(wish: TokenWish, proof: Proof, agent: Agent): Promise<TokenAnswer> {
    if (proof.kind === 'unavailable') return { kind: 'refused', trouble: proof.trouble }
    return requestToken({ ...wish, proof, agent, timeoutMs: this.#parts.timeoutMs ?? 15 * second })
  }

  #agentFor(
    application: EntraApplication,
  ): { readonly kind: 'agent'; readonly agent: Agent } | Extract<TokenAnswer, { kind: 'refused' }> {
    const { proxy } = this.#parts
    const key = `${proxy}\n${application.caFile}`
    const existing = this.#agents.get(key)
    if (existing) return { kind: 'agent', agent: existing }
    const trust = loadTrust(application.caFile)
    if (trust.kind === 'unreadable') {
      return { kind: 'refused', trouble: paused('upstream', 'ca-file-unreadable', trust.detail) }
    }
    const agent = httpsAgent(trust.context, proxy)
    this.#agents.set(key, agent)
    return { kind: 'agent', agent }
  }

  [Symbol.dispose](): void {
    for (const agent of this.#agents.values()) agent.destroy()
    this.#agents.clear()
    this.#kept.clear()
  }
}

/** The library writes ACS's scope with two slashes; both name the same token. */
const keyOf = ({ application, scope }: TokenWish): string =>
  [appKey(application), scope.replace('//.default', '/.default'), slotOf(application)].join('\n')

const appKey = ({ authority, tenantId, clientId }: EntraApplication): string =>
  [authority, tenantId, clientId].join('\n')

/** A token by one certificate alone proves that one; it must not be answered by another's. */
const slotOf = ({ credential }: EntraApplication): string =>
  credential.kind === 'certificate' ? (credential.slot ?? '') : ''

/** Ways out that share an app have secrets and certificates of their own. */
const credentialKey = (application: EntraApplication): string => {
  const { credential } = application
  const own = credential.kind === 'certificate' ? [credential.upstream] : credential.names
  return [appKey(application), slotOf(application), ...own].join('\n')
}

function inTurn<T>(items: readonly T[], first: number): readonly (readonly [number, T])[] {
  const numbered = items.map((item, index) => [index, item] as const)
  return numbered.toSorted(([a], [b]) => Number(b === first) - Number(a === first))
}
