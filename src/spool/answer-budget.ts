/** Rows of deliveries and of the recipients of their parts in one answer: some megabytes of objects. */
const mostRows = 5000
/** Octets of JSON in one answer; parsed they take several times as much. */
const mostOctets = 4_000_000
/** Beside it for what is small: it may have a way out of its own, and is not to wait for the large ones ahead of it. */
const reserve: Weight = { rows: 1000, octets: 1_000_000 }
const mostOfSmall: Weight = { rows: 20, octets: 8000 }
/** So many rows are passed over at most: some milliseconds. */
const mostPassedRows = 50_000

export interface Weight {
  readonly rows: number
  readonly octets: number
}

/**
 * How much one answer may hold. A message may have a thousand recipients or an index of hundreds of kilobytes, and the
 * heap of a thread is small: a number of messages alone is no limit. What is large keeps its order; what is small goes
 * past those that have to wait for the next answer.
 */
export class AnswerBudget {
  readonly #main = new Share({ rows: mostRows, octets: mostOctets })
  readonly #reserve = new Share(reserve)
  #isFirst = true
  #passedRows = 0

  /** `passed`: it waits for another answer, smaller ones behind it may fit. The first always fits, else it would never be reached. */
  take(weight: Weight): 'taken' | 'passed' | 'full' {
    const isSmall = fits(weight, mostOfSmall)
    const mayBeMain = isSmall || this.#passedRows === 0
    const isTaken = this.#isFirst || (mayBeMain && this.#main.has(weight))
    this.#isFirst = false
    if (isTaken) {
      this.#main.take(weight)
      return 'taken'
    }
    if (isSmall && this.#reserve.has(weight)) {
      this.#reserve.take(weight)
      return 'taken'
    }
    this.#passedRows += Math.max(1, weight.rows)
    return isSmall || this.#passedRows > mostPassedRows ? 'full' : 'passed'
  }
}

const fits = (weight: Weight, room: Weight): boolean =>
  weight.rows <= room.rows && weight.octets <= room.octets

class Share {
  #left: Weight

  constructor(size: Weight) {
    this.#left = size
  }

  has(weight: Weight): boolean {
    return fits(weight, this.#left)
  }

  take({ rows, octets }: Weight): void {
    this.#left = { rows: this.#left.rows - rows, octets: this.#left.octets - octets }
  }
}
