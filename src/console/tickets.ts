import { randomBytes } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { minute } from '../core/time.ts'

const lifetimeMs = 5 * minute
const mostTries = 5
const mostTickets = 200

interface Ticket<T> {
  readonly value: T
  readonly endsAt: number
  tries: number
}

/** What somebody has begun and proves again to go on with: five minutes and five tries, in memory only. */
export class Tickets<T> {
  readonly #clock: Clock
  readonly #tickets = new Map<string, Ticket<T>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(value: T): string {
    const name = randomBytes(24).toString('base64url')
    this.set(name, value)
    return name
  }

  /** Under a name of its own, in the place of what was there. */
  set(name: string, value: T): void {
    this.#tickets.delete(name)
    this.#tickets.set(name, { value, endsAt: this.#clock.monotonic() + lifetimeMs, tries: 0 })
    const [oldest] = this.#tickets.keys()
    if (this.#tickets.size > mostTickets && oldest !== undefined) this.#tickets.delete(oldest)
  }

  /** Counts as a try. Undefined: there is none, or it was tried too often. */
  try(name: string): T | undefined {
    const ticket = this.#tickets.get(name)
    if (ticket === undefined) return undefined
    ticket.tries++
    if (ticket.tries <= mostTries && this.#clock.monotonic() < ticket.endsAt) return ticket.value
    this.#tickets.delete(name)
    return undefined
  }

  spend(name: string): void {
    this.#tickets.delete(name)
  }
}
