import type { LiveEvent, SessionEnd, SessionStep, Stale } from '../../core/live.ts'
import { type MonotonicMs, minute } from '../../core/time.ts'

export type KeptEvent = Exclude<LiveEvent, Stale>

export interface RingLimits {
  readonly events: number
  /** Of their texts, roughly. */
  readonly octets: number
  readonly ageMs: number
}

/** A quarter of an hour's work of a busy branch, and less than a megabyte. */
export const ringLimits: RingLimits = { events: 1000, octets: 400_000, ageMs: 10 * minute }

export interface Entry {
  readonly number: number
  readonly event: KeptEvent
  readonly at: MonotonicMs
  readonly octets: number
  /** As JSON; made when the first stream wants it. */
  text: string | undefined
}

/** The last events, numbered one by one from 1, in memory alone. Bounded in number, octets and age. */
export class Ring {
  readonly #limits: RingLimits
  readonly #slots: (Entry | undefined)[]
  #first = 1
  #last = 0
  #octets = 0

  constructor(limits: RingLimits = ringLimits) {
    this.#limits = limits
    this.#slots = new Array<Entry | undefined>(limits.events).fill(undefined)
  }

  /** The number of the newest one; 0 before there was any. */
  get last(): number {
    return this.#last
  }

  /** The number of the oldest one that is still there; one above `last` where none is. */
  get first(): number {
    return this.#first
  }

  push(event: KeptEvent, at: MonotonicMs): void {
    if (this.#last - this.#first + 1 === this.#limits.events) this.#dropFirst()
    const number = this.#last + 1
    const octets = octetsOf(event)
    this.#slots[number % this.#limits.events] = { number, event, at, octets, text: undefined }
    this.#last = number
    this.#octets += octets
    while (this.#octets > this.#limits.octets) this.#dropFirst()
    this.expire(at)
  }

  /** Forgets what is too old by now. */
  expire(now: MonotonicMs): void {
    for (let oldest = this.get(this.#first); oldest; oldest = this.get(this.#first)) {
      if (now - oldest.at <= this.#limits.ageMs) return
      this.#dropFirst()
    }
  }

  clear(): void {
    while (this.#first <= this.#last) this.#dropFirst()
  }

  get(number: number): Entry | undefined {
    const entry = this.#slots[number % this.#limits.events]
    return entry?.number === number ? entry : undefined
  }

  /** From a number on, as far as they are there, the oldest first. */
  *from(number: number): Generator<Entry> {
    for (let at = Math.max(number, this.#first); at <= this.#last; at += 1) {
      const entry = this.get(at)
      if (entry) yield entry
    }
  }

  #dropFirst(): void {
    const slot = this.#first % this.#limits.events
    this.#octets -= this.#slots[slot]?.octets ?? 0
    this.#slots[slot] = undefined
    this.#first += 1
  }
}

/** Names of keys, times and ids. */
const frameOctets = 200

function octetsOf(event: KeptEvent): number {
  switch (event.kind) {
    case 'session':
      return frameOctets + lengthOf(event.device) + event.detail.length + filesLength(event)
    case 'verdict':
      return frameOctets + lengthOf(event.device) + verdictLength(event)
    case 'delivery':
      return frameOctets + lengthOf(event.device) + event.detail.length
  }
}

const lengthOf = (text: string | undefined): number => text?.length ?? 0
const verdictLength = ({ verdict: { sentence, evidence, cure } }: SessionEnd): number =>
  sentence.length + evidence.reduce((sum, text) => sum + text.length, 0) + lengthOf(cure?.words)
const filesLength = ({ files = [] }: SessionStep): number =>
  files.reduce((sum, { name, type }) => sum + name.length + type.length + 40, 0)

/** Of what an event tells: later ones of the same are worth more. */
export const subjectOf = (event: KeptEvent): string =>
  event.kind === 'delivery' ? `message ${event.message}` : `session ${event.session}`
