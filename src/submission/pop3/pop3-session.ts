import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { comparable } from '../../core/address.ts'
import type { Reply } from '../../core/reply.ts'
import type { Bearings, RefusalDetail, SessionEvent } from '../../core/session-event.ts'
import type { DeviceSetup, ListenerSetup, TlsFloor } from '../../core/setup.ts'
import type { SessionRecord } from '../../core/spool.ts'
import type { WallMs } from '../../core/time.ts'
import { type Client, closedSignIn, type Manners, mannersFor, maySignIn } from '../admission.ts'
import type { Attendant } from '../attendant.ts'
import { bearingsOf, likelyDevice } from '../bearings.ts'
import type { Named } from '../device-names.ts'
import { learnFrom } from '../lessons.ts'
import { logRefused } from '../refusal-log.ts'
import { rulesOf } from '../rules.ts'
import type { SessionParts } from '../session.ts'
import type { SessionFacts } from '../session-facts.ts'
import { SessionNews } from '../session-news.ts'
import { shownLogin } from '../shown-login.ts'
import { trySignIn } from '../sign-in.ts'
import { Trail } from '../trail.ts'
import { Pop3Conversation } from './pop3-conversation.ts'

/** POP before SMTP: a mailbox that is always empty, for devices that sign in by POP3 before they submit. */
export function attendPop3(
  parts: SessionParts,
  facts: SessionFacts,
  client: Client,
  listener: () => ListenerSetup,
): Attendant {
  const session = new Pop3Session(parts, facts, client, listener)
  const { clock } = parts.submission
  return {
    session,
    talk: (socket, isSecure) =>
      new Pop3Conversation(socket, { clock, transcript: facts.transcript, desk: session, isSecure }),
  }
}

/** What a POP3 dialogue asks of the session behind it. */
export interface Pop3Desk {
  /** What APOP's digest begins with (RFC 1939 section 7); the greeting shows it. */
  readonly stamp: string
  offersStls(): boolean
  /** The client said something. */
  heard(): void
  happened(event: SessionEvent): void
  /** The dialogue itself turned the client away with this reply. */
  refused(reply: Reply): void
  /** `undefined`: signed in. Does not reject for anything that can be expected. */
  signIn(username: string, proof: Proof): Promise<Reply | undefined>
}

/** A password as it is, or APOP's digest of it in hexadecimal. */
export type Proof =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'digest'; readonly digest: string }

export class Pop3Session implements Pop3Desk {
  readonly stamp: string
  readonly #parts: SessionParts
  readonly #facts: SessionFacts
  readonly #client: Client
  readonly #listener: () => ListenerSetup
  readonly #ended = new AbortController()
  readonly #trail = new Trail()
  readonly #news: SessionNews
  #device: Named | undefined
  /** Whose login was said, whether it was let in or not. */
  #loginOf: string | undefined

  constructor(parts: SessionParts, facts: SessionFacts, client: Client, listener: () => ListenerSetup) {
    this.#parts = parts
    this.#facts = facts
    this.#client = client
    this.#listener = listener
    this.#news = new SessionNews(parts.submission, facts, () => this.#likelyDevice())
    this.stamp = `<${randomBytes(16).toString('hex')}@${parts.submission.setup().gateway.hostname}>`
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

  secured(description: string, isWeak: boolean): void {
    this.#facts.secured(description, isWeak)
    if (this.#news.isHeard) this.#news.step('secured', description)
  }

  heard(): void {
    this.#facts.spoke()
  }

  happened(event: SessionEvent): void {
    this.#facts.happened(event)
  }

  refused(reply: Reply): void {
    this.#refused(reply)
  }

  offersStls(): boolean {
    return !this.#manners().hidesStartTls
  }

  async signIn(username: string, proof: Proof): Promise<Reply | undefined> {
    const { submission, names, pop } = this.#parts
    const { isSecure, address, transcript } = this.#facts
    // The password of USER is said as it is, as in PLAIN; APOP says none.
    const mechanism = proof.kind === 'password' ? 'PLAIN' : 'APOP'
    const closed =
      proof.kind === 'password'
        ? maySignIn(rulesOf(submission.setup()), this.#client, isSecure, mechanism)
        : undefined
    if (closed) return this.#refused(closed, closedSignIn(closed, mechanism, undefined))
    const credentials = { mechanism, username, isPassword: this.#check(proof) }
    const rules = rulesOf(submission.setup())
    this.#trail.signIn(credentials, rules)
    this.#loginOf = rules.byLogin.get(comparable(username.trim()))?.name
    const from = { ...this.#client, isSecure }
    const verdict = await trySignIn(this.#parts, from, credentials, this.#ended.signal)
    if (verdict.kind === 'refused') {
      // As at SMTP: behind the limit of guesses.
      if (verdict.trouble.kind === 'unknown-login') {
        this.#trail.named(await shownLogin(rules, submission.secrets, credentials))
      }
      transcript.note(`sign-in refused: ${verdict.why}`)
      return this.#refused(verdict.reply, verdict.trouble)
    }
    this.#device = names.follow(verdict.device.name)
    pop.signedIn(address, this.#device)
    transcript.note(verdict.note ?? `signed in as ${verdict.device.name}: it may submit from here for 30 min`)
    if (this.#news.isHeard) this.#news.step('signed-in', this.#trail.username)
    return undefined
  }

  record(): SessionRecord {
    const isSignedIn = this.#device !== undefined
    return this.#facts.record(this.#listener().name, this.#device?.(), this.#bearings(), isSignedIn)
  }

  #bearings(): Bearings {
    const { memories, submission } = this.#parts
    const known = this.#device?.() ?? memories.deviceAt(this.#facts.address)
    return bearingsOf(rulesOf(submission.setup()), this.#client, known, this.#today(), 'pop3')
  }

  /** For people who watch: a panel that mistypes its password is to be seen under its name. */
  #likelyDevice(): string | undefined {
    return this.#device?.() ?? this.#loginOf ?? likelyDevice(this.#parts, this.#client)
  }

  end(): void {
    this.#ended.abort()
    this.#facts.ended()
    const rules = rulesOf(this.#parts.submission.setup())
    const record = this.record()
    learnFrom(this.#parts, rules, record, { trail: this.#trail, repairs: new Set() })
    if (record.verdict && this.#news.isHeard) this.#news.verdict(record.verdict, true)
  }

  #check(proof: Proof): (password: string) => boolean {
    return proof.kind === 'password'
      ? (password) => isEqual(sha256(proof.password), sha256(password))
      : (password) => isEqual(md5(`${this.stamp}${password}`), Buffer.from(proof.digest.toLowerCase()))
  }

  #manners(): Manners {
    const { memories, submission } = this.#parts
    const remembered = memories.deviceAt(this.#facts.address)
    return mannersFor(rulesOf(submission.setup()), this.#listener(), this.#client, remembered, this.#today())
  }

  /** Undefined: the clock can't be believed. */
  #today(): WallMs | undefined {
    const { clock } = this.#parts.submission
    return clock.isBelievable() ? clock.wall() : undefined
  }

  #tellRefusal(): void {
    const verdict = this.#facts.judge(this.#bearings(), this.#device !== undefined)
    if (verdict) this.#news.verdict(verdict, false)
  }

  #refused(reply: Reply, detail?: RefusalDetail): Reply {
    this.#facts.refused(reply, detail)
    logRefused(this.#parts.submission.log, reply, this.#listener(), this.#device?.())
    if (this.#news.isHeard) this.#tellRefusal()
    return reply
  }
}

const isEqual = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
const md5 = (text: string): Buffer => Buffer.from(createHash('md5').update(text).digest('hex'))
