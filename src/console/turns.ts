/** Waiting for a turn: of one place, of all together, and of those beside them that are known here. */
const mostOfOne = 2
const mostOfAll = 24
const mostKnown = 8

/** Who waits. */
export interface Waiter {
  /** Addresses that count as one. */
  readonly place: string
  /** Signed in from there already: keeps a place whatever the others do. */
  readonly isKnown: boolean
  /** Wrong ones that came from there lately, asked again whenever it matters. */
  readonly failures: () => number
}

interface Waiting {
  readonly waiter: Waiter
  readonly go: (isOn: boolean) => void
}

/**
 * One piece of work at a time, and who comes from many requests waits behind who comes from few: places take turns.
 * Hashing a password takes 16 MB and a third of a second of a small machine, which is there for mail. Where all wait that
 * may, whoever guessed wrong most often gives way to who did less often.
 */
export class Turns {
  readonly #waiting = new Map<string, Waiting[]>()
  #isBusy = false

  /** Undefined: too many wait already, of this place or altogether, or it gave way to another. */
  async take<T>(waiter: Waiter, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.#turn(waiter))) return undefined
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  #turn(waiter: Waiter): Promise<boolean> | boolean {
    if (!this.#isBusy) {
      this.#isBusy = true
      return true
    }
    const { place } = waiter
    if ((this.#waiting.get(place)?.length ?? 0) >= mostOfOne || !this.#hasRoomFor(waiter)) return false
    return new Promise((go) => {
      this.#waiting.set(place, [...(this.#waiting.get(place) ?? []), { waiter, go }])
    })
  }

  #hasRoomFor({ isKnown, failures }: Waiter): boolean {
    const all = [...this.#waiting.values()].flat()
    const alike = all.filter(({ waiter }) => waiter.isKnown === isKnown)
    if (alike.length < (isKnown ? mostKnown : mostOfAll)) return true
    if (isKnown) return false
    const [worst] = alike.toSorted((a, b) => b.waiter.failures() - a.waiter.failures())
    if (worst === undefined || worst.waiter.failures() <= failures()) return false
    this.#remove(worst)
    worst.go(false)
    return true
  }

  #remove(waiting: Waiting): void {
    const { place } = waiting.waiter
    const left = (this.#waiting.get(place) ?? []).filter((each) => each !== waiting)
    if (left.length > 0) this.#waiting.set(place, left)
    else this.#waiting.delete(place)
  }

  #next(): void {
    const first = this.#first()
    if (first === undefined) {
      this.#isBusy = false
      return
    }
    const [place, [next, ...rest]] = first
    this.#waiting.delete(place)
    // Behind the others.
    if (rest.length > 0) this.#waiting.set(place, rest)
    next?.go(true)
  }

  /** Who is known here goes first: they are few, and do not guess. */
  #first(): readonly [string, readonly Waiting[]] | undefined {
    const all = [...this.#waiting]
    return all.find(([, [next]]) => next?.waiter.isKnown) ?? all[0]
  }
}
