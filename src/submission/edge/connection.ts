import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { replies } from '../../core/reply.ts'
import type { TlsOffer } from '../../core/session-event.ts'
import type { ListenerSetup } from '../../core/setup.ts'
import { second } from '../../core/time.ts'
import { isLoopback } from '../../platform/network.ts'
import type { ClientHello } from './client-hello.ts'
import type { ClientMemories } from './client-memories.ts'
import type { ConversationEnd } from './conversation.ts'
import type { Desk } from './desk.ts'
import { type FirstWords, hearFirstWords } from './first-words.ts'
import { greetingWait } from './greeting-wait.ts'
import { lastWords } from './last-words.ts'
import { alertRecord, chooseTls, type TlsChoice } from './tls-choice.ts'
import { type Engine, type EngineParts, engineFor } from './tls-engines.ts'
import { shakeHands } from './tls-handshake.ts'
import { describeHello, offerOf } from './tls-names.ts'
import type { Transcript } from './transcript.ts'

const handshakeMs = 30 * second

/** A dialogue on a socket, SMTP or POP3. */
export interface Talk {
  /** `greets` false: the banner was said before TLS. */
  run(greets: boolean): Promise<ConversationEnd>
  /** Closes as soon as nothing is under way. */
  stop(): void
  /** Since when nothing came of it, monotonic; undefined while something is under way. */
  quietSince(): number | undefined
  /** Closes at once: its place is needed. */
  giveWay(): void
}

export interface ConnectionParts {
  readonly address: string
  readonly security: ListenerSetup['security']
  readonly clock: Clock
  readonly engines: EngineParts
  readonly memories: ClientMemories
  readonly transcript: Transcript
  readonly desk: Pick<Desk, 'tlsFloor' | 'certificate' | 'secured' | 'happened' | 'refused'>
  readonly talk: (socket: Duplex, isSecure: boolean) => Talk
}

/** What came in the place of a ClientHello. */
const instead = {
  closed: 'closed',
  silence: 'silence',
  smtp: 'clear-text',
  'broken-hello': 'nonsense',
} as const

/** One accepted socket from its first octet to its end: TLS or SMTP first, STARTTLS later. */
export class Connection {
  readonly #raw: Socket
  readonly #parts: ConnectionParts
  /** The raw socket, or TLS on it. Destroyed from the top: smtp-server saw Node crash when TLS loses its ground in a handshake. */
  #top: Duplex
  #talk: Talk | undefined
  /** Since when nobody talks: since the beginning, or since STARTTLS. */
  #untalkedSince: number

  constructor(raw: Socket, parts: ConnectionParts) {
    this.#raw = raw
    this.#top = raw
    this.#parts = parts
    this.#untalkedSince = parts.clock.monotonic()
  }

