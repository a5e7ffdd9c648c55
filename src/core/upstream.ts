import type { Address } from './address.ts'
import type { Content } from './content.ts'
import type { Envelope, EnvelopeRecipient } from './envelope.ts'
import type { MessageId } from './message-id.ts'
import type { Outcome } from './outcome.ts'
import type { PartIndex } from './part-index.ts'
import type { Quota, UpstreamKind } from './setup.ts'
import type { WallMs } from './time.ts'

/** How the header is rewritten for the chosen way out, decided by delivery from device and upstream. */
export interface SenderRewrite {
  /** From and MAIL FROM as the upstream sees them; undefined leaves both alone. */
  readonly sender: Address | undefined
  readonly senderName: string
  /** Put the device's own From into Reply-To unless a Reply-To is there. */
  readonly keepOriginalInReplyTo: boolean
  readonly subjectPrefix: string
}

/** What one call hands to a service: a message to some of its recipients. Immutable, so that a repeat is byte-identical. */
export interface Consignment {
  readonly message: MessageId
  /** Number of this part within the message and upstream, from 1, and how many parts there are now. */
  readonly part: number
  readonly parts: number
  /** Rises only on a deliberate re-send. */
  readonly generation: number
  /** uuid v5 of (device namespace, `message:part:generation`). */
  readonly operationId: string
  readonly envelope: Envelope
  /** The recipients of this part, by their number in the message (`ID/3`). */
  readonly recipients: readonly NumberedRecipient[]
  /** Header addresses are shown only in the first part. */
  readonly headerMessageId: string
  readonly subject: string
  readonly rewrite: SenderRewrite
  readonly content: Content
  readonly index: PartIndex
  readonly acceptedWall: WallMs
  /** The part was already handed to a socket before: a 400 is no refusal, a duplicate possible. */
  readonly isRepeat: boolean
  /** The service refused it in the form that keeps most of it (`otherForm`): it goes in the other one. */
  readonly isRefusedAsItIs: boolean
}

export interface NumberedRecipient extends EnvelopeRecipient {
  readonly number: number
}

/** A consignment made ready: what is committed to the spool before any socket opens. */
export interface PreparedConsignment {
  /** SHA-256 of the request body or of the DATA octets, hexadecimal; asserted again on a repeat. */
  readonly bodySha256: string
  readonly size: number
  /**
   * Sends once, without any retry of its own. Resolves to one outcome per recipient number; never rejects for trouble
   * with network or service. `onAccepted` is awaited as soon as the service has taken the part for every recipient
   * (inside the 202), before anything else is asked; where it took it for some only, the outcomes alone tell.
   */
  send(
    onAccepted: (reference: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Outcome>>
  /**
   * After `send` where somebody was not accepted: what was said with the server, one line for each command and reply line,
   * at most 4,096 characters. Sign-ins are masked, content is left out. Undefined where nothing was said.
   */
  dialogue?(): string | undefined
}

export type Preparation =
  | { readonly kind: 'ready'; readonly prepared: PreparedConsignment }
  /** It can be told without a socket that it won't go (size, fidelity, secret missing). */
  | { readonly kind: 'refused'; readonly outcome: Outcome }

export type ProbeOutcome =
  | { readonly kind: 'usable' }
  | Extract<Outcome, { kind: 'transient' | 'paused' | 'throttled' }>

/** What a driver can do, known without a socket; routing and the scheduler stand on it. */
export interface UpstreamTraits {
  readonly recipientsPerPart: number
  /** Can an uncertain delivery be asked for (`ask`)? Else it is repeated after a wait, and counted. */
  readonly canAsk: boolean
  /** `accepted` may become `confirmed` by asking. */
  readonly canConfirm: boolean
  /** Loses what RouteFacts calls fidelity. */
  readonly rebuildsMessage: boolean
  /** Mails to whomever the header names, and refuses all of them for one: smaller parts find which. */
  readonly hasNoEnvelope?: true
  /** Rolling limits of `ask`, apart from those of sending. */
  readonly askQuota: Quota
  /** Keeps mail here and sends nothing. */
  readonly isOutbox: boolean
}

/** A next hop and the code that speaks to it. One file per kind in `upstream/`. */
export interface Upstream extends AsyncDisposable {
  readonly name: string
  readonly kind: UpstreamKind
  readonly traits: UpstreamTraits
  prepare(consignment: Consignment, signal: AbortSignal): Promise<Preparation>
  /**
   * What became of the operation `reference`: `accepted` (known, not final), `confirmed`, `permanent`, `transient` with
   * code `not-found` (never arrived), `throttled` or other `transient` (ask again later).
   */
  ask(reference: string, signal: AbortSignal): Promise<Outcome>
  /** Checks what can be checked without mail: a fresh token, or a login. */
  probe(signal: AbortSignal): Promise<ProbeOutcome>
}

/** Where the outbox's mail goes: kept in the spool for the console, for 7 days and 200 MB. */
export interface Outbox {
  /** Keeps the header as it would have gone out; the body is the spooled one from `bodyStart`. */
  keep(kept: OutboxEntry): Promise<void>
}

export interface OutboxEntry {
  readonly message: MessageId
  readonly upstream: string
  readonly at: WallMs
  readonly header: Uint8Array
  readonly bodyStart: number
  readonly sender: string
  readonly recipients: readonly string[]
}

/** The box's own identity towards Entra and connectors: a certificate with its key, made or given. */
export interface ClientIdentity {
  /** PEM of private key and certificate chain for upstream `name`; undefined with the reason where there is none. */
  open(
    upstream: string,
  ):
    | { readonly kind: 'open'; readonly keyPem: string; readonly certificatePem: string }
    | { readonly kind: 'unavailable'; readonly detail: string }
  /** Certificates that may serve besides, in the order in which they are to be tried. */
  others(upstream: string): readonly OtherIdentity[]
}

/** `next`: to be registered, and to follow; `before`: it served, and is registered for some days more. */
export interface OtherIdentity {
  readonly role: 'next' | 'before'
  readonly keyPem: string
  readonly certificatePem: string
}
