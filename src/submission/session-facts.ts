import type { Clock } from '../core/clock.ts'
import type { MessageId } from '../core/message-id.ts'
import { type Reply, replyText } from '../core/reply.ts'
import type { Bearings, RefusalDetail, SessionEvent } from '../core/session-event.ts'
import { judgeSession } from '../core/session-judgement.ts'
import type { SessionRecord } from '../core/spool.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Verdict } from '../core/verdict.ts'
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
  /** By kind, the latest of each: bounded, whatever the session does. */
  #troubles = new Map<string, SessionEvent>()
  #overcome: readonly SessionEvent[] = []
  #tests = 0
  #held = 0
  #helo = ''
  #isExtended = false
  #tls = ''
  #isWeak = false
  #hasSpoken = false
  #isOver = false
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
  secured(description: string, isWeak: boolean): void {
    this.#tls = description
    this.#isWeak = isWeak
    this.#hasSpoken = false
    this.#helo = ''
    this.#isExtended = false
  }

  greeted(verb: 'EHLO' | 'HELO', name: string): void {
    this.#helo = nameWithoutSecret(name)
    this.#isExtended = verb === 'EHLO'
  }

  /** The device said something, in TLS where that is on. */
  spoke(): void {
    this.#hasSpoken = true
  }

  happened(event: SessionEvent): void {
    const key = event.kind === 'refused' ? event.reply.verdict : event.kind
    this.#troubles.delete(key)
    this.#troubles.set(key, event)
  }

  /** `isHeld`: a stranger's, that waits for an adoption. */
  accepted(id: MessageId, { isTest, isHeld }: { readonly isTest: boolean; readonly isHeld: boolean }): void {
    this.#messages.push(id)
    if (isTest) this.#tests++
    if (isHeld) this.#held++
    this.#result = `accepted ${this.#messages.length}`
    if (this.#troubles.size === 0) return
    this.#overcome = [...this.#troubles.values()]
    this.#troubles = new Map()
  }

  /** The last refusal stands as the session's result until something is accepted. */
  refused(reply: Reply, detail?: RefusalDetail): void {
    this.#result = `${reply.code} ${replyText(reply)}`
    const { verdict } = reply
    if (verdict !== undefined) this.happened({ kind: 'refused', reply: { ...reply, verdict }, detail })
  }

  ended(): void {
    this.#isOver = true
  }

  origin(isSignedIn: boolean): Origin {
    return { session: this.id, address: this.address, helo: this.#helo, protocol: this.#protocol(isSignedIn) }
  }

  /** What can be said of it by now. */
  judge(bearings: Bearings, isSignedIn: boolean): Verdict | undefined {
    return judgeSession({
      ...bearings,
      address: this.address,
      isOver: this.#isOver,
      hasSpoken: this.#hasSpoken,
      isSignedIn,
      isSecure: this.isSecure,
      isWeak: this.#isWeak,
      accepted: this.#messages.length,
      tests: this.#tests,
      held: this.#held,
      troubles: [...this.#troubles.values()],
      overcome: this.#overcome,
    })
  }

  record(
    listener: string,
    device: string | undefined,
    bearings: Bearings,
    isSignedIn: boolean,
  ): SessionRecord {
    const about = device ?? this.#meant() ?? bearings.device?.name
    return {
      id: this.id,
      startedAt: this.#startedAt,
      endedAt: wallMs(this.#clock.wall()),
      address: this.address,
      listener,
      device,
      ...(about !== undefined && about !== device && { about }),
      helo: this.#helo.slice(0, longestHelo),
      tls: this.#tls,
      messages: [...this.#messages],
      result: this.#result,
      verdict: this.judge(bearings, isSignedIn),
      lines: this.transcript.lines(),
    }
  }

  /** The device whose sign-in was refused last: nobody else's password is nearly right. */
  #meant(): string | undefined {
    const named = [...this.#troubles.values()].flatMap((event) => namedIn(event) ?? [])
    return named.at(-1)
  }

  /** RFC 3848. */
  #protocol(isSignedIn: boolean): Origin['protocol'] {
    if (!this.#isExtended) return 'SMTP'
    if (isSignedIn) return this.isSecure ? 'ESMTPSA' : 'ESMTPA'
    return this.isSecure ? 'ESMTPS' : 'ESMTP'
  }
}

function namedIn(event: SessionEvent): string | undefined {
  if (event.kind !== 'refused' || event.detail === undefined) return undefined
  switch (event.detail.kind) {
    case 'wrong-password':
    case 'no-password':
    case 'not-here':
    case 'switched-off':
    case 'mechanism':
    case 'needs-encryption':
      return event.detail.device
    case 'other-hardware':
      return event.detail.hardware.device
    case 'unknown-login':
    case 'vault':
    case 'too-many-guesses':
    case 'recipient':
    case 'sender':
      return undefined
  }
}
