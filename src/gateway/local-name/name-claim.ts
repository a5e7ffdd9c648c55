import type { Clock } from '../../core/clock.ts'
import { type MdnsLink, type MdnsSender, mdnsPort } from '../../core/local-name.ts'
import { minute, second } from '../../core/time.ts'
import {
  addressText,
  type MdnsMessage,
  type MdnsRecord,
  recordType,
  writeMessage,
} from '../../platform/mdns/message.ts'
import { addressRecords, compareClaims, isSame, legacyTtlS, restDenied, silence } from './name-records.ts'

export interface NameClaimParts {
  /** `branch-07.local`, in lower case. */
  readonly name: string
  readonly link: MdnsLink
  /** Also in other links: a box with two cables in one network is no rival of itself. */
  readonly isOwn: (address: string) => boolean
  readonly clock: Clock
  /** 0 to 1: boxes that start at once, after a power cut, do not speak at once. */
  readonly random: () => number
  readonly onChange: () => void
}

/** `rival`: the address that another machine calls by the name. */
export type ClaimState =
  | { readonly kind: 'asking' | 'held' }
  | { readonly kind: 'taken'; readonly rival: string }

const probes = 3
const probeMs = 250
/** Who lost against somebody that asked at the same time asks again, and is answered then. */
const deferMs = 1 * second
const askAgainMs = 1 * minute
/** RFC 6762 section 6: a record is not multicast more often, but to who asks before taking the name. */
const leastBetweenMs = 1 * second
/** RFC 6762 section 5.4: a quarter of its lifetime. */
const freshMs = 30 * second

/**
 * The name in one link: asked for three times before it is said (RFC 6762 section 8.1), announced, answered, defended, and
 * given up where another machine has it. A minute later it is asked for again.
 */
export class NameClaim {
  readonly #parts: NameClaimParts
  readonly #ending = new AbortController()
  #state: ClaimState = { kind: 'asking' }
  /** Whether what is heard decides about the name. */
  #isProbing = false
  #rival: string | undefined
  #isDeferred = false
  #disputed = Promise.withResolvers<void>()
  #saidAt = Number.NEGATIVE_INFINITY
  #told: readonly MdnsRecord[] = []

  constructor(parts: NameClaimParts) {
    this.#parts = parts
  }

  get state(): ClaimState {
    return this.#state
  }

  /** Until it is released; never rejects. */
  async run(): Promise<void> {
    const { clock, random } = this.#parts
    const { signal } = this.#ending
    signal.addEventListener('abort', () => this.#disputed.resolve(), { once: true })
    await clock.sleep(random() * probeMs, signal)
    while (!signal.aborted) {
      this.#disputed = Promise.withResolvers()
      await this.#probe(signal)
      if (signal.aborted) return
      if (this.#isDeferred) await clock.sleep(deferMs, signal)
      else if (this.#rival === undefined) {
        await this.#hold(signal)
        await this.#disputed.promise
      } else {
        this.#become({ kind: 'taken', rival: this.#rival })
        await clock.sleep(askAgainMs, signal)
      }
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    this.#isProbing = true
    this.#rival = undefined
    this.#isDeferred = false
    for (let n = 0; n < probes && !this.#isDecided(signal); n += 1) {
      this.#parts.link.say(this.#question())
      await this.#parts.clock.sleep(probeMs, signal)
    }
    this.#isProbing = false
  }

  #isDecided({ aborted }: AbortSignal): boolean {
    return aborted || this.#isDeferred || this.#rival !== undefined
  }

  /** Said twice: one datagram may be lost (RFC 6762 section 8.3). */
  async #hold(signal: AbortSignal): Promise<void> {
    this.#become({ kind: 'held' })
    this.#announce()
    await this.#parts.clock.sleep(leastBetweenMs, signal)
    if (!signal.aborted) this.#announce()
  }

  #become(state: ClaimState): void {
    this.#state = state
    this.#parts.onChange()
  }

