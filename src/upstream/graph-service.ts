import type { Agent } from 'node:https'
import type { Address } from '../core/address.ts'
import type { Outcome } from '../core/outcome.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { base64Size } from '../message/base64-encoding.ts'
import { deadline, uploadLimitMs } from './deadline.ts'
import { DenialWatch } from './denial-watch.ts'
import { type EntraApplication, entraApplicationOf, proofsOf } from './entra-application.ts'
import { graphScopeOf } from './graph-cloud.ts'
import { type GraphSending, graphOutcome, isTokenRefused, transient } from './graph-outcome.ts'
import { type PostAnswer, postMime } from './graph-post.ts'
import { type GraphReply, graphReplyOf } from './graph-reply.ts'
import { abortTrouble, connectionOutcome, isBeforeRequest, networkTroubleOf } from './network-trouble.ts'
import { oneLine, type Paused, paused } from './pause-reasons.ts'
import type { SmtpParcel } from './smtp-parcel.ts'
import type { TokenAnswer, TokenWish } from './token-source.ts'
import { httpsAgent, loadTrust } from './trust.ts'
import type { UpstreamParts } from './upstream-parts.ts'

/** One mail to one mailbox's sendMail. */
export interface GraphMail extends GraphSending {
  readonly mailbox: Address
  readonly clientRequestId: string
  readonly parcel: SmtpParcel
}

/** What came of one call: the outcome of anything but 202. */
type Attempt =
  | { readonly kind: 'accepted'; readonly reply: GraphReply }
  | { readonly kind: 'token-refused'; readonly reply: GraphReply }
  | { readonly kind: 'failed'; readonly outcome: Outcome }

type TokenTrouble = Extract<TokenAnswer, { kind: 'refused' }>['trouble']

/** The conversation with Microsoft Graph: token, connection, and what its answers mean. */
export class GraphService implements Disposable {
  readonly #setup: UpstreamSetup
  readonly #parts: UpstreamParts
  readonly #application: EntraApplication | undefined
  readonly #denials: DenialWatch
  #agent: Agent | undefined

  constructor(setup: UpstreamSetup, parts: UpstreamParts) {
    this.#setup = setup
    this.#parts = parts
    this.#application = entraApplicationOf(setup)
    this.#denials = new DenialWatch(parts.clock)
  }

  /** What can be told without a socket. */
  trouble(): Paused | undefined {
    if (!this.#application) return paused('upstream', 'key-missing')
    const [proof] = proofsOf(this.#application, this.#parts)
    if (proof?.kind === 'unavailable') return proof.trouble
    const trust = loadTrust(this.#setup.caFile)
    if (trust.kind === 'unreadable') return paused('upstream', 'ca-file-unreadable', trust.detail)
    this.#agent ??= httpsAgent(trust.context, this.#parts.gateway.proxy)
    return undefined
  }

  /** Sends once; a token that was refused is replaced once, by one with the claims that the service asked for. */
  async send(mail: GraphMail, signal: AbortSignal): Promise<Outcome> {
    const first = await this.#attempt(mail, {}, signal)
    if (first.kind !== 'token-refused') return this.#settled(first, mail)
    const { claims } = first.reply
    const again = await this.#attempt(mail, claims === undefined ? { isFresh: true } : { claims }, signal)
    return this.#settled(again, mail)
  }

  #settled(attempt: Attempt, mail: GraphMail): Outcome {
    switch (attempt.kind) {
      case 'accepted':
        return { kind: 'accepted', reference: mail.operationId }
      case 'token-refused':
        return this.#denied(attempt.reply)
      case 'failed':
        return attempt.outcome
    }
  }

  /** One refusal proves nothing, the watch says when it is to be believed. */
  #denied(reply: GraphReply): Outcome {
    if (this.#denials.denied()) return paused('upstream', 'token-refused', reply.message)
    return transient('denied', reply)
  }

  async #attempt(mail: GraphMail, wish: Partial<TokenWish>, signal: AbortSignal): Promise<Attempt> {
    using limit = deadline(this.#parts.clock, uploadLimitMs(base64Size(mail.parcel.size)), signal)
    const answer = await this.#token(wish, limit.signal)
    if (answer.kind === 'refused') return { kind: 'failed', outcome: answer.trouble }
    const url = `${this.#setup.endpoint}/v1.0/users/${encodeURIComponent(mail.mailbox)}/sendMail`
    const post = { ...mail, url, token: answer.token, agent: this.#openAgent() }
    return this.#judge(await postMime(post, limit.signal), mail)
  }

  #judge(answer: PostAnswer, mail: GraphMail): Attempt {
    if (answer.kind === 'trouble') return { kind: 'failed', outcome: lost(answer, mail) }
    const { statusCode = 0, headers } = answer.response
    const reply = graphReplyOf(statusCode, headers, answer.body, this.#parts.clock.wall())
    if (isTokenRefused(reply)) return { kind: 'token-refused', reply }
    this.#denials.admitted()
    // A Retry-After beside it is about other mail: this one was taken (msgraph-sdk-java#1487).
    if (statusCode === 202) return { kind: 'accepted', reply }
    return { kind: 'failed', outcome: withRequestId(graphOutcome(reply, mail), reply) }
  }

  /** A fresh token proves the credential. What the app may do with it, only mail can tell. */
  async probe(signal: AbortSignal): Promise<{ readonly kind: 'usable' } | TokenTrouble> {
    const trouble = this.trouble()
    if (trouble) return trouble
    const answer = await this.#token({ isFresh: true }, signal)
    return answer.kind === 'token' ? { kind: 'usable' } : answer.trouble
  }

  async #token(wish: Partial<TokenWish>, signal: AbortSignal): Promise<TokenAnswer> {
    const application = this.#application
    if (!application) return { kind: 'refused', trouble: paused('upstream', 'key-missing') }
    try {
      return await this.#parts.tokens.token(
        { application, scope: graphScopeOf(this.#setup.endpoint), ...wish },
        signal,
      )
    } catch (error) {
      return { kind: 'refused', trouble: connectionOutcome(abortTrouble(signal) ?? networkTroubleOf(error)) }
    }
  }

  #openAgent(): Agent {
    if (!this.#agent) throw new Error('a mail is sent that nobody prepared')
    return this.#agent
  }

  [Symbol.dispose](): void {
    this.#agent?.destroy()
    this.#agent = undefined
  }
}

/** Before the last octet left, nothing can have been taken. */
function lost(
  { trouble, isBodySent }: Extract<PostAnswer, { kind: 'trouble' }>,
  { operationId }: GraphSending,
): Outcome {
  if (!isBodySent || isBeforeRequest(trouble)) return connectionOutcome(trouble)
  return { kind: 'indeterminate', reference: operationId, detail: oneLine(trouble.message) }
}

/** Microsoft's support finds an answer by it. */
function withRequestId(outcome: Outcome, { requestId }: GraphReply): Outcome {
  if (requestId === '' || !('detail' in outcome)) return outcome
  return { ...outcome, detail: oneLine(`${outcome.detail} [request-id ${requestId}]`) }
}
