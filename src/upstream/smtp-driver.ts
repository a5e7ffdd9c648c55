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
import { assertedContent } from './asserted-content.ts'
import { cannotAsk } from './cannot-ask.ts'
import { deadline, uploadLimitMs } from './deadline.ts'
import { forAll } from './for-all.ts'
import { abortTrouble, connectionOutcome } from './network-trouble.ts'
import { RelayRight } from './relay-right.ts'
import { isChunkNotUnderstood } from './smtp-chunking.ts'
import { DoorShut, SmtpDoor } from './smtp-door.ts'
import { type SmtpKind, type SmtpUpstreamKind, smtpKinds } from './smtp-kinds.ts'
import type { SmtpPack, SmtpParcel } from './smtp-parcel.ts'
import { SmtpPool } from './smtp-pool.ts'
import { SmtpRefusal } from './smtp-refusal.ts'
import { SessionNotOpened, type SmtpSession, type Transaction } from './smtp-session.ts'
import { smtpTroubleOutcome } from './smtp-trouble.ts'
import { envelopeOf, outcomesOf, sessionVerdict, sizeVerdict } from './smtp-verdict.ts'
import { outsiders, senderVerdict } from './tenant-verdict.ts'
import type { UpstreamParts } from './upstream-parts.ts'

/** What one send holds: pieces of the content on their way through TLS and the socket; measured, rounded up. */
const heldOctets = 524_288

/** An SMTP server as the next hop (RFC 5321, 3207, 4954, 3030), of any kind in `smtpKinds`, through nodemailer's client. */
export class SmtpDriver implements Upstream {
  readonly kind: SmtpUpstreamKind
  readonly name: string
  readonly traits: UpstreamTraits
  readonly #setup: UpstreamSetup
  readonly #kind: SmtpKind
  readonly #parts: UpstreamParts
  readonly #pack: SmtpPack
  readonly #door: SmtpDoor
  readonly #pool: SmtpPool
  readonly #relayRight: RelayRight
  /** EHLO's SIZE of the last connection. */
  #maxSize: number | undefined
  /** False once a BDAT was not understood, or ended without a reply: DATA is known to everybody. */
  #mayChunk = true

  constructor(kind: SmtpUpstreamKind, setup: UpstreamSetup, parts: UpstreamParts, pack: SmtpPack) {
    this.kind = kind
    this.name = setup.name
    this.#setup = setup
    this.#kind = smtpKinds[kind]
    this.#parts = parts
    this.#pack = pack
    this.traits = traitsOf(this.#kind)
    this.#relayRight = new RelayRight(parts.clock)
    this.#door = new SmtpDoor(setup, this.#kind, parts)
    this.#pool = new SmtpPool({
      connections: Math.min(setup.connections, this.#kind.mostConnections),
      clock: parts.clock,
      open: (signal) => this.#open(signal),
    })
  }

