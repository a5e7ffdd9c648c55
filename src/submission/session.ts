import { comparable } from '../core/address.ts'
import { perHourOf } from '../core/device-limit.ts'
import type { GuessLimits } from '../core/guess-limits.ts'
import type { MessageId } from '../core/message-id.ts'
import { type Reply, replies } from '../core/reply.ts'
import type { Bearings, RefusalDetail, SessionEvent } from '../core/session-event.ts'
import type { DeviceSetup, ListenerSetup, TlsFloor } from '../core/setup.ts'
import type { SessionRecord } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import type { Verdict } from '../core/verdict.ts'
import {
  type Client,
  closedSignIn,
  deviceAt,
  type Manners,
  mannersFor,
  maySignIn,
  type Submitter,
  submitterOf,
} from './admission.ts'
import type { AuthAnnouncements } from './auth-announcement.ts'
import { bearingsOf, likelyDevice } from './bearings.ts'
import type { DeviceNames, Named } from './device-names.ts'
import type { DeviceRates } from './device-rate.ts'
import type { DeviceTraits } from './device-traits.ts'
import type { ClientMemories } from './edge/client-memories.ts'
import type { DataEnd } from './edge/data-decoder.ts'
import type { Desk } from './edge/desk.ts'
import type { DataSink } from './edge/incoming-data.ts'
import type { AddressCommand } from './edge/path.ts'
import type { SignInAttempt } from './edge/smtp-machine.ts'
import { judgeRecipient, judgeSender } from './envelope-addresses.ts'
import { learnFrom } from './lessons.ts'
import type { Accepted, LostReplies } from './lost-replies.ts'
import { holdMemory, type MemoryShares } from './memory-hold.ts'
import type { SubmissionParts } from './parts.ts'
import type { PopBeforeSmtp } from './pop-before-smtp.ts'
import { MailReception, type Received } from './reception.ts'
import { logRefused } from './refusal-log.ts'
import { type Rules, rulesOf } from './rules.ts'
import type { LiveSession } from './session-archive.ts'
import type { SessionFacts } from './session-facts.ts'
import { SessionNews } from './session-news.ts'
import { shownLogin } from './shown-login.ts'
import type { Sightings } from './sightings.ts'
import { trySignIn } from './sign-in.ts'
import { heldBack, isStranger, mostRecipients, strangerAt, strangersRefusal } from './strangers.ts'
import { Trail } from './trail.ts'
import { Transaction } from './transaction.ts'

export interface SessionParts {
  readonly submission: SubmissionParts
  readonly memories: ClientMemories
  readonly guesses: GuessLimits
  readonly names: DeviceNames
  readonly rates: DeviceRates
  readonly lostReplies: LostReplies
  readonly announcements: AuthAnnouncements
  readonly pop: PopBeforeSmtp
  readonly shares: MemoryShares
  readonly sightings: Pick<Sightings, 'saw'>
  readonly traits: Pick<DeviceTraits, 'saw' | 'needs'>
}

/** One SMTP session: who it is, what it may, what it did. Decisions are admission's; this keeps what they stand on. */
export class SubmissionSession implements Desk, LiveSession {
  readonly facts: SessionFacts
  readonly #parts: SessionParts
  readonly #listener: () => ListenerSetup
  readonly #client: Client
  readonly #ended = new AbortController()
  readonly #news: SessionNews
  #signedInAs: Named | undefined
  /** Whose login was said, whether it was let in or not. */
  #loginOf: string | undefined
  #hasSpoken = false
  /** EHLO offered AUTH. */
  #wasOfferedAuth = false
  #transaction: Transaction | undefined
  /** The messages whose 250 nothing has followed yet. */
  #unheard: readonly Accepted[] = []
  readonly #trail = new Trail()
  /** Names of docs/devices.md. */
  readonly #repairs = new Set<string>()
  #submitter:
    | {
        readonly rules: Rules
        readonly isSecure: boolean
        readonly name: string | undefined
        readonly is: Submitter
        /** Of the device that it is. */
        readonly named: Named | undefined
      }
    | undefined

  constructor(parts: SessionParts, facts: SessionFacts, client: Client, listener: () => ListenerSetup) {
    this.#parts = parts
    this.facts = facts
    this.#client = client
    this.#listener = listener
    this.#news = new SessionNews(parts.submission, facts, () => this.#likelyDevice())
  }

