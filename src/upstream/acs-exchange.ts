import { createHash } from 'node:crypto'
import type { AcsBody } from './acs-body.ts'
import type { AcsReply } from './acs-reply.ts'
import type { NetworkTrouble } from './network-trouble.ts'

/** What one call to the service showed on the wire; the policy below the SDK writes it down. */
export class Exchange {
  readonly operationId: string
  readonly clientRequestId: string
  reply: AcsReply | undefined
  trouble: NetworkTrouble | undefined

  constructor(operationId: string, clientRequestId: string) {
    this.operationId = operationId
    this.clientRequestId = clientRequestId
  }
}

export interface SendExchangeParts {
  readonly operationId: string
  readonly clientRequestId: string
  readonly body: AcsBody
  readonly sha256: Buffer
  readonly signal: AbortSignal
  readonly onAccepted: (reference: string) => Promise<void>
}

/** One send: the body to put in place of the SDK's, and how far it got. */
export class SendExchange extends Exchange {
  readonly #parts: SendExchangeParts
  #isBodySent = false
  isAccepted = false
  /** What `onAccepted` threw: the mail was taken, but the spool does not know. */
  commitFailure: unknown

  constructor(parts: SendExchangeParts) {
    super(parts.operationId, parts.clientRequestId)
    this.#parts = parts
  }

  /** The last octet was handed over: from here on the service may have taken the mail. */
  get isBodySent(): boolean {
    return this.#isBodySent
  }

  get size(): number {
    return this.#parts.body.size
  }

  get contentSha256(): string {
    return this.#parts.sha256.toString('base64')
  }

  async accept(): Promise<void> {
    this.isAccepted = true
    try {
      await this.#parts.onAccepted(this.operationId)
    } catch (error) {
      this.commitFailure = error
      throw error
    }
  }

  /** A fresh pass over the body. The last piece leaves only if the octets are those that `prepare` committed to. */
  async *upload(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#isBodySent = false
    const hash = createHash('sha256')
    let held: Uint8Array | undefined
    for await (const octets of this.#parts.body.read(this.#parts.signal)) {
      if (held) yield held
      hash.update(octets)
      held = octets
    }
    if (!hash.digest().equals(this.#parts.sha256))
      throw new Error('the request is not the one that was prepared')
    this.#isBodySent = true
    if (held) yield held
  }
}
