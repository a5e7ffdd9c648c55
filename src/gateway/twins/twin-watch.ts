import type { Clock } from '../../core/clock.ts'
import { minute, second } from '../../core/time.ts'
import { type Air, compareRanks, type TwinRank } from '../../core/twin.ts'
import { freshWord, openTwinMessage, sealTwinMessage, type TwinMessage } from './twin-message.ts'

export interface TwinWatchParts {
  readonly key: Uint8Array
  readonly rank: () => TwinRank
  readonly air: Air
  readonly clock: Clock
  /** A box of this identity that has just answered a question of ours. */
  readonly onTwin: (rank: TwinRank, order: 'newer' | 'same' | 'older') => void
}

const askEveryMs = 10 * second
/** At the start several times: a switch may be slow to let the first one through. */
const firstAsksMs = [0, 700, 1300]
/** Then the first look is over. */
export const firstLookMs = 2 * second
/** An answer later than that proves nothing any more. */
const challengeMs = 10 * second
/** Of answers, and of questions that others provoke: whoever replays a question makes no flood of it. */
const leastBetweenMs = 200

/**
 * Asks the LAN for other boxes of this identity and answers them. Only an answer to a question of ours counts, and only once
 * within seconds: who has not the key can neither speak nor understand, and who repeats what was said is not heard.
 */
export class TwinWatch {
  readonly #parts: TwinWatchParts
  readonly #run = freshWord()
  readonly #challenges = new Map<string, number>()
  #answeredAt = Number.NEGATIVE_INFINITY
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(parts: TwinWatchParts) {
    this.#parts = parts
    parts.air.listen((octets) => this.#hear(octets))
  }

  /** Asks until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    for (let n = 0; !signal.aborted; n += 1) {
      this.ask()
      const [at = 0, next] = [firstAsksMs[n], firstAsksMs[n + 1]]
      await clock.sleep(next === undefined ? askEveryMs : next - at, signal)
    }
  }

  ask(): void {
    const now = this.#parts.clock.monotonic()
    for (const [challenge, at] of this.#challenges)
      if (now - at > challengeMs) this.#challenges.delete(challenge)
    const challenge = freshWord()
    this.#challenges.set(challenge, now)
    this.#askedAt = now
    this.#say('hello', challenge)
  }

  #say(kind: TwinMessage['kind'], challenge: string): void {
    const { air, key, rank } = this.#parts
    air.send(sealTwinMessage(key, { kind, run: this.#run, rank: rank(), challenge }))
  }

  #hear(octets: Uint8Array): void {
    const message = openTwinMessage(this.#parts.key, octets)
    if (!message || message.run === this.#run) return
    if (message.kind === 'hello') this.#reply(message)
    else if (this.#isAnswer(message)) this.#tell(message.rank)
  }

  /** A question proves nothing: it may be old. It is answered, and a reason to ask. */
  #reply({ challenge }: TwinMessage): void {
    const now = this.#parts.clock.monotonic()
    if (now - this.#answeredAt < leastBetweenMs) return
    this.#answeredAt = now
    this.#say('answer', challenge)
    if (now - this.#askedAt >= leastBetweenMs) this.ask()
  }

  #isAnswer({ challenge }: TwinMessage): boolean {
    const at = this.#challenges.get(challenge)
    return at !== undefined && this.#parts.clock.monotonic() - at <= challengeMs
  }

  #tell(theirs: TwinRank): void {
    const order = compareRanks(theirs, this.#parts.rank())
    this.#parts.onTwin(theirs, order > 0 ? 'newer' : order === 0 ? 'same' : 'older')
  }
}

/** So long after it was heard last an older box counts as gone. */
export const goneMs = 10 * minute
