import type { Agent } from 'node:https'
import type { EmailMessage } from '@azure/communication-email'
import type { Outcome } from '../core/outcome.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { minute } from '../core/time.ts'
import { AccessKeys } from './access-keys.ts'
import { AcsClient } from './acs-client.ts'
import { acsScope, keyPlaceholder, SignInRefused, tokenCredential } from './acs-credential.ts'
import { Exchange, type SendExchange } from './acs-exchange.ts'
import {
  type AskFirst,
  askReplyOutcome,
  isDenial,
  operationOutcome,
  type Sending,
  sendReplyOutcome,
  sendTroubleOutcome,
} from './acs-outcome.ts'
import type { AcsReply } from './acs-reply.ts'
import { deadline } from './deadline.ts'
import { DenialWatch } from './denial-watch.ts'
import { type EntraApplication, entraApplicationOf, proofsOf } from './entra-application.ts'
import { abortTrouble, connectionOutcome, type NetworkTrouble, networkTroubleOf } from './network-trouble.ts'
import { type Paused, paused } from './pause-reasons.ts'
import { httpsAgent, loadTrust } from './trust.ts'
import type { UpstreamParts } from './upstream-parts.ts'

/** Outcomes that say nothing about the mail. */
export type ServiceTrouble = Extract<Outcome, { kind: 'transient' | 'paused' | 'throttled' }>

type Access =
  | { readonly kind: 'access'; readonly client: AcsClient }
  | { readonly kind: 'none'; readonly trouble: ServiceTrouble }

const askLimitMs = minute

/** The conversation with one Communication Services resource: credential, client, and what its answers mean. */
export class AcsService implements Disposable {
  readonly #setup: UpstreamSetup
  readonly #parts: UpstreamParts
  readonly #application: EntraApplication | undefined
  readonly #keys: AccessKeys | undefined
  readonly #denials: DenialWatch
  #agent: Agent | undefined
  #client: AcsClient | undefined

  constructor(setup: UpstreamSetup, parts: UpstreamParts) {
    this.#setup = setup
    this.#parts = parts
    this.#application = entraApplicationOf(setup)
    const { credential } = setup
    this.#keys =
      credential.kind === 'access-key'
        ? new AccessKeys({ ...parts, upstream: setup.name, names: credential.keys })
        : undefined
    this.#denials = new DenialWatch(parts.clock)
  }

  /** What can be told of the credential without a socket. */
  credentialTrouble(): Paused | undefined {
    if (this.#application) {
      const [proof] = proofsOf(this.#application, this.#parts)
      return proof?.kind === 'unavailable' ? proof.trouble : undefined
    }
    return this.#keys ? this.#keys.trouble() : paused('upstream', 'key-missing')
  }

  /** Sends once; an answer that leaves the mail's fate open is followed by one query. */
  async send(
    exchange: SendExchange,
    message: EmailMessage,
    sending: Sending,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const access = await this.#access(signal)
    if (access.kind === 'none') return access.trouble
    const thrown = await access.client.send(exchange, message, signal)
    if (exchange.commitFailure !== undefined) {
      throw new Error('the service took a mail that could not be recorded', { cause: exchange.commitFailure })
    }
    if (exchange.isAccepted) {
      this.#denials.admitted()
      return { kind: 'accepted', reference: exchange.operationId }
    }
    if (thrown instanceof SignInRefused) return thrown.trouble
    const verdict = this.#sendVerdict(exchange, sending, thrown, signal)
    return verdict.kind === 'ask-first' ? this.#askFirst(verdict, exchange, signal) : verdict
  }

  #sendVerdict(
    exchange: SendExchange,
    sending: Sending,
    thrown: unknown,
    signal: AbortSignal,
  ): Outcome | AskFirst {
    const { operationId, reply } = exchange
    if (!reply)
      return sendTroubleOutcome(troubleOf(exchange, thrown, signal), exchange.isBodySent, operationId)
    return this.#denialOf(reply) ?? sendReplyOutcome(reply, sending)
  }

