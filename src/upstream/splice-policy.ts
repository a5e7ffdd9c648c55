import { Readable } from 'node:stream'
import type {
  HttpHeaders,
  PipelinePolicy,
  PipelineRequest,
  PipelineResponse,
  SendRequest,
} from '@azure/core-rest-pipeline'
import type { Clock } from '../core/clock.ts'
import type { AccessKeys } from './access-keys.ts'
import { type Exchange, SendExchange } from './acs-exchange.ts'
import { isDenial, isSkew } from './acs-outcome.ts'
import { type AcsReply, acsReplyOf } from './acs-reply.ts'
import { emptyContentSha256 } from './acs-signature.ts'
import { networkTroubleOf } from './network-trouble.ts'

export interface SplicePolicyParts {
  readonly clock: Clock
  /** Undefined: the SDK signs with a bearer token. */
  readonly keys: AccessKeys | undefined
  /** The pipeline package's, handed in because only `azure-sdk.ts` loads it. */
  readonly makeHeaders: (headers: Readonly<Record<string, string>>) => HttpHeaders
}

/**
 * The last policy before the socket, below the SDK's signing, retries and log. For calls that it knows it puts the spooled
 * body in place of the SDK's small one, signs what really leaves (afresh for each try, with either key, by the service's
 * clock), awaits the commit of a 202 before anybody else sees it, and answers the poller's first query itself: that query
 * would spend half of the status quota, and its failure looks like a failed send.
 */
export class SplicePolicy implements PipelinePolicy {
  readonly name = 'inkpostSplice'
  readonly #parts: SplicePolicyParts
  readonly #sends = new Map<string, SendExchange>()
  readonly #asks = new Map<string, Exchange>()

  constructor(parts: SplicePolicyParts) {
    this.#parts = parts
  }

  /** Knows the exchange until the result is disposed of. */
  know(exchange: Exchange): Disposable {
    if (exchange instanceof SendExchange) return register(this.#sends, exchange)
    return register(this.#asks, exchange)
  }

  async sendRequest(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    const send = this.#sends.get(request.headers.get('operation-id') ?? '')
    if (send && request.method === 'GET') return this.#stillRunning(request, send)
    const exchange = send ?? this.#asks.get(operationIdOf(request.url))
    if (!exchange) throw new Error(`a call to the service that nobody announced: ${request.method}`)
    if (send) spliceBody(request, send)
    request.headers.set('x-ms-client-request-id', exchange.clientRequestId)
    const response = await this.#exchange(request, next, exchange)
    if (send && response.status === 202) await send.accept()
    return response
  }

  async #exchange(
    request: PipelineRequest,
    next: SendRequest,
    exchange: Exchange,
  ): Promise<PipelineResponse> {
    // A request that was refused may be sent again from above, with a new token: only the last answer counts.
    exchange.reply = undefined
    exchange.trouble = undefined
    try {
      const { keys } = this.#parts
      const response = keys ? await this.#signedSend(request, next, keys, exchange) : await next(request)
      exchange.reply = this.#replyOf(response)
      return response
    } catch (error) {
      exchange.trouble = networkTroubleOf(error)
      throw error
    }
  }

  /** Tries the keys in turn; a key that was refused for our wrong clock alone gets a second try by the service's. */
  async #signedSend(
    request: PipelineRequest,
    next: SendRequest,
    keys: AccessKeys,
    exchange: Exchange,
  ): Promise<PipelineResponse> {
    const contentSha256 = exchange instanceof SendExchange ? exchange.contentSha256 : emptyContentSha256
    const attempt = (key: string): Promise<PipelineResponse> => {
      const { method, url } = request
      for (const [name, value] of Object.entries(keys.headers({ method, url, contentSha256 }, key))) {
        request.headers.set(name, value)
      }
      return next(request)
    }
    let response: PipelineResponse | undefined
    for (const { slot, key } of keys.keys()) {
      response = await this.#onTime(await attempt(key), keys, () => attempt(key))
      const reply = this.#replyOf(response)
      if (!isDenial(reply) && !isSkew(reply)) keys.worked(slot)
      if (reply.status !== 401 || isSkew(reply)) return response
    }
    if (!response) throw new Error('a way out by access key without a key')
    return response
  }

  async #onTime(
    response: PipelineResponse,
    keys: AccessKeys,
    again: () => Promise<PipelineResponse>,
  ): Promise<PipelineResponse> {
    const reply = this.#replyOf(response)
    if (!isSkew(reply) || reply.date === undefined) return response
    keys.learnTime(reply.date)
    return again()
  }

  #replyOf(response: PipelineResponse): AcsReply {
    return acsReplyOf(response, this.#parts.clock.wall())
  }

  #stillRunning(request: PipelineRequest, { operationId }: Exchange): PipelineResponse {
    const headers = this.#parts.makeHeaders({ 'content-type': 'application/json' })
    return {
      request,
      status: 200,
      headers,
      bodyAsText: JSON.stringify({ id: operationId, status: 'Running' }),
    }
  }
}

function spliceBody(request: PipelineRequest, send: SendExchange): void {
  request.headers.set('content-length', String(send.size))
  request.body = () => Readable.from(send.upload(), { objectMode: false, highWaterMark: 65_536 })
}

function register<T extends Exchange>(known: Map<string, T>, exchange: T): Disposable {
  known.set(exchange.operationId, exchange)
  return {
    [Symbol.dispose]: () => {
      if (known.get(exchange.operationId) === exchange) known.delete(exchange.operationId)
    },
  }
}

const operationIdOf = (url: string): string => new URL(url).pathname.split('/').at(-1) ?? ''