  /** The box may have other addresses by now: a link that has others than were told is told anew. */
  look(): void {
    if (this.#state.kind !== 'held' || this.#isProbing) return
    const now = this.#records()
    const isKnown =
      now.length === this.#told.length && now.every((one) => this.#told.some((its) => isSame(one, its)))
    if (!isKnown) this.#announce()
  }

  /** Nobody is to look for the name here any more (RFC 6762 section 10.1). */
  release(): void {
    this.#ending.abort()
    if (this.#state.kind !== 'held') return
    this.#parts.link.say(
      writeMessage({ ...silence, answers: this.#told.map((record) => ({ ...record, ttlS: 0 })) }),
    )
  }

  hear(message: MdnsMessage, from: MdnsSender): void {
    if (message.isResponse) this.#hearAnswer(message, from)
    else this.#hearQuestion(message, from)
  }

  #hearAnswer(message: MdnsMessage, from: MdnsSender): void {
    if (from.port !== mdnsPort || this.#parts.isOwn(from.address)) return
    const other = [...message.answers, ...message.additionals].find(
      (record) =>
        record.ttlS > 0 && this.#isAddressOfName(record) && !this.#parts.isOwn(addressText(record.data)),
    )
    if (other === undefined) return
    if (this.#isProbing) this.#rival = addressText(other.data)
    // RFC 6762 section 9: asked again before one of the two gives it up.
    else if (this.#state.kind === 'held') this.#disputed.resolve()
  }

  #hearQuestion(message: MdnsMessage, from: MdnsSender): void {
    const asked = message.questions.filter(({ name }) => name === this.#parts.name)
    if (asked.length === 0) return
    const claimed = message.authorities.filter((record) => this.#isAddressOfName(record))
    if (this.#isProbing) {
      if (claimed.length > 0 && !this.#parts.isOwn(from.address))
        this.#isDeferred ||= compareClaims(claimed, this.#records()) > 0
    } else if (this.#state.kind === 'held') this.#answer(message, asked, from)
  }

  #isAddressOfName({ name, type, data }: MdnsRecord): boolean {
    if (name !== this.#parts.name) return false
    return (type === recordType.a && data.length === 4) || (type === recordType.aaaa && data.length === 16)
  }

  #answer(message: MdnsMessage, all: MdnsMessage['questions'], from: MdnsSender): void {
    const isLegacy = from.port !== mdnsPort
    // Plain DNS has one question in a message (RFC 9619): more are not repeated to whoever made up his address.
    const asked = isLegacy ? all.slice(0, 1) : all
    const answer = this.#answerTo(asked, isLegacy ? [] : message.answers)
    if (!answer) return
    const sinceMs = this.#parts.clock.monotonic() - this.#saidAt
    const isQuiet = asked.every(({ wantsUnicast }) => wantsUnicast) && sinceMs < freshMs
    if (isLegacy) this.#reply({ ...inPlainDns(answer), id: message.id, questions: asked }, from)
    else if (isQuiet) this.#reply(answer, from)
    else if (sinceMs >= leastBetweenMs || message.authorities.length > 0) this.#say(answer)
  }

  #reply(answer: MdnsMessage, to: MdnsSender): void {
    this.#parts.link.reply(writeMessage(answer), to)
  }

  #say(answer: MdnsMessage): void {
    this.#saidAt = this.#parts.clock.monotonic()
    this.#parts.link.say(writeMessage(answer))
  }

  /** Undefined: nothing that was asked for, or nothing that is not known there already (RFC 6762 section 7.1). */
  #answerTo(asked: MdnsMessage['questions'], known: readonly MdnsRecord[]): MdnsMessage | undefined {
    const records = this.#records()
    const denied = restDenied(this.#parts.name, records)
    const types = asked.map(({ type }) => type)
    const wanted = records.filter(({ type }) => types.includes(type) || types.includes(recordType.any))
    const isFresh = (one: MdnsRecord) =>
      known.some((its) => its.name === one.name && isSame(one, its) && its.ttlS * 2 >= one.ttlS)
    const answers = wanted.length === 0 ? [denied] : wanted.filter((record) => !isFresh(record))
    if (answers.length === 0) return undefined
    const beside = records.filter((record) => !wanted.includes(record))
    const hasBoth = new Set(records.map(({ type }) => type)).size > 1
    return {
      ...silence,
      answers,
      additionals: [...beside, ...(hasBoth || wanted.length === 0 ? [] : [denied])],
    }
  }

  #announce(): void {
    this.#told = this.#records()
    this.#say({ ...silence, answers: [...this.#told, restDenied(this.#parts.name, this.#told)] })
  }

  #records(): readonly MdnsRecord[] {
    return addressRecords(this.#parts.name, this.#parts.link.addresses())
  }

  /**
   * Answers are to be said to everybody, unlike RFC 6762 section 8.1 would rather have it: what is said to this box alone is
   * heard by one of the programs at the port, which may be systemd-resolved or Avahi, and a rival's answer would be lost.
   */
  #question(): Uint8Array {
    const { name } = this.#parts
    return writeMessage({
      ...silence,
      isResponse: false,
      questions: [{ name, type: recordType.any, wantsUnicast: false }],
      authorities: this.#records().map((record) => ({ ...record, isUnique: false })),
    })
  }
}

/** RFC 6762 section 6.7: short-lived, and no order to a cache. */
const inPlainDns = (answer: MdnsMessage): MdnsMessage => {
  const plain = (records: readonly MdnsRecord[]): readonly MdnsRecord[] =>
    records.map((record) => ({ ...record, ttlS: legacyTtlS, isUnique: false }))
  return { ...answer, answers: plain(answer.answers), additionals: plain(answer.additionals) }
}
