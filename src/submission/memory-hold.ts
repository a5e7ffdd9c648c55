import type { Clock } from '../core/clock.ts'
import { second } from '../core/time.ts'
import type { MemoryBudget } from '../platform/memory-budget.ts'
import { isLoopback } from '../platform/network.ts'

/** What one reception may hold: the spool keeps up to 256 KiB before it writes, and pieces are on the way. */
const mostOctets = 320 * 1024
const overheadOctets = 64 * 1024
/** Devices give up after 30 s. */
const patienceMs = 20 * second

/** What the mails of one address may hold together, of the budget: senders that trickle leave the others theirs. */
const shareOfAddress = 1 / 4

/** Octets that are set aside, by address. Loopback is many clients. */
export class MemoryShares {
  readonly #held = new Map<string, number>()

  /** Undefined: its mails hold so much already. The first is always taken. */
  take(address: string, octets: number, budget: number): Disposable | undefined {
    const held = this.#held.get(address) ?? 0
    if (held > 0 && held + octets > budget * shareOfAddress && !isLoopback(address)) return undefined
    this.#held.set(address, held + octets)
    return { [Symbol.dispose]: () => this.#give(address, octets) }
  }

  #give(address: string, octets: number): void {
    const left = (this.#held.get(address) ?? 0) - octets
    if (left > 0) this.#held.set(address, left)
    else this.#held.delete(address)
  }
}

export interface HoldParts {
  readonly memory: MemoryBudget
  readonly shares: MemoryShares
  readonly clock: Clock
  /** `limits.memory`. */
  readonly budget: number
}

/**
 * Sets memory aside for one reception; at once where there is some. A full budget makes the device wait for its 354;
 * undefined when that takes too long, the signal aborts, or its address holds its share.
 */
export function holdMemory(
  { memory, shares, clock, budget }: HoldParts,
  address: string,
  declaredSize: number | undefined,
  signal: AbortSignal,
): Disposable | Promise<Disposable | undefined> {
  const octets = Math.min((declaredSize ?? mostOctets) + overheadOctets, mostOctets)
  const share = shares.take(address, octets, budget)
  if (!share) return Promise.resolve(undefined)
  const held = memory.tryReserve(octets)
  if (held) return both(share, held)
  return waitFor(memory, octets, clock, signal).then((granted) => {
    if (granted) return both(share, granted)
    share[Symbol.dispose]()
    return undefined
  })
}

const both = (share: Disposable, held: Disposable): Disposable => ({
  [Symbol.dispose]: () => {
    share[Symbol.dispose]()
    held[Symbol.dispose]()
  },
})

async function waitFor(
  memory: MemoryBudget,
  octets: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Disposable | undefined> {
  const patience = new AbortController()
  const cancel = clock.after(patienceMs, () => patience.abort())
  try {
    return await memory.reserve(octets, AbortSignal.any([patience.signal, signal]))
  } catch {
    return undefined
  } finally {
    cancel()
  }
}
