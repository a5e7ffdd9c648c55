import { createHash } from 'node:crypto'
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
import { deadline, uploadLimitMs } from './deadline.ts'
import { forAll } from './for-all.ts'
import { abortTrouble, connectionOutcome } from './network-trouble.ts'
import { openSecret } from './open-secret.ts'
import { type Paused, paused } from './pause-reasons.ts'
import type { SmtpPack, SmtpParcel } from './smtp-parcel.ts'
import { SmtpPool } from './smtp-pool.ts'
import { type SmtpServer, SmtpSession } from './smtp-session.ts'
import { smtpTroubleOutcome } from './smtp-trouble.ts'
import { envelopeOf, outcomesOf, sessionVerdict, sizeVerdict } from './smtp-verdict.ts'
import { loadTrust } from './trust.ts'
import type { UpstreamParts } from './upstream-parts.ts'

/** What one send holds: pieces of the content on their way through TLS and the socket; measured, rounded up. */
const heldOctets = 524_288

/** Any SMTP server as the next hop (RFC 5321, 3207, 4954), through nodemailer's client. */
export class Smarthost implements Upstream {
  readonly kind = 'smarthost'
  readonly name: string
  readonly traits: UpstreamTraits = {
    recipientsPerPart: 100,
    canAsk: false,
    canConfirm: false,
    rebuildsMessage: false,
    askQuota: {},
    isOutbox: false,
  }
  readonly #setup: UpstreamSetup
  readonly #parts: UpstreamParts
  readonly #pack: SmtpPack
  readonly #pool: SmtpPool
  /** EHLO's SIZE of the last connection. */
  #maxSize: number | undefined

  constructor(setup: UpstreamSetup, parts: UpstreamParts, pack: SmtpPack) {
    this.name = setup.name
    this.#setup = setup
    this.#parts = parts
    this.#pack = pack
    this.#pool = new SmtpPool({
      connections: setup.connections,
      clock: parts.clock,
      open: (signal) => this.#open(signal),
    })
  }

  async prepare(consignment: Consignment, signal: AbortSignal): Promise<Preparation> {
    const server = this.#server()
    if (server.kind === 'paused') return { kind: 'refused', outcome: server }
    using _memory = await this.#parts.memory.reserve(heldOctets, signal)
    const parcel = await this.#pack(consignment, signal)
    const tooLarge = sizeVerdict(parcel.size, this.#setup.maxMessageSize ?? this.#maxSize)
    if (tooLarge) return { kind: 'refused', outcome: tooLarge }
    return { kind: 'ready', prepared: this.#prepared(consignment, parcel) }
  }

  #prepared(consignment: Consignment, parcel: SmtpParcel): PreparedConsignment {
    return {
      bodySha256: parcel.sha256,
      size: parcel.size,
      send: (onAccepted, signal) => this.#send({ consignment, parcel, onAccepted, signal }),
    }
  }

  async #send(sending: Sending): Promise<ReadonlyMap<number, Outcome>> {
    const { consignment, parcel, signal } = sending
    using limit = deadline(this.#parts.clock, uploadLimitMs(parcel.size) + 10 * minute, signal)
    try {
      limit.signal.throwIfAborted()
      using _memory = await this.#parts.memory.reserve(heldOctets, limit.signal)
      return await this.#pool.with(limit.signal, (session) => this.#transact(session, sending, limit.signal))
    } catch (error) {
      if (error instanceof CommitFailure) throw error
      return forAll(this.#beforeTransaction(error, limit.signal), consignment.recipients)
    }
  }

  async #transact(
    session: SmtpSession,
    sending: Sending,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Outcome>> {
    const { consignment, parcel } = sending
    const envelope = envelopeOf(consignment, parcel)
    const refused = sessionVerdict(session, envelope)
    if (refused) return forAll(refused, consignment.recipients)
    const transaction = await session.transact(envelope, asserted(parcel, signal), signal)
    const outcomes = outcomesOf(transaction, consignment, signal)
    // `onAccepted` speaks for every recipient: a part that was taken in part is settled by its outcomes.
    if ([...outcomes.values()].every(({ kind }) => kind === 'accepted')) await commit(sending)
    return outcomes
  }

  async ask(reference: string): Promise<Outcome> {
    return {
      kind: 'transient',
      code: 'cannot-ask',
      detail: `SMTP has no way to ask what became of ${reference}`,
    }
  }

  /** Connects and signs in. */
  async probe(signal: AbortSignal): Promise<ProbeOutcome> {
    const server = this.#server()
    if (server.kind === 'paused') return server
    using limit = deadline(this.#parts.clock, 2 * minute, signal)
    try {
      const session = await SmtpSession.open(server.server, limit.signal)
      session.quit()
      return { kind: 'usable' }
    } catch (error) {
      return serviceTrouble(this.#beforeTransaction(error, limit.signal))
    }
  }

  /** Nothing of the mail has left yet. */
  #beforeTransaction(error: unknown, signal: AbortSignal): Outcome {
    if (error instanceof ServerUnknown) return error.outcome
    const aborted = abortTrouble(signal)
    if (aborted) return connectionOutcome(aborted)
    return smtpTroubleOutcome(error, { isContentSent: false, reference: '' })
  }

  async #open(signal: AbortSignal): Promise<SmtpSession> {
    const server = this.#server()
    if (server.kind === 'paused') throw new ServerUnknown(server)
    const session = await SmtpSession.open(server.server, signal)
    this.#maxSize = session.maxSize
    return session
  }

  #server(): { readonly kind: 'server'; readonly server: SmtpServer } | Paused {
    const { host, port, security, caFile, credential } = this.#setup
    const trust = loadTrust(caFile)
    if (trust.kind === 'unreadable') return paused('upstream', 'ca-file-unreadable', trust.detail)
    const { hostname } = this.#parts.gateway
    const base = { host, port, security, hostname, context: trust.context }
    if (credential.kind === 'none') return { kind: 'server', server: { ...base, signIn: undefined } }
    if (credential.kind !== 'password') return paused('upstream', 'sign-in-unsupported', credential.kind)
    const opened = openSecret(this.#parts.secrets, credential.password)
    if (opened.kind === 'paused') return opened
    const signIn = { username: credential.username, password: opened.secret }
    return { kind: 'server', server: { ...base, signIn } }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pool[Symbol.dispose]()
  }
}

interface Sending {
  readonly consignment: Consignment
  readonly parcel: SmtpParcel
  readonly onAccepted: (reference: string) => Promise<void>
  readonly signal: AbortSignal
}

/** There is nothing to connect to as the settings stand. */
class ServerUnknown extends Error {
  readonly outcome: Paused

  constructor(outcome: Paused) {
    super(outcome.pause.reason)
    this.outcome = outcome
  }
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

/** Ends by throwing, so that the final dot never leaves, if the octets are not those that `prepare` committed to. */
async function* asserted(
  parcel: SmtpParcel,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  for await (const piece of parcel.read(signal)) {
    hash.update(piece)
    yield piece
  }
  if (hash.digest('hex') !== parcel.sha256) throw new Error('the content is not the one that was prepared')
}
