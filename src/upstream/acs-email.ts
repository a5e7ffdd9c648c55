import { randomUUID } from 'node:crypto'
import type { Outcome } from '../core/outcome.ts'
import type { Quota, UpstreamSetup } from '../core/setup.ts'
import type {
  Consignment,
  Preparation,
  PreparedConsignment,
  ProbeOutcome,
  Upstream,
  UpstreamTraits,
} from '../core/upstream.ts'
import { blame } from './acs-blame.ts'
import { SendExchange } from './acs-exchange.ts'
import { tooLargeFor } from './acs-outcome.ts'
import type { Pack, Parcel } from './acs-parcel.ts'
import { AcsService } from './acs-service.ts'
import { clientRequestId } from './client-request-id.ts'
import { deadline, uploadLimitMs } from './deadline.ts'
import { abortTrouble, connectionOutcome } from './network-trouble.ts'
import type { UpstreamParts } from './upstream-parts.ts'

/** The whole request, base64 included (https://learn.microsoft.com/azure/communication-services/concepts/service-limits). */
const serviceMaxRequest = 10_000_000

/** What one send holds: pieces of the body on their way through base64, TLS and the socket; measured, rounded up. */
const heldOctets = 1_048_576
/** Larger texts travel as files. In memory a text stands as string, JSON and octets. */
const largestText = 1_000_000
const textCopies = 4

const heldFor = ({ index }: Consignment): number =>
  index.parts
    .filter(({ type, decodedSize }) => type.startsWith('text/') && decodedSize <= largestText)
    .reduce((sum, { decodedSize }) => sum + textCopies * decodedSize, heldOctets)

/** Azure Communication Services Email through Microsoft's SDK. */
export class AcsEmail implements Upstream {
  readonly kind = 'acs-email'
  readonly name: string
  readonly traits: UpstreamTraits
  readonly #setup: UpstreamSetup
  readonly #parts: UpstreamParts
  readonly #pack: Pack
  readonly #service: AcsService

  constructor(setup: UpstreamSetup, parts: UpstreamParts, pack: Pack) {
    this.name = setup.name
    this.traits = {
      // The service takes 50 in all; where no recipient stands in the header, the sender is one of them (`to` is required).
      recipientsPerPart: 49,
      canAsk: true,
      canConfirm: true,
      rebuildsMessage: true,
      askQuota: askQuotaOf(setup),
      isOutbox: false,
    }
    this.#setup = setup
    this.#parts = parts
    this.#pack = pack
    this.#service = new AcsService(setup, parts)
  }

  async prepare(consignment: Consignment, signal: AbortSignal): Promise<Preparation> {
    const trouble = this.#service.credentialTrouble()
    if (trouble) return { kind: 'refused', outcome: trouble }
    using _memory = await this.#parts.memory.reserve(heldFor(consignment), signal)
    const packing = await this.#pack(consignment, signal)
    if (packing.kind === 'unsuitable') return { kind: 'refused', outcome: packing.outcome }
    const { parcel } = packing
    const limit = this.#setup.maxMessageSize ?? serviceMaxRequest
    if (parcel.body.size > limit) return { kind: 'refused', outcome: tooLargeFor(parcel.body.size, limit) }
    const sha256 = await parcel.body.sha256(signal)
    return { kind: 'ready', prepared: this.#prepared(consignment, parcel, sha256) }
  }

  #prepared(consignment: Consignment, parcel: Parcel, sha256: Buffer): PreparedConsignment {
    return {
      bodySha256: sha256.toString('hex'),
      size: parcel.body.size,
      send: async (onAccepted, signal) => {
        const outcome = await this.#send({ consignment, parcel, sha256, onAccepted, signal })
        return blame(outcome, consignment.recipients)
      },
    }
  }

  async #send(sending: Sending): Promise<Outcome> {
    const { consignment, parcel, sha256, onAccepted } = sending
    try {
      sending.signal.throwIfAborted()
      using _memory = await this.#parts.memory.reserve(heldFor(consignment), sending.signal)
      using limit = deadline(this.#parts.clock, uploadLimitMs(parcel.body.size), sending.signal)
      const { operationId, isRepeat } = consignment
      const { signal } = limit
      const exchange = new SendExchange({
        operationId,
        clientRequestId: clientRequestId(consignment),
        body: parcel.body,
        sha256,
        signal,
        onAccepted,
      })
      const { hasOtherForm } = parcel
      const facts = { operationId, isRepeat, recipients: consignment.recipients.length, hasOtherForm }
      return await this.#service.send(exchange, parcel.message, facts, signal)
    } catch (error) {
      const trouble = abortTrouble(sending.signal)
      if (trouble && error === sending.signal.reason) return connectionOutcome(trouble)
      throw error
    }
  }

  ask(reference: string, signal: AbortSignal): Promise<Outcome> {
    return this.#service.ask(reference, signal)
  }

  probe(signal: AbortSignal): Promise<ProbeOutcome> {
    return this.#service.probe(randomUUID(), signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#service[Symbol.dispose]()
  }
}

interface Sending {
  readonly consignment: Consignment
  readonly parcel: Parcel
  readonly sha256: Buffer
  readonly onAccepted: (reference: string) => Promise<void>
  readonly signal: AbortSignal
}

/** Status queries have windows of their own (learn.microsoft.com, "Service limits for Azure Communication Services"). */
function askQuotaOf({ quota: { queriesPerMinute, queriesPerHour } }: UpstreamSetup): Quota {
  return {
    ...(queriesPerMinute === undefined ? {} : { perMinute: queriesPerMinute }),
    ...(queriesPerHour === undefined ? {} : { perHour: queriesPerHour }),
  }
}
