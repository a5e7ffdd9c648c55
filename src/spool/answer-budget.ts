/** Rows of deliveries and of the recipients of their parts in one answer: some megabytes of objects. */
const mostRows = 5000
/** Octets of JSON in one answer; parsed they take several times as much. */
const mostOctets = 4_000_000

export interface Weight {
  readonly rows: number
  readonly octets: number
}

/**
 * How much one answer may hold. A message may have a thousand recipients or an index of hundreds of kilobytes, and the
 * heap of a thread is small: a number of messages alone is no limit.
 */
export class AnswerBudget {
  #rows = 0
  #octets = 0
  #isUsed = false

  /** False: the answer is full without it. The first always fits, else it would never be reached. */
  take({ rows, octets }: Weight): boolean {
    if (this.#isUsed && (this.#rows + rows > mostRows || this.#octets + octets > mostOctets)) return false
    this.#isUsed = true
    this.#rows += rows
    this.#octets += octets
    return true
  }
}
