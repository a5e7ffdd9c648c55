import type { Clock } from '../core/clock.ts'
import { minute, second } from '../core/time.ts'
import { MemoryBudget } from '../platform/memory-budget.ts'
import type { SmtpSession } from './smtp-session.ts'

const idleMs = 30 * second
const messagesPerConnection = 100
/** How long a service that has too many connections gets one less. */
const restraintMs = 10 * minute

export interface SmtpPoolParts {
  readonly connections: number
  readonly clock: Clock
  readonly open: (signal: AbortSignal) => Promise<SmtpSession>
}

/** At most so many connections to one server; used ones wait 30 s for the next message and carry 100 at most. */
export class SmtpPool implements Disposable {
  readonly #parts: SmtpPoolParts
  /** Counts connections as the budget counts octets: first come, first served. */
  readonly #permits: MemoryBudget
  readonly #idle = new Map<SmtpSession, () => void>()
  /** Connections that a busy service is spared at the moment, by what ends that. */
  readonly #spared = new Set<() => void>()
  #isDisposed = false

  constructor(parts: SmtpPoolParts) {
    this.#parts = parts
    this.#permits = new MemoryBudget(Math.max(1, parts.connections))
  }

  get connections(): number {
    return Math.max(1, this.#parts.connections - this.#spared.size)
  }

  /** So many connections less for ten minutes, but never none. */
  spare(count: number): void {
    for (let left = count; left > 0 && this.connections > 1 && !this.#isDisposed; left -= 1) this.#spareOne()
    this.#permits.resize(this.connections)
  }

  #spareOne(): void {
    const cancel = this.#parts.clock.after(restraintMs, () => {
      this.#spared.delete(cancel)
      this.#permits.resize(this.connections)
    })
    this.#spared.add(cancel)
  }

  /** Works with a connection of its own for as long as it takes. Rejects as `open` does, or with the signal's reason. */
  async with<T>(signal: AbortSignal, work: (session: SmtpSession) => Promise<T>): Promise<T> {
    using _permit = await this.#permits.reserve(1, signal)
    const session = (await this.#waiting(signal)) ?? (await this.#parts.open(signal))
    try {
      return await work(session)
    } finally {
      this.#release(session)
    }
  }

  /** The connection used last that still answers. */
  async #waiting(signal: AbortSignal): Promise<SmtpSession | undefined> {
    for (;;) {
      const session = [...this.#idle.keys()].at(-1)
      if (!session) return undefined
      this.#take(session)
      if (await session.isAlive(signal)) return session
      signal.throwIfAborted()
    }
  }

  #take(session: SmtpSession): void {
    this.#idle.get(session)?.()
    this.#idle.delete(session)
  }

  #release(session: SmtpSession): void {
    if (!session.isOpen) return
    const isSurplus = this.#permits.used > this.connections
    if (this.#isDisposed || isSurplus || session.messages >= messagesPerConnection) session.quit()
    else this.#keep(session)
  }

  #keep(session: SmtpSession): void {
    const cancel = this.#parts.clock.after(idleMs, () => {
      this.#idle.delete(session)
      session.quit()
    })
    this.#idle.set(session, cancel)
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    for (const cancel of this.#spared) cancel()
    for (const session of [...this.#idle.keys()]) {
      this.#take(session)
      session.quit()
    }
  }
}
