import type { Address } from '../core/address.ts'
import type { Outcome } from '../core/outcome.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { minute } from '../core/time.ts'
import type {
  Consignment,
  Preparation,
  PreparedConsignment,
  ProbeOutcome,
  Upstream,
  UpstreamTraits,
} from '../core/upstream.ts'
import { graphMaxSize } from '../core/upstream-kinds.ts'
import { cannotAsk } from './cannot-ask.ts'
import { clientRequestId } from './client-request-id.ts'
import { deadline } from './deadline.ts'
import { forAll } from './for-all.ts'
import { tooLargeFor } from './graph-outcome.ts'
import { mailboxOf, packGraph } from './graph-parcel.ts'
import { type GraphMail, GraphService } from './graph-service.ts'
import { abortTrouble, connectionOutcome } from './network-trouble.ts'
import type { SmtpParcel } from './smtp-parcel.ts'
import type { UpstreamParts } from './upstream-parts.ts'

/** What one send holds: pieces of the content on their way through base64, TLS and the socket; measured, rounded up. */
const heldOctets = 2_500_000

/** Microsoft Graph's sendMail with the mail in MIME form, through node:https. */
export class Graph implements Upstream {
  readonly kind = 'graph'
  readonly name: string
  readonly traits: UpstreamTraits = {
    // Exchange Online's limit for a message that nobody changed (learn.microsoft.com, "Exchange Online limits").
    recipientsPerPart: 500,
    canAsk: false,
    canConfirm: false,
    rebuildsMessage: false,
    hasNoEnvelope: true,
    askQuota: {},
    isOutbox: false,
  }
  readonly #setup: UpstreamSetup
  readonly #parts: UpstreamParts
  readonly #service: GraphService

  constructor(setup: UpstreamSetup, parts: UpstreamParts) {
    this.name = setup.name
    this.#setup = setup
    this.#parts = parts
    this.#service = new GraphService(setup, parts)
  }

  async prepare(consignment: Consignment, signal: AbortSignal): Promise<Preparation> {
    const mailbox = mailboxOf(consignment)
    const trouble = this.#service.trouble() ?? (mailbox === undefined ? senderless : undefined)
    if (trouble || mailbox === undefined) return { kind: 'refused', outcome: trouble ?? senderless }
    using _memory = await this.#parts.memory.reserve(heldOctets, signal)
    const parcel = await packGraph(consignment, mailbox, signal)
    const limit = this.#setup.maxMessageSize ?? graphMaxSize
    if (parcel.size > limit) return { kind: 'refused', outcome: tooLargeFor(parcel.size, limit) }
    return { kind: 'ready', prepared: this.#prepared(consignment, mailbox, parcel) }
  }

  #prepared(consignment: Consignment, mailbox: Address, parcel: SmtpParcel): PreparedConsignment {
    const { operationId, recipients } = consignment
    const mail: GraphMail = {
      operationId,
      size: parcel.size,
      recipients: recipients.length,
      mailbox,
      clientRequestId: clientRequestId(consignment),
      parcel,
    }
    return {
      bodySha256: parcel.sha256,
      size: parcel.size,
      send: async (onAccepted, signal) => forAll(await this.#send(mail, onAccepted, signal), recipients),
    }
  }

  async #send(
    mail: GraphMail,
    onAccepted: (reference: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const room = await this.#room(signal)
    if ('kind' in room) return room
    using _memory = room
    const outcome = await this.#service.send(mail, signal)
    if (outcome.kind === 'accepted') await onAccepted(outcome.reference)
    return outcome
  }

  /** Room in the memory budget, or why the wait for it ended. */
  async #room(signal: AbortSignal): Promise<Disposable | Outcome> {
    try {
      return await this.#parts.memory.reserve(heldOctets, signal)
    } catch (error) {
      const trouble = abortTrouble(signal)
      if (trouble) return connectionOutcome(trouble)
      throw error
    }
  }

  async ask(reference: string): Promise<Outcome> {
    return cannotAsk('Graph', reference)
  }

  async probe(signal: AbortSignal): Promise<ProbeOutcome> {
    using limit = deadline(this.#parts.clock, minute, signal)
    return await this.#service.probe(limit.signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#service[Symbol.dispose]()
  }
}

const senderless: Outcome = {
  kind: 'permanent',
  scope: 'message',
  code: 'sender-missing',
  status: '5.1.7',
  detail: 'Neither the mail nor the settings of this way out name a mailbox to send from.',
  elsewhere: true,
}
