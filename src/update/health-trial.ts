import type { Clock } from '../core/clock.ts'
import { type MonotonicMs, minute } from '../core/time.ts'
import type { HealthTrouble } from './ports.ts'

/** So long everything has to be well without a break before a version is called good. */
export const healthyForMs = 3 * minute

/** Of a version on trial: a box that comes up, takes a mail and falls over is not healthy. */
export class HealthTrial {
  readonly #clock: Clock
  #since: MonotonicMs | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `trouble`: empty where nothing is wrong now. True: it is good. */
  look(trouble: string): boolean {
    if (trouble !== '') {
      this.#since = undefined
      return false
    }
    this.#since ??= this.#clock.monotonic()
    return this.#clock.monotonic() - this.#since >= healthyForMs
  }
}

/** For the record: with the sentences, by which the release before this one knows a trouble again. */
export const knownOf = (troubles: readonly HealthTrouble[]): readonly string[] =>
  troubles.flatMap(({ key, sentence }) => [key, sentence])

/** What is wrong that was not so before. A printer's door that was shut long ago would end every version's trial. */
export const newTrouble = (
  troubles: readonly HealthTrouble[],
  known: readonly string[],
): HealthTrouble | undefined =>
  troubles.find(({ key, sentence }) => !known.includes(key) && !known.includes(sentence))
