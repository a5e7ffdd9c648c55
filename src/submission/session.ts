import type { MessageId } from '../core/message-id.ts'
import { type Reply, replies, replyText } from '../core/reply.ts'
import type { DeviceSetup, ListenerSetup, TlsFloor } from '../core/setup.ts'
import type { SessionRecord } from '../core/spool.ts'
import { second, type WallMs, wallMs } from '../core/time.ts'
import { judgeSignIn, type Manners, mannersFor, maySignIn, type Submitter, submitterOf } from './admission.ts'
import type { DeviceRates } from './device-rate.ts'
import type { Origin } from './draft.ts'
import type { ClientMemories } from './edge/client-memories.ts'
import type { ConnectionDesk } from './edge/connection.ts'
import type { DataSink } from './edge/conversation.ts'
import type { AddressCommand } from './edge/path.ts'
import type { SignInAttempt } from './edge/smtp-machine.ts'
import { Transcript } from './edge/transcript.ts'
import { judgeRecipient, judgeSender } from './envelope-addresses.ts'
import type { GuessLimits } from './guess-limits.ts'
import type { LostReplies } from './lost-replies.ts'
import type { SubmissionParts } from './parts.ts'
import { MailReception } from './reception.ts'
import { type Rules, rulesOf } from './rules.ts'
import type { LiveSession } from './session-archive.ts'
import { Transaction } from './transaction.ts'

/** What one reception may hold in memory: the spool keeps up to 256 KiB before it writes, and pieces are on the way. */
const receptionOctets = 320 * 1024
const overheadOctets = 64 * 1024
/** Devices give up after 30 s. */
const memoryWaitMs = 20 * second

export interface SessionParts {
  readonly submission: SubmissionParts
  readonly memories: ClientMemories
  readonly guesses: GuessLimits
  readonly rates: DeviceRates
  readonly lostReplies: LostReplies
}

/** One SMTP session: who it is, what it may, what it did. Decisions are admission's; this keeps what they stand on. */
export class SubmissionSession implements ConnectionDesk, LiveSession {
  readonly id: string
  readonly address: string
  readonly transcript: Transcript
  readonly #parts: SessionParts
  readonly #listener: () => ListenerSetup
  readonly #startedAt: WallMs
  readonly #ended = new AbortController()
  readonly #messages: MessageId[] = []
  #signedInAs: string | undefined
  #hasSpoken = false
  #helo = ''
  #isExtended = false
  #tls = ''
  #result = ''
  #transaction: Transaction | undefined
  /** The message whose 250 nothing has followed yet. */
  #unheard: MessageId | undefined
  #submitter: { readonly rules: Rules; readonly isSecure: boolean; readonly is: Submitter } | undefined

  constructor(parts: SessionParts, id: string, address: string, listener: () => ListenerSetup) {
    this.#parts = parts
    this.id = id
    this.address = address
    this.#listener = listener
    this.#startedAt = parts.submission.clock.wall()
    this.transcript = new Transcript(parts.submission.clock)
  }

  tlsFloor(): TlsFloor {
    return this.#manners().tls
  }

  /** RFC 3207 section 4.2: what was said in clear is forgotten, who it was too. */
  secured(description: string): void {
    this.#tls = description
    this.#signedInAs = undefined
    this.#submitter = undefined
    this.#helo = ''
    this.#isExtended = false
    this.reset()
  }

  deviceName(): string | undefined {
    const submitter = this.#submitter?.is
    return this.#signedInAs ?? (submitter?.kind === 'device' ? submitter.device.name : undefined)
  }

  capabilities(isSecure: boolean): readonly string[] {
    const manners = this.#manners()
    const offersTls = !isSecure && !manners.hidesStartTls
    const offersAuth = this.#signedInAs === undefined && (isSecure || this.#rules().trusted.has(this.address))
    return [
      'PIPELINING',
      `SIZE ${this.#rules().setup.gateway.maxMessageSize}`,
      ...(offersTls ? ['STARTTLS'] : []),
      ...(offersAuth ? [`AUTH ${manners.auth.join(' ')}`] : []),
      'ENHANCEDSTATUSCODES',
      '8BITMIME',
      'SMTPUTF8',
    ]
  }

  offersStartTls(): boolean {
    return !this.#manners().hidesStartTls
  }