  begin(): void {
    if (this.#news.isHeard) this.#news.step('connected', this.#listener().name)
  }

  tlsFloor(): TlsFloor {
    return this.#manners().tls
  }

  certificate(): DeviceSetup['certificate'] {
    return this.#manners().certificate
  }

  /** RFC 3207 section 4.2: what was said in clear is forgotten, who it was too. */
  secured(description: string, isWeak: boolean): void {
    this.facts.secured(description, isWeak)
    this.#signedInAs = undefined
    this.#loginOf = undefined
    this.#submitter = undefined
    this.#wasOfferedAuth = false
    this.reset()
    if (this.#news.isHeard) this.#news.step('secured', description)
  }

  /** For people who watch: a panel that mistypes its password is to be seen under its name. */
  #likelyDevice(): string | undefined {
    return this.#deviceName() ?? this.#loginOf ?? likelyDevice(this.#parts, this.#client)
  }

  #deviceName(): string | undefined {
    return this.#signedInAs?.() ?? this.#submitter?.named?.()
  }

  capabilities(isSecure: boolean): readonly string[] {
    const manners = this.#manners()
    const offersTls = !isSecure && !manners.hidesStartTls
    const offersAuth =
      this.#signedInAs === undefined && (isSecure || this.#rules().trusted.has(this.facts.address))
    this.#wasOfferedAuth = offersAuth
    return [
      'PIPELINING',
      `SIZE ${this.#rules().setup.gateway.maxMessageSize}`,
      ...(offersTls ? ['STARTTLS'] : []),
      ...(offersAuth ? this.#offeredAuth(manners) : []),
      'ENHANCEDSTATUSCODES',
      '8BITMIME',
      'SMTPUTF8',
    ]
  }

  offersStartTls(): boolean {
    return !this.#manners().hidesStartTls
  }

  maySignIn(mechanism: string): Reply | undefined {
    const reply = maySignIn(this.#rules(), this.#client, this.facts.isSecure, mechanism)
    if (!reply) return undefined
    const device = deviceAt(this.#rules(), this.#client)?.name
    return this.#refused(reply, undefined, closedSignIn(reply, mechanism, device))
  }

  happened(event: SessionEvent): void {
    this.facts.happened(event)
  }

  repaired(quirks: readonly string[]): void {
    for (const quirk of quirks) this.#repairs.add(quirk)
  }

  refused(reply: Reply): void {
    this.#refused(reply, undefined)
  }

  async signIn(attempt: SignInAttempt): Promise<Reply | undefined> {
    this.#trail.signIn(attempt, this.#rules())
    this.#loginOf = this.#rules().byLogin.get(comparable(attempt.username.trim()))?.name
    if (this.#trail.hasUnknownLogin && this.#stranger()) {
      await this.#keepLogin(attempt)
      this.facts.transcript.note('sign-in of an unknown device, taken as it is: its mail is held')
      this.#tellSignIn()
      return undefined
    }
    const from = { ...this.#client, isSecure: this.facts.isSecure }
    const verdict = await trySignIn(this.#parts, from, attempt, this.#ended.signal)
    if (verdict.kind === 'refused') {
      // Behind the limit of guesses: looking costs time for every device.
      if (verdict.trouble.kind === 'unknown-login') await this.#keepLogin(attempt)
      return this.#refused(verdict.reply, `sign-in refused: ${verdict.why}`, verdict.trouble)
    }
    this.#signedInAs = this.#parts.names.follow(verdict.device.name)
    this.#submitter = undefined
    this.facts.transcript.note(verdict.note ?? `signed in as ${verdict.device.name}`)
    this.#tellSignIn()
    return undefined
  }

  /** Without a login that no device has, unless that may be shown: it may be a password in the wrong field. */
  #tellSignIn(): void {
    if (this.#news.isHeard) this.#news.step('signed-in', this.#trail.username)
  }

  async #keepLogin(attempt: SignInAttempt): Promise<void> {
    this.#trail.named(await shownLogin(this.#rules(), this.#parts.submission.secrets, attempt))
  }

  sender(command: AddressCommand): Reply | undefined {
    this.#trail.sender(command)
    const submitter = this.#whoSubmits()
    if (submitter.kind === 'refused') {
      const stranger = this.#stranger()
      if (stranger) return this.#begin(stranger, command)
      if (submitter.reply === replies.signInFirst && this.#wasOfferedAuth) this.#overlookedAuth()
      return this.#refused(submitter.reply, undefined)
    }
    return this.#begin(submitter.device, command)
  }

  #begin(device: DeviceSetup, command: AddressCommand): Reply | undefined {
    const perHour = this.#perHour(device)
    if (this.#parts.rates.isFarAbove(device.name, perHour)) {
      return this.#refused(replies.aboveOwnRate, `above ten times ${perHour} an hour`)
    }
    const sender = judgeSender(this.#rules(), device, command)
    if (sender.kind === 'refused') {
      const isBad = sender.reply === replies.badSender
      return this.#refused(
        sender.reply,
        undefined,
        isBad ? { kind: 'sender', said: command.path } : undefined,
      )
    }
    if (sender.isOwn) this.#repaired('mail-no-domain', `${sender.reversePath} is its sender`)
    const declared = Number(command.parameters['SIZE'])
    const named = this.#parts.names.follow(device.name)
    const size = Number.isFinite(declared) ? declared : undefined
    this.#transaction = new Transaction(device, named, sender, size)
    return undefined
  }

  #perHour(device: DeviceSetup): number {
    return perHourOf(device, this.#rules().setup.gateway, this.#today())
  }

  recipient(command: AddressCommand): Reply | undefined {
    this.#trail.recipient(command.path)
    const transaction = this.#transaction
    if (!transaction) return this.#refused(replies.senderNotAllowed, undefined)
    const rules = this.#rules()
    const judged = judgeRecipient(rules, transaction.device, command)
    switch (judged.kind) {
      case 'refused':
        return this.#refused(judged.reply, undefined, {
          kind: 'recipient',
          said: command.path,
          forbidden: judged.forbidden,
        })
      case 'test':
        if (isStranger(transaction.device)) return this.#refused(replies.recipientNotAllowed, undefined)
        transaction.addTest(judged.address)
        return undefined
      case 'recipients':
        return transaction.add(judged.recipients, mostRecipients(rules, transaction.device))
          ? undefined
          : this.#refused(replies.tooManyRecipients, undefined)
    }
  }

  hasRecipients(): boolean {
    return this.#transaction !== undefined && !this.#transaction.isEmpty
  }

  misaddressed(verb: 'MAIL FROM' | 'RCPT TO'): void {
    this.facts.refused(verb === 'MAIL FROM' ? replies.badSender : replies.badRecipient)
  }

  reset(): void {
    this.#transaction = undefined
  }

  openData(): DataSink | Reply | Promise<DataSink | Reply> {
    const transaction = this.#transaction
    if (!transaction) return this.#refused(replies.senderNotAllowed, undefined)
    if (!isStranger(transaction.device)) return this.#openData(transaction)
    return strangersRefusal(this.#parts.submission, transaction).then((reply) =>
      reply ? this.#refused(reply, undefined) : this.#openData(transaction),
    )
  }

  #openData(transaction: Transaction): DataSink | Reply | Promise<DataSink | Reply> {
    const { memory, clock } = this.#parts.submission
    const parts = { memory, clock, shares: this.#parts.shares, budget: this.#rules().setup.limits.memory }
    const hold = holdMemory(parts, this.facts.address, transaction.declaredSize, this.#ended.signal)
    if (!(hold instanceof Promise)) return this.#receive(transaction, hold)
    return hold.then((held) =>
      held
        ? this.#receive(transaction, held)
        : this.#refused(replies.noMemory, 'no memory for another message'),
    )
  }

  dataEnd(): DataEnd {
    return this.#transaction?.device.dataEnd ?? 'crlf'
  }

  heard(verb: string, argument: string): void {
    if (!this.#hasSpoken && !this.facts.isSecure) {
      this.#parts.memories.learn(this.facts.address, { speaksFirst: 'smtp' })
    }
    this.#hasSpoken = true
    this.facts.spoke()
    if (verb === 'EHLO' || verb === 'HELO') this.facts.greeted(verb, argument)
    // Behind a refused MAIL nobody asks whether the recipient is allowed.
    if (verb === 'RCPT' && !this.#transaction) this.#trail.recipient(argument)
    this.#replyHeard()
  }

  /** The connection is over. */
  end(): void {
    this.#ended.abort()
    this.facts.ended()
    this.#replyLost(this.#unheard)
    const record = this.record()
    learnFrom(this.#parts, this.#rules(), record, { trail: this.#trail, repairs: this.#repairs })
    if (this.#news.isHeard) this.#tellVerdict(record.verdict, true)
  }

  record(): SessionRecord {
    const isSignedIn = this.#signedInAs !== undefined
    return this.facts.record(this.#listener().name, this.#deviceName(), this.#bearings(), isSignedIn)
  }

  #bearings(): Bearings {
    const known = this.#deviceName() ?? this.#parts.memories.deviceAt(this.facts.address)
    return bearingsOf(this.#rules(), this.#client, known, this.#today(), 'smtp')
  }

  #tellVerdict(verdict: Verdict | undefined, isOver: boolean): void {
    if (verdict) this.#news.verdict(verdict, isOver)
  }

  #rules(): Rules {
    return rulesOf(this.#parts.submission.setup())
  }

  #manners(): Manners {
    const known = this.#signedInAs?.() ?? this.#parts.memories.deviceAt(this.facts.address)
    return mannersFor(this.#rules(), this.#listener(), this.#client, known, this.#today())
  }

  /** Undefined: the clock can't be believed. */
  #today(): WallMs | undefined {
    const { clock } = this.#parts.submission
    return clock.isBelievable() ? clock.wall() : undefined
  }

  /** Asked once per revision of the setup: a kept session hands in thousands of mails. */
  #whoSubmits(): Submitter {
    const rules = this.#rules()
    const isSecure = this.facts.isSecure
    const signedInAs = this.#signedInAs?.()
    const name = signedInAs ?? this.#parts.pop.deviceAt(this.facts.address)
    const known = this.#submitter
    if (known?.rules === rules && known.isSecure === isSecure && known.name === name) return known.is
    const is = submitterOf(rules, this.#client, isSecure, name)
    const named = is.kind === 'device' ? this.#parts.names.follow(is.device.name) : undefined
    this.#submitter = { rules, isSecure, name, is, named }
    if (name !== signedInAs) this.facts.transcript.note(`${name} signed in by POP3 from here`)
    return is
  }

  /** As whom a device is let in that nobody knows, in a take-over window. */
  #stranger(): DeviceSetup | undefined {
    if (this.#signedInAs !== undefined) return undefined
    return strangerAt(this.#rules(), this.#parts.submission.takeOver, this.#client.address)
  }

  #overlookedAuth(): void {
    this.#parts.announcements.overlooked(this.facts.address)
    this.facts.transcript.note('auth-equals: the next EHLO offers AUTH=LOGIN too')
  }

  /** In the old form too where its address, or the device known there, was seen to need that. */
  #offeredAuth({ auth, device }: Manners): readonly string[] {
    const { announcements, traits } = this.#parts
    const isOld = device !== undefined && traits.needs(device.name, 'auth-equals')
    if (!isOld && !announcements.isOld(this.facts.address)) return [`AUTH ${auth.join(' ')}`]
    this.#repaired('auth-equals', 'AUTH=LOGIN is offered too')
    return [`AUTH ${auth.join(' ')}`, `AUTH=${auth.join(' ')}`]
  }

  #repaired(quirk: string, what: string): void {
    this.#repairs.add(quirk)
    this.facts.transcript.note(`${quirk}: ${what}`)
  }

  #receive(transaction: Transaction, hold: Disposable): DataSink {
    const { submission, names, rates, lostReplies } = this.#parts
    const isHeld = isStranger(transaction.device)
    if (this.#news.isHeard) this.#tellAddressed(transaction)
    if (isHeld) this.facts.transcript.note('held: nobody knows this device yet')
    return new MailReception({
      submission: isHeld ? heldBack(submission) : submission,
      names,
      rates,
      transaction,
      perHour: this.#perHour(transaction.device),
      origin: this.facts.origin(this.#signedInAs !== undefined),
      hold,
      lostReplies,
      note: (text) => this.facts.transcript.note(text),
      refused: (reply) => this.#refused(reply, undefined),
      accepted: (id, messages, received) => this.#accepted(id, messages, transaction, received),
    })
  }

  #tellAddressed({ recipients, testAddress }: Transaction): void {
    const count = recipients.length + (testAddress === undefined ? 0 : 1)
    this.#news.step('addressed', count === 1 ? '1 recipient' : `${count} recipients`, { recipients: count })
  }

  #accepted(
    id: MessageId,
    messages: readonly Accepted[],
    transaction: Transaction,
    { octets, files }: Received,
  ): void {
    this.facts.accepted(id, {
      isTest: transaction.isTest,
      isHeld: isStranger(transaction.device),
    })
    if (this.#news.isHeard) {
      this.#news.step('received', `${octets} octets`, { message: id, octets, ...(files && { files }) })
    }
    if (this.#ended.signal.aborted) this.#replyLost(messages)
    else this.#unheard = messages
  }

  #replyHeard(): void {
    for (const message of this.#unheard) this.#parts.lostReplies.heard(message)
    this.#unheard = []
  }

  #replyLost(messages: readonly Accepted[]): void {
    const [first] = messages
    if (first) this.facts.transcript.note(`nothing followed the reply to ${first.id}: it may be lost`)
    for (const message of messages) this.#parts.lostReplies.mark(message)
  }

  #refused(reply: Reply, note: string | undefined, detail?: RefusalDetail): Reply {
    if (note !== undefined) this.facts.transcript.note(note)
    this.facts.refused(reply, detail)
    logRefused(this.#parts.submission.log, reply, this.#listener(), this.#deviceName())
    if (this.#news.isHeard)
      this.#tellVerdict(this.facts.judge(this.#bearings(), this.#signedInAs !== undefined), false)
    return reply
  }
}