  /** Resolves when the connection is over. */
  async run(): Promise<void> {
    const { address, security, clock, memories, transcript } = this.#parts
    const wait = greetingWait(security, isLoopback(address), memories.speaksFirst(address))
    const words = await hearFirstWords(this.#raw, clock, wait, handshakeMs)
    if (words.kind === 'closed') return
    if (words.kind === 'smtp' || words.kind === 'silence') {
      if (words.kind === 'smtp') transcript.note('the device spoke before the banner')
      await this.#beginInClear()
      return
    }
    if (words.kind === 'hello' && security !== 'implicit') memories.learn(address, { speaksFirst: 'tls' })
    await this.#continueInTls(words, true)
  }

  /** 421 as soon as nothing is under way; a socket that said nothing yet is closed. */
  stop(): void {
    if (this.#talk) this.#talk.stop()
    else this.destroy()
  }

  /** A handshake is not at work: a client that never ends it must not keep its place by that. */
  quietSince(): number | undefined {
    return this.#talk ? this.#talk.quietSince() : this.#untalkedSince
  }

  giveWay(): void {
    this.#parts.transcript.note('silent: its place was needed for another connection')
    this.#parts.desk.refused(replies.tooManyConnections)
    if (this.#talk) this.#talk.giveWay()
    else this.destroy()
  }

  destroy(): void {
    this.#top.destroy()
  }

  async #beginInClear(): Promise<void> {
    const end = await this.#converse(this.#raw, false, true)
    if (end === 'starttls') {
      const words = await hearFirstWords(this.#raw, this.#parts.clock, handshakeMs, handshakeMs)
      await this.#continueInTls(words, false)
    } else if (end === 'tls-late') {
      this.#parts.memories.learn(this.#parts.address, { speaksFirst: 'tls' })
      this.#parts.desk.happened({ kind: 'tls-late' })
      this.#raw.destroy()
    }
  }

  async #continueInTls(words: FirstWords, greets: boolean): Promise<void> {
    const { transcript, desk, engines } = this.#parts
    if (words.kind !== 'hello') {
      transcript.note(words.kind === 'broken-hello' ? `no TLS: ${words.why}` : `no TLS came: ${words.kind}`)
      desk.happened({ kind: 'no-tls', came: instead[words.kind] })
      this.#raw.destroy()
      return
    }
    const { hello } = words
    transcript.note(`TLS ${describeHello(hello)}`)
    const choice = chooseTls(hello, desk.tlsFloor(), desk.certificate())
    if (choice.kind !== 'refuse' && !(await this.#mayShakeHands(choice.kind, hello))) {
      this.#raw.destroy()
      return
    }
    const engine = choice.kind === 'refuse' ? choice : await engineFor(choice, this.#raw, engines)
    if (engine.kind === 'refuse') this.#refuseTls(engine, hello)
    else await this.#speakTls(engine, greets, offerOf(hello))
  }

  /** Closed without an alert where not: an alert tells old stacks to try something weaker. */
  async #mayShakeHands(kind: 'modern' | 'legacy' | 'vintage', hello: ClientHello): Promise<boolean> {
    const { address, transcript, engines, desk } = this.#parts
    const gone = new AbortController()
    this.#raw.once('close', () => gone.abort())
    const turn = engines.turns[kind === 'vintage' ? 'vintage' : 'native'].take(address, gone.signal)
    if (turn === true) return true
    transcript.note('many handshakes at once: this one waits for its turn')
    const isGranted = await turn
    if (isGranted || this.#raw.destroyed) return !this.#raw.destroyed
    transcript.note('TLS refused: too many handshakes')
    desk.happened({ kind: 'tls-refused', reason: 'too-many-handshakes', offer: offerOf(hello) })
    return false
  }

  #refuseTls({ why, alert, reason }: Extract<TlsChoice, { kind: 'refuse' }>, hello: ClientHello): void {
    const { transcript, desk } = this.#parts
    transcript.note(`TLS refused: ${why}`)
    const offer = offerOf(hello)
    if (reason) desk.happened({ kind: 'tls-refused', reason, offer })
    else desk.happened({ kind: 'handshake-failed', failure: { kind: 'closed' }, offer })
    if (this.#raw.writable) this.#raw.write(alertRecord(alert, hello.version))
    lastWords(this.#raw, this.#parts.clock)
  }

  async #speakTls(engine: Engine, greets: boolean, offer: TlsOffer): Promise<void> {
    const { transcript, desk, clock } = this.#parts
    using _ = engine
    this.#top = engine.socket
    const handshake = await shakeHands(engine.socket, clock, handshakeMs)
    if (handshake.kind === 'failed') {
      transcript.note(`TLS failed: ${handshake.why}`)
      desk.happened({ kind: 'handshake-failed', failure: handshake.failure, offer })
      return
    }
    const description = engine.describe()
    transcript.note(`TLS on: ${description}`)
    desk.secured(description, engine.isWeak)
    await this.#converse(engine.socket, true, greets)
  }

  async #converse(socket: Duplex, isSecure: boolean, greets: boolean) {
    this.#talk = this.#parts.talk(socket, isSecure)
    const end = await this.#talk.run(greets)
    this.#talk = undefined
    this.#untalkedSince = this.#parts.clock.monotonic()
    return end
  }
}