  maySignIn(mechanism: string): Reply | undefined {
    return maySignIn(this.#rules(), this.address, this.#tls !== '', mechanism)
  }

  async signIn(attempt: SignInAttempt): Promise<Reply | undefined> {
    const { guesses, memories, submission } = this.#parts
    if (guesses.isTooMany(this.address)) return this.#refused(replies.tooManyGuesses, 'too many guesses')
    const from = { address: this.address, isSecure: this.#tls !== '' }
    const verdict = judgeSignIn(this.#rules(), submission.secrets, from, attempt)
    if (verdict.kind === 'refused') {
      if (verdict.isGuess) {
        await submission.clock.sleep(guesses.fail(this.address), this.#ended.signal)
      }
      return this.#refused(verdict.reply, `sign-in refused: ${verdict.why}`)
    }
    guesses.succeed(this.address)
    memories.learn(this.address, { device: verdict.device.name })
    this.#signedInAs = verdict.device.name
    this.#submitter = undefined
    this.transcript.note(verdict.note ?? `signed in as ${verdict.device.name}`)
    return undefined
  }

  sender(command: AddressCommand): Reply | undefined {
    const submitter = this.#whoSubmits()
    if (submitter.kind === 'refused') return this.#refused(submitter.reply, undefined)
    const { device } = submitter
    if (this.#parts.rates.isFarAbove(device.name, device.maxPerHour)) {
      return this.#refused(replies.aboveOwnRate, `above ten times ${device.maxPerHour} an hour`)
    }
    const sender = judgeSender(this.#rules(), device, command)
    if (sender.kind === 'refused') return this.#refused(sender.reply, undefined)
    const declared = Number(command.parameters['SIZE'])
    this.#transaction = new Transaction(device, sender, Number.isFinite(declared) ? declared : undefined)
    return undefined
  }

  recipient(command: AddressCommand): Reply | undefined {
    const transaction = this.#transaction
    if (!transaction) return replies.senderNotAllowed
    const rules = this.#rules()
    const judged = judgeRecipient(rules, transaction.device, command)
    switch (judged.kind) {
      case 'refused':
        return this.#refused(judged.reply, undefined)
      case 'test':
        transaction.addTest(judged.address)
        return undefined
      case 'recipients':
        return transaction.add(judged.recipients, rules.setup.limits.recipients)
          ? undefined
          : this.#refused(replies.tooManyRecipients, undefined)
    }
  }

  hasRecipients(): boolean {
    return this.#transaction !== undefined && !this.#transaction.isEmpty
  }

  reset(): void {
    this.#transaction = undefined
  }

  openData(): DataSink | Reply | Promise<DataSink | Reply> {
    const transaction = this.#transaction
    if (!transaction) return replies.senderNotAllowed
    const declared = transaction.declaredSize ?? receptionOctets
    const octets = Math.min(declared + overheadOctets, receptionOctets)
    const hold = this.#parts.submission.memory.tryReserve(octets)
    return hold ? this.#receive(transaction, hold) : this.#waitForMemory(transaction, octets)
  }

  heard(verb: string, argument: string): void {
    if (!this.#hasSpoken && this.#tls === '') {
      this.#parts.memories.learn(this.address, { speaksFirst: 'smtp' })
    }
    this.#hasSpoken = true
    if (verb === 'EHLO' || verb === 'HELO') {
      this.#helo = argument
      this.#isExtended = verb === 'EHLO'
    }
    this.#unheard = undefined
  }

  /** The connection is over. */
  end(): void {
    this.#ended.abort()
    if (this.#unheard !== undefined) this.#replyLost(this.#unheard)
  }

  record(): SessionRecord {
    return {
      id: this.id,
      startedAt: this.#startedAt,
      endedAt: wallMs(this.#parts.submission.clock.wall()),
      address: this.address,
      listener: this.#listener().name,
      device: this.deviceName(),
      helo: this.#helo.slice(0, 255),
      tls: this.#tls,
      messages: [...this.#messages],
      result: this.#result,
      lines: this.transcript.lines(),
    }
  }

  #rules(): Rules {
    return rulesOf(this.#parts.submission.setup())
  }

  #manners(): Manners {
    const { memories, submission } = this.#parts
    const known = this.#signedInAs ?? memories.deviceAt(this.address)
    const today = submission.clock.isBelievable() ? submission.clock.wall() : undefined
    return mannersFor(this.#rules(), this.#listener(), this.address, known, today)
  }

  /** Asked once per revision of the setup: a kept session hands in thousands of mails. */
  #whoSubmits(): Submitter {
    const rules = this.#rules()
    const isSecure = this.#tls !== ''
    if (this.#submitter?.rules !== rules || this.#submitter.isSecure !== isSecure) {
      const is = submitterOf(rules, this.address, isSecure, this.#signedInAs)
      this.#submitter = { rules, isSecure, is }
    }
    return this.#submitter.is
  }

  async #waitForMemory(transaction: Transaction, octets: number): Promise<DataSink | Reply> {
    const { memory, clock } = this.#parts.submission
    const patience = new AbortController()
    const cancel = clock.after(memoryWaitMs, () => patience.abort())
    try {
      const signal = AbortSignal.any([patience.signal, this.#ended.signal])
      return this.#receive(transaction, await memory.reserve(octets, signal))
    } catch {
      return this.#refused(replies.noMemory, 'no memory for another message')
    } finally {
      cancel()
    }
  }

  #receive(transaction: Transaction, hold: Disposable): DataSink {
    const { submission, rates, lostReplies } = this.#parts
    return new MailReception({
      submission,
      rates,
      transaction,
      origin: this.#origin(),
      hold,
      mayBeRepeat: (device) => lostReplies.maybe(device),
      note: (text) => this.transcript.note(text),
      refused: (reply) => this.#refused(reply, undefined),
      accepted: (id) => this.#accepted(id, transaction.device),
    })
  }

  #origin(): Origin {
    return { session: this.id, address: this.address, helo: this.#helo, protocol: this.#protocol() }
  }

  /** RFC 3848. */
  #protocol(): Origin['protocol'] {
    if (!this.#isExtended) return 'SMTP'
    if (this.#signedInAs === undefined) return this.#tls === '' ? 'ESMTP' : 'ESMTPS'
    return this.#tls === '' ? 'ESMTPA' : 'ESMTPSA'
  }

  #accepted(id: MessageId, device: DeviceSetup): void {
    this.#messages.push(id)
    this.#result = `accepted ${this.#messages.length}`
    if (this.#ended.signal.aborted) this.#replyLost(id, device.name)
    else this.#unheard = id
  }

  #replyLost(id: MessageId, device = this.deviceName()): void {
    this.transcript.note(`nothing followed the reply to ${id}: it may be lost`)
    this.#parts.lostReplies.mark(id, device)
  }

  #refused(reply: Reply, note: string | undefined): Reply {
    if (note !== undefined) this.transcript.note(note)
    this.#result = `${reply.code} ${replyText(reply)}`
    return reply
  }
}