  async #askFirst(verdict: AskFirst, exchange: SendExchange, signal: AbortSignal): Promise<Outcome> {
    const known = await this.ask(exchange.operationId, signal)
    switch (known.kind) {
      case 'accepted':
      case 'confirmed':
        await exchange.accept()
        return { kind: 'accepted', reference: exchange.operationId }
      case 'permanent':
        return known
      default:
        if (known.kind === 'transient' && known.code === 'not-found') return verdict.unknown
        return {
          kind: 'indeterminate',
          reference: exchange.operationId,
          detail: 'the service could not be asked',
        }
    }
  }

  /** What became of an operation. Trouble with the service is transient here: it says nothing about the mail. */
  async ask(operationId: string, signal: AbortSignal): Promise<Outcome> {
    using limit = deadline(this.#parts.clock, askLimitMs, signal)
    const access = await this.#access(limit.signal)
    if (access.kind === 'none') return asTransient(access.trouble)
    const exchange = new Exchange(operationId, operationId)
    const result = await access.client.ask(exchange, limit.signal)
    if (!('thrown' in result)) {
      this.#denials.admitted()
      return operationOutcome(operationId, result)
    }
    if (result.thrown instanceof SignInRefused) return asTransient(result.thrown.trouble)
    if (!exchange.reply)
      return asTransient(connectionOutcome(troubleOf(exchange, result.thrown, limit.signal)))
    return asTransient(this.#denialOf(exchange.reply) ?? askReplyOutcome(exchange.reply))
  }

  /** A fresh token; for access keys a query for an operation that cannot exist, which costs one of the hour's queries. */
  async probe(
    unknownOperation: string,
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'usable' } | ServiceTrouble> {
    using limit = deadline(this.#parts.clock, askLimitMs, signal)
    if (this.#application) return this.#signIn(limit.signal, true)
    const access = await this.#access(limit.signal)
    if (access.kind === 'none') return access.trouble
    const exchange = new Exchange(unknownOperation, unknownOperation)
    const result = await access.client.ask(exchange, limit.signal)
    const { reply } = exchange
    if (!reply)
      return connectionOutcome(troubleOf(exchange, 'thrown' in result ? result.thrown : '', limit.signal))
    if (reply.status === 404 || reply.status === 200) return { kind: 'usable' }
    return this.#denialOf(reply) ?? askReplyOutcome(reply)
  }

  async #access(signal: AbortSignal): Promise<Access> {
    const trouble = this.credentialTrouble()
    if (trouble) return { kind: 'none', trouble }
    const signIn = this.#application ? await this.#signIn(signal, false) : ({ kind: 'usable' } as const)
    if (signIn.kind !== 'usable') return { kind: 'none', trouble: signIn }
    return this.#open()
  }

  async #signIn(
    signal: AbortSignal,
    isFresh: boolean,
  ): Promise<{ readonly kind: 'usable' } | ServiceTrouble> {
    if (!this.#application) return { kind: 'usable' }
    try {
      const wish = { application: this.#application, scope: acsScope, isFresh }
      const answer = await this.#parts.tokens.token(wish, signal)
      return answer.kind === 'token' ? { kind: 'usable' } : answer.trouble
    } catch (error) {
      return connectionOutcome(abortTrouble(signal) ?? networkTroubleOf(error))
    }
  }

  async #open(): Promise<Access> {
    if (this.#client) return { kind: 'access', client: this.#client }
    const trust = loadTrust(this.#setup.caFile)
    if (trust.kind === 'unreadable')
      return { kind: 'none', trouble: paused('upstream', 'ca-file-unreadable', trust.detail) }
    if (!URL.canParse(this.#setup.endpoint) || !this.#setup.endpoint.startsWith('https://')) {
      return { kind: 'none', trouble: paused('upstream', 'endpoint-wrong', this.#setup.endpoint) }
    }
    this.#agent ??= httpsAgent(trust.context, this.#parts.gateway.proxy)
    this.#client = await AcsClient.open({
      endpoint: this.#setup.endpoint,
      credential: this.#application
        ? tokenCredential(this.#application, this.#parts.tokens, acsScope)
        : keyPlaceholder,
      keys: this.#keys,
      agent: this.#agent,
      clock: this.#parts.clock,
    })
    return { kind: 'access', client: this.#client }
  }

  /** One refusal proves nothing; the watch says when it is to be believed. */
  #denialOf(reply: AcsReply): ServiceTrouble | undefined {
    if (!isDenial(reply)) {
      this.#denials.admitted()
      return undefined
    }
    if (this.#application) this.#parts.tokens.forget({ application: this.#application, scope: acsScope })
    if (this.#denials.denied()) return paused('upstream', 'access-denied', reply.message)
    return askReplyOutcome(reply)
  }

  [Symbol.dispose](): void {
    this.#agent?.destroy()
    this.#client = undefined
  }
}

function asTransient(outcome: Outcome): Extract<Outcome, { kind: 'transient' | 'throttled' }> {
  if (outcome.kind === 'transient' || outcome.kind === 'throttled') return outcome
  if (outcome.kind === 'paused')
    return { kind: 'transient', code: outcome.pause.code, detail: outcome.pause.reason }
  throw new Error(`a query cannot end as ${outcome.kind}`)
}

function troubleOf(exchange: Exchange, thrown: unknown, signal: AbortSignal): NetworkTrouble {
  return abortTrouble(signal) ?? exchange.trouble ?? networkTroubleOf(thrown)
}
