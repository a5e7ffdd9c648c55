import { second } from '../../src/core/time.ts'
import { DutyRefused } from './duty.ts'

/** What must not meet: two changes of one network, or of one stick. */
type LaneName = 'network' | 'sticks' | 'update' | string

const laneOf = (duty: string): LaneName => {
  if (/^(?:storage|stick|update-stick)/.test(duty)) return 'sticks'
  if (duty.startsWith('update-')) return 'update'
  return /^(?:network-|address-hold$|clock-set$|data-erase$)/.test(duty) ? 'network' : duty
}

/**
 * Milliseconds, below the two minutes for which the gateway waits: programs of systemd and a card's journal take their time.
 * Undefined: what lies on a large disk is dropped for as long as that takes.
 */
function limitOf(duty: string): number | undefined {
  if (duty === 'data-erase') return undefined
  return ['network', 'sticks', 'update'].includes(laneOf(duty)) ? 100 * second : 20 * second
}

const remedyOf = (duty: string): string =>
  laneOf(duty) === 'sticks' ? 'pull out what was plugged in last, or restart the box' : 'restart the box'

interface Lane {
  last: Promise<unknown>
  /** The duty that took longer than it may, while it does. */
  stuck: string | undefined
}

/** Calls back after so many milliseconds; the result cancels it. */
export type After = (ms: number, callback: () => void) => () => void

const realAfter: After = (ms, callback) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

/**
 * Duties of one lane one after the other, in the order of their coming; lanes beside each other. A program of the system
 * may hang for ever (a stick that died while it was mounted can't even be killed): who asked is told so, the lane stays
 * closed while it hangs, the others go on.
 */
export class Lanes {
  readonly #lanes = new Map<LaneName, Lane>()
  readonly #after: After

  constructor(after: After = realAfter) {
    this.#after = after
  }

  run<T>(duty: string, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(laneOf(duty)) ?? { last: Promise.resolve(), stuck: undefined }
    this.#lanes.set(laneOf(duty), lane)
    const mine = lane.last.then(() => this.#limited(duty, lane, work))
    lane.last = mine.catch(() => {})
    return mine
  }

  async #limited<T>(duty: string, lane: Lane, work: () => Promise<T>): Promise<T> {
    if (lane.stuck !== undefined)
      throw new DutyRefused(`this machine still hangs at ${lane.stuck}: ${remedyOf(lane.stuck)}`)
    const limit = limitOf(duty)
    if (limit === undefined) return work()
    const tooLong = Promise.withResolvers<never>()
    const working = work().finally(() => {
      lane.stuck = undefined
    })
    const cancel = this.#after(limit, () => {
      lane.stuck = duty
      working.catch(() => {})
      tooLong.reject(new DutyRefused(`${duty} hangs: it took longer than ${limit / second} s`))
    })
    return await Promise.race([working, tooLong.promise]).finally(cancel)
  }
}
