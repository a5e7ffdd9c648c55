import type { Content } from '../core/content.ts'
import type { Envelope, EnvelopeRecipient } from '../core/envelope.ts'
import type { MessageKind, NewMessage, RouteFacts } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { PartIndex } from '../core/part-index.ts'
import { type FixedUp, type FixUpContext, fixUp } from '../message/fix-up.ts'
import { PartScanner } from '../message/part-scanner.ts'
import { routeFacts } from '../message/route-facts.ts'
import { expectedRewrite } from './expected-rewrite.ts'
import type { PlacedReception, Published, ReceivingParts } from './parts.ts'
import type { Transaction } from './transaction.ts'

/** What a message has from its session. */
export interface Origin {
  readonly session: string
  readonly address: string
  readonly helo: string
  /** RFC 3848: ESMTP, ESMTPS, ESMTPSA … */
  readonly protocol: FixUpContext['protocol']
}

type DraftParts = Pick<ReceivingParts, 'spool' | 'clock' | 'setup' | 'bootId'>

/** A message on its way into the spool: its own id, header, index and place. */
export class Draft {
  readonly kind: MessageKind
  readonly #parts: DraftParts
  readonly #transaction: Transaction
  readonly #recipients: readonly EnvelopeRecipient[]
  readonly #origin: Origin
  readonly #id: Promise<MessageId>
  readonly #scanner: PartScanner
  #begun: { readonly reception: PlacedReception; readonly fixed: FixedUp } | undefined
  /** Published or abandoned: nothing more is to be undone. */
  #isOver = false

  constructor(parts: DraftParts, kind: MessageKind, transaction: Transaction, origin: Origin) {
    this.kind = kind
    this.#parts = parts
    this.#transaction = transaction
    this.#origin = origin
    this.#scanner = new PartScanner({ fallbackCharset: transaction.device.charset })
    this.#recipients = kind === 'test' ? testRecipients(transaction) : transaction.recipients
    // Asked for now, needed when the header is complete: the octets come meanwhile.
    this.#id = parts.spool.takeId()
    this.#id.catch(() => undefined)
  }

  async begin(header: Uint8Array): Promise<void> {
    const id = await this.#id
    if (this.#isOver) return
    const fixed = fixUp(header, this.#context(id))
    const reception = this.#parts.spool.receive(id)
    this.#begun = { reception, fixed }
    this.#scanner.feedHeader(fixed.header, fixed.fields)
    await reception.write(fixed.header)
  }

  write(octets: Uint8Array): Promise<void> | undefined {
    if (octets.length === 0 || this.#isOver) return undefined
    this.#scanner.feed(octets)
    return this.#begun?.reception.write(octets)
  }

  /** The message as it would be published. */
  async complete(contentSha256: string): Promise<NewMessage> {
    const { fixed, reception } = this.#state()
    const { device, sender } = this.#transaction
    const { clock, bootId } = this.#parts
    const index = this.#scanner.finish()
    const envelope = {
      reversePath: sender.reversePath,
      recipients: this.#recipients,
      bodyType: sender.bodyType,
      smtputf8: sender.smtputf8,
      dsn: sender.dsn,
    }
    return {
      id: reception.id,
      kind: this.kind,
      priority: device.priority,
      device: device.name,
      from: fixed.from,
      subject: this.#parts.setup().history.keepSubjects ? fixed.subject : '',
      headerMessageId: fixed.headerMessageId,
      envelope,
      route: device.route,
      facts: await this.#facts(index, envelope),
      index,
      contentSha256,
      isIdentifiable: fixed.had.messageId || fixed.had.date,
      session: this.#origin.session,
      acceptedWall: clock.wall(),
      acceptedMonotonic: clock.monotonic(),
      bootId,
      clockBelievable: clock.isBelievable(),
    }
  }

  /** To be read until it is published. */
  content(): Content {
    return this.#state().reception.content()
  }

  publish(message: NewMessage): Promise<Published> {
    this.#isOver = true
    return this.#state().reception.publish(message)
  }

  notes(): readonly string[] {
    return this.#begun?.fixed.notes ?? []
  }

  async abandon(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await this.#begun?.reception.abandon()
  }

  #facts(index: PartIndex, envelope: Envelope): Promise<RouteFacts> {
    const { fixed, reception } = this.#state()
    const { device } = this.#transaction
    return routeFacts({
      index,
      envelope,
      header: fixed.header,
      fields: fixed.fields,
      content: reception.content(),
      headerMessageId: fixed.headerMessageId,
      rewrite: expectedRewrite(this.#parts.setup(), device, fixed.from),
      deviceName: device.name,
    })
  }

  #state(): { readonly reception: PlacedReception; readonly fixed: FixedUp } {
    if (!this.#begun) throw new Error('a draft without a header')
    return this.#begun
  }

  #context(id: MessageId): FixUpContext {
    const { device, sender } = this.#transaction
    const { gateway } = this.#parts.setup()
    return {
      id,
      hostname: gateway.hostname,
      gatewaySender: gateway.sender,
      deviceSender: device.sender,
      reversePath: sender.reversePath,
      recipients: this.#recipients.map((recipient) => recipient.address),
      clientAddress: this.#origin.address,
      helo: this.#origin.helo,
      protocol: this.#origin.protocol,
      charset: device.charset,
      at: this.#parts.clock.wall(),
      clockBelievable: this.#parts.clock.isBelievable(),
    }
  }
}

const testRecipients = (transaction: Transaction): readonly EnvelopeRecipient[] =>
  transaction.testAddress === undefined ? [] : [{ address: transaction.testAddress }]
