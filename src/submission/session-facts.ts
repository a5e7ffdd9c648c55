import type { Clock } from '../core/clock.ts'
import type { MessageId } from '../core/message-id.ts'
import { type Reply, replyText } from '../core/reply.ts'
import type { SessionRecord } from '../core/spool.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Origin } from './draft.ts'
import { nameWithoutSecret } from './edge/spoken-secrets.ts'
import { Transcript } from './edge/transcript.ts'

const longestHelo = 255

/** What is kept of a session: how it came in, what was said, what came of it. */
export class SessionFacts {
  readonly id: string
  readonly address: string
  readonly transcript: Transcript
  readonly #clock: Clock
  readonly #startedAt: WallMs
  readonly #messages: MessageId[] = []
  #helo = ''
  #isExtended = false
  #tls = ''
  #result = ''

  constructor(id: string, address: string, clock: Clock) {
    this.id = id
    this.address = address
    this.#clock = clock
    this.#startedAt = clock.wall()
    this.transcript = new Transcript(clock)
  }

  get isSecure(): boolean {
    return this.#tls !== ''
  }

  /** RFC 3207 section 4.2: the name said in clear is forgotten. */
  secured(description: string): void {
    this.#tls = description
    this.#helo = ''
    this.#isExtended = false
  }

  greeted(verb: 'EHLO' | 'HELO', name: string): void {
    this.#helo = nameWithoutSecret(name)
    this.#isExtended = verb === 'EHLO'
  }

  accepted(id: MessageId): void {
    this.#messages.push(id)
    this.#result = `accepted ${this.#messages.length}`
  }

  /** The last refusal stands as the session's result until something is accepted. */
  refused(reply: Reply): void {
    this.#result = `${reply.code} ${replyText(reply)}`
  }

  origin(isSignedIn: boolean): Origin {
    return { session: this.id, address: this.address, helo: this.#helo, protocol: this.#protocol(isSignedIn) }
  }

  record(listener: string, device: string | undefined): SessionRecord {
    return {
      id: this.id,
      startedAt: this.#startedAt,
      endedAt: wallMs(this.#clock.wall()),
      address: this.address,
      listener,
      device,
      helo: this.#helo.slice(0, longestHelo),
      tls: this.#tls,
      messages: [...this.#messages],
      result: this.#result,
      lines: this.transcript.lines(),
    }
  }

  /** RFC 3848. */
  #protocol(isSignedIn: boolean): Origin['protocol'] {
    if (!this.#isExtended) return 'SMTP'
    if (isSignedIn) return this.isSecure ? 'ESMTPSA' : 'ESMTPA'
    return this.isSecure ? 'ESMTPS' : 'ESMTP'
  }
}
