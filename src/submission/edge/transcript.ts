import type { Clock } from '../../core/clock.ts'
import type { TranscriptLine } from '../../core/spool.ts'
import { withoutSecret } from './spoken-secrets.ts'

/** First and last lines that are kept of a long session. */
const keptHead = 120
const keptTail = 120
const longestText = 512

/** What both sides said, in order, without a secret: bounded, whatever the session does. */
export class Transcript {
  readonly #clock: Clock
  readonly #start: number
  readonly #head: TranscriptLine[] = []
  #tail: TranscriptLine[] = []
  #left = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#start = clock.monotonic()
  }

  /** `isSecret`: the line answers an AUTH challenge. */
  device(line: string, isSecret: boolean): void {
    this.#add('device', isSecret ? '****' : withoutSecret(line))
  }

  box(line: string): void {
    this.#add('box', line)
  }

  note(text: string): void {
    this.#add('note', text)
  }

  lines(): readonly TranscriptLine[] {
    if (this.#left === 0) return [...this.#head, ...this.#tail]
    const at = this.#tail[0]?.at ?? 0
    return [...this.#head, { at, from: 'note', text: `${this.#left} lines left out` }, ...this.#tail]
  }

  #add(from: TranscriptLine['from'], text: string): void {
    const line = {
      at: Math.round(this.#clock.monotonic() - this.#start),
      from,
      text: text.slice(0, longestText),
    }
    if (this.#head.length < keptHead) {
      this.#head.push(line)
      return
    }
    this.#tail.push(line)
    if (this.#tail.length < 2 * keptTail) return
    this.#left += keptTail
    this.#tail = this.#tail.slice(keptTail)
  }
}
