import type { Clock } from '../../core/clock.ts'
import { second } from '../../core/time.ts'
import { isLoopback } from '../../platform/network.ts'
import { Allowance, Allowances } from '../allowances.ts'

export interface HandshakeRates {
  /** Handshakes a second in all; as many may come at once after a quiet second. */
  readonly perSecond: number
  /** Of one address, a second and at once after a quiet time; not for loopback, which is many clients. */
  readonly perSecondOfAddress: number
  readonly burstOfAddress: number
}

/** What a Pi does with a third of one core (an RSA signature takes it some 7 ms), and more than an office needs. */
export const nativeRates: HandshakeRates = { perSecond: 50, perSecondOfAddress: 5, burstOfAddress: 20 }
/** Its RSA is the main thread's. */
export const vintageRates: HandshakeRates = { perSecond: 10, perSecondOfAddress: 2, burstOfAddress: 5 }

const mostWaiting = 200
const mostWaitingOfAddress = 10
/** Devices give up after 30 s. */
const patienceMs = 20 * second

interface Waiter {
  readonly since: number
  readonly settle: (isGranted: boolean) => void
}

/**
 * How many TLS handshakes may begin: each costs the main thread some milliseconds, asked for by one packet. Above the
 * rate they wait, and the address that began none for the longest time comes first: a device does not stand behind a crowd.
 */
export class HandshakeTurns {
  readonly #clock: Clock
  readonly #all: Allowance
  readonly #ofAddress: Allowances
  readonly #waiting = new Map<string, Waiter[]>()
  #count = 0
  #cancel: (() => void) | undefined

  constructor(clock: Clock, rates: HandshakeRates) {
    this.#clock = clock
    this.#all = new Allowance(clock, rates.perSecond, rates.perSecond)
    this.#ofAddress = new Allowances(clock, rates.perSecondOfAddress, rates.burstOfAddress)
  }

  get waiting(): number {
    return this.#count
  }

  /** `true` at once, or what comes of waiting: false after 20 s, where too many wait, or when the signal aborts. */
  take(address: string, signal: AbortSignal): true | Promise<boolean> {
    if (this.#waitMs(address) === 0 && !this.#waiting.has(address)) {
      this.#grant(address)
      return true
    }
    if (signal.aborted || !this.#mayWait(address)) return Promise.resolve(false)
    return new Promise((resolve) => {
      const leave = (): void => this.#giveUp(address, waiter)
      const settle = (isGranted: boolean): void => {
        signal.removeEventListener('abort', leave)
        resolve(isGranted)
      }
      const waiter = { since: this.#clock.monotonic(), settle }
      signal.addEventListener('abort', leave, { once: true })
      const waiters = this.#waiting.get(address) ?? []
      waiters.push(waiter)
      this.#waiting.set(address, waiters)
      this.#count++
      this.#arm()
    })
  }

  /** Its client is gone: the turn is another's. */
  #giveUp(address: string, waiter: Waiter): void {
    const at = this.#waiting.get(address)?.indexOf(waiter) ?? -1
    if (at >= 0) this.#leave(address, at)?.settle(false)
    this.#arm()
  }

  #mayWait(address: string): boolean {
    const here = this.#waiting.get(address)?.length ?? 0
    if (here >= mostWaitingOfAddress && !isLoopback(address)) return false
    return this.#count < mostWaiting || this.#turnOneAway(here)
  }

  /** The last of the address that has the most, if that are more than `here`. */
  #turnOneAway(here: number): boolean {
    const crowded = [...this.#waiting].reduce((most, next) => (next[1].length > most[1].length ? next : most))
    if (crowded[1].length <= here + 1) return false
    this.#leave(crowded[0], crowded[1].length - 1)?.settle(false)
    return true
  }

  #waitMs(address: string): number {
    const here = isLoopback(address) ? 0 : this.#ofAddress.of(address).waitMs()
    return Math.max(this.#all.waitMs(), here)
  }

  #grant(address: string): void {
    this.#all.take()
    this.#ofAddress.of(address).take()
  }

  /** Anew for each change: the next may be due sooner than whoever was before. */
  #arm(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#count === 0) return
    const soonest = Math.min(...[...this.#waiting.keys()].map((address) => this.#waitMs(address)))
    this.#cancel = this.#clock.after(Math.max(1, soonest), () => {
      this.#cancel = undefined
      this.#serve()
      this.#arm()
    })
  }

  #serve(): void {
    const now = this.#clock.monotonic()
    const last = ([address]: [string, Waiter[]]): number => this.#ofAddress.of(address).lastTaken
    for (const [address, [first]] of [...this.#waiting].sort((a, b) => (last(a) < last(b) ? -1 : 1))) {
      const isLate = first !== undefined && now - first.since > patienceMs
      if (!isLate && this.#waitMs(address) > 0) continue
      const waiter = this.#leave(address, 0)
      if (!isLate) this.#grant(address)
      waiter?.settle(!isLate)
    }
  }

  /** Takes one out. */
  #leave(address: string, at: number): Waiter | undefined {
    const waiters = this.#waiting.get(address) ?? []
    const [waiter] = waiters.splice(at, 1)
    this.#waiting.delete(address)
    if (waiters.length > 0) this.#waiting.set(address, waiters)
    if (waiter) this.#count--
    return waiter
  }
}
