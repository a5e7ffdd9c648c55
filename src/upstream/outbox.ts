import type { Outcome } from '../core/outcome.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import type {
  Consignment,
  OutboxEntry,
  Preparation,
  PreparedConsignment,
  ProbeOutcome,
  Upstream,
  UpstreamTraits,
} from '../core/upstream.ts'
import { forAll } from './for-all.ts'
import { packSmtp } from './smtp-parcel.ts'
import type { UpstreamParts } from './upstream-parts.ts'

/** Keeps mail for the console as it would have gone out, and sends nothing. */
export class OutboxUpstream implements Upstream {
  readonly kind = 'outbox'
  readonly name: string
  readonly traits: UpstreamTraits = {
    recipientsPerPart: 1000,
    canAsk: false,
    canConfirm: false,
    rebuildsMessage: false,
    askQuota: {},
    isOutbox: true,
  }
  readonly #parts: UpstreamParts

  constructor(setup: UpstreamSetup, parts: UpstreamParts) {
    this.name = setup.name
    this.#parts = parts
  }

  async prepare(consignment: Consignment, signal: AbortSignal): Promise<Preparation> {
    const { header, sha256, size } = await packSmtp(consignment, signal)
    const send: PreparedConsignment['send'] = (onAccepted) => this.#keep(consignment, header, onAccepted)
    return { kind: 'ready', prepared: { bodySha256: sha256, size, send } }
  }

  async #keep(
    consignment: Consignment,
    header: Uint8Array,
    onAccepted: (reference: string) => Promise<void>,
  ): Promise<ReadonlyMap<number, Outcome>> {
    const { operationId, recipients } = consignment
    await this.#parts.outbox.keep(this.#entry(consignment, header))
    await onAccepted(operationId)
    return forAll({ kind: 'accepted', reference: operationId, detail: 'kept in the outbox' }, recipients)
  }

  #entry({ message, index, envelope, rewrite, recipients }: Consignment, header: Uint8Array): OutboxEntry {
    return {
      message,
      upstream: this.name,
      at: this.#parts.clock.wall(),
      header,
      bodyStart: index.headerEnd,
      sender: envelope.reversePath === '' ? '' : (rewrite.sender ?? envelope.reversePath),
      recipients: recipients.map(({ address }) => address),
    }
  }

  async ask(reference: string): Promise<Outcome> {
    return { kind: 'confirmed', reference }
  }

  async probe(): Promise<ProbeOutcome> {
    return { kind: 'usable' }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