  async prepare(consignment: Consignment, signal: AbortSignal): Promise<Preparation> {
    const outside = outsiders(consignment, this.#setup)
    const [refusal] = outside.values()
    if (refusal && outside.size === consignment.recipients.length)
      return { kind: 'refused', outcome: refusal }
    const trouble = this.#door.trouble() ?? senderVerdict(consignment, this.#kind, this.#setup)
    if (trouble) return { kind: 'refused', outcome: trouble }
    using _memory = await this.#parts.memory.reserve(heldOctets, signal)
    const parcel = await this.#pack(consignment, signal)
    const tooLarge = sizeVerdict(parcel.size, this.#setup.maxMessageSize ?? this.#maxSize)
    if (tooLarge) return { kind: 'refused', outcome: tooLarge }
    const recipients = consignment.recipients.filter(({ number }) => !outside.has(number))
    return { kind: 'ready', prepared: this.#prepared({ ...consignment, recipients }, parcel, outside) }
  }

  #prepared(
    consignment: Consignment,
    parcel: SmtpParcel,
    outside: ReadonlyMap<number, Outcome>,
  ): PreparedConsignment {
    const talk: Talk = { said: undefined }
    return {
      bodySha256: parcel.sha256,
      size: parcel.size,
      send: async (onAccepted, signal) => {
        const isWhole = outside.size === 0
        const outcomes = await this.#send({ consignment, parcel, isWhole, onAccepted, signal, talk })
        return new Map([...outcomes, ...outside])
      },
      dialogue: () => talk.said,
    }
  }

  async #send(sending: Sending): Promise<ReadonlyMap<number, Outcome>> {
    const { consignment, parcel, signal } = sending
    using limit = deadline(this.#parts.clock, uploadLimitMs(parcel.size) + 10 * minute, signal)
    try {
      limit.signal.throwIfAborted()
      using _memory = await this.#parts.memory.reserve(heldOctets, limit.signal)
      return await this.#attempt(sending, limit.signal)
    } catch (error) {
      if (error instanceof CommitFailure) throw error
      if (error instanceof SessionNotOpened) sending.talk.said = error.dialogue
      const outcome = this.#beforeTransaction(error, limit.signal)
      this.#heed(outcome)
      return forAll(outcome, consignment.recipients)
    }
  }

  /** A BDAT that was not understood has taken nothing: the same mail goes by DATA, on another connection (RFC 3030 section 2). */
  async #attempt(sending: Sending, signal: AbortSignal): Promise<ReadonlyMap<number, Outcome>> {
    const carry = () => this.#pool.with(signal, (session) => this.#transact(session, sending, signal))
    const first = await carry()
    if (first !== 'not-understood') return first
    this.#parts.log.write('warn', 'chunking-not-understood', { upstream: this.name })
    const second = await carry()
    if (second === 'not-understood') throw new Error('BDAT was said although it is not understood')
    return second
  }

  async #transact(
    session: SmtpSession,
    sending: Sending,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Outcome> | 'not-understood'> {
    const { consignment, parcel, talk } = sending
    const envelope = envelopeOf(consignment, parcel)
    const refused = sessionVerdict(session, envelope)
    if (refused) return forAll(refused, consignment.recipients)
    const content = assertedContent(parcel, signal)
    const transaction = await session.transact(envelope, content, this.#mayChunk, signal)
    if (this.#learn(transaction)) return 'not-understood'
    const outcomes = this.#relayRight.judge(consignment, outcomesOf(transaction, consignment, signal))
    for (const outcome of new Set(outcomes.values())) this.#heed(outcome)
    const isTaken = [...outcomes.values()].every(({ kind }) => kind === 'accepted')
    if (!isTaken) talk.said = session.dialogue
    // `onAccepted` speaks for every recipient: a part that was taken in part is settled by its outcomes.
    if (isTaken && sending.isWhole) await commit(sending)
    return outcomes
  }

  /** Tells whether the mail is to be handed in by DATA at once. */
  #learn({ isChunked, failure }: Transaction): boolean {
    if (!isChunked || failure === undefined) return false
    const isRefused = isChunkNotUnderstood(failure)
    if (isRefused || !(failure instanceof SmtpRefusal)) this.#mayChunk = false
    return isRefused
  }

  #heed(outcome: Outcome): void {
    if (outcome.kind !== 'transient') return
    if (outcome.code === 'too-many-connections') this.#pool.spare(1)
    if (underPressure.has(outcome.code)) this.#pool.spare(this.#pool.connections - 1)
  }

  async ask(reference: string): Promise<Outcome> {
    return cannotAsk('SMTP', reference)
  }

  /** Connects and signs in, with a fresh token where one is used. */
  async probe(signal: AbortSignal): Promise<ProbeOutcome> {
    using limit = deadline(this.#parts.clock, 2 * minute, signal)
    try {
      const session = await this.#door.open(limit.signal, true)
      session.quit()
      return { kind: 'usable' }
    } catch (error) {
      return serviceTrouble(this.#beforeTransaction(error, limit.signal))
    }
  }

  /** Nothing of the mail has left yet. */
  #beforeTransaction(error: unknown, signal: AbortSignal): Outcome {
    if (error instanceof DoorShut) return error.outcome
    const aborted = abortTrouble(signal)
    if (aborted) return connectionOutcome(aborted)
    const cause = error instanceof SessionNotOpened ? error.cause : error
    return smtpTroubleOutcome(cause, { isContentSent: false, reference: '' })
  }

  async #open(signal: AbortSignal): Promise<SmtpSession> {
    const session = await this.#door.open(signal)
    this.#maxSize = session.maxSize
    return session
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pool[Symbol.dispose]()
  }
}

/** Exchange doubts our address or is busy: more connections would prolong it. */
const underPressure: ReadonlySet<string> = new Set(['grey-listed', 'back-pressure'])

const traitsOf = ({ recipientsPerPart }: SmtpKind): UpstreamTraits => ({
  recipientsPerPart,
  canAsk: false,
  canConfirm: false,
  rebuildsMessage: false,
  askQuota: {},
  isOutbox: false,
})

/** What is left of a conversation that did not end well. */
interface Talk {
  said: string | undefined
}

interface Sending {
  readonly consignment: Consignment
  readonly parcel: SmtpParcel
  /** Nobody of the part was refused before connecting. */
  readonly isWhole: boolean
  readonly onAccepted: (reference: string) => Promise<void>
  readonly signal: AbortSignal
  readonly talk: Talk
}

/** The server took the mail and the spool could not write it down: not a trouble of the network. */
class CommitFailure extends Error {}

async function commit({ consignment, onAccepted }: Sending): Promise<void> {
  try {
    await onAccepted(consignment.operationId)
  } catch (cause) {
    throw new CommitFailure('the server took a mail that could not be recorded', { cause })
  }
}

function serviceTrouble(outcome: Outcome): ProbeOutcome {
  if (outcome.kind === 'transient' || outcome.kind === 'paused' || outcome.kind === 'throttled')
    return outcome
  throw new Error(`a sign-in cannot end as ${outcome.kind}`)
}
