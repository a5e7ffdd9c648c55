import type { Clock } from '../core/clock.ts'
import { second } from '../core/time.ts'
import { MemoryBudget } from '../platform/memory-budget.ts'
import { isLoopback } from '../platform/network.ts'

/** What one reception may hold: the spool keeps up to 256 KiB before it writes, and pieces are on the way. */
const mostOctets = 320 * 1024
const overheadOctets = 64 * 1024
/** Devices give up after 30 s. */
const patienceMs = 20 * second

/** What the mails of one address may hold together, of the budget: senders that trickle leave the others theirs. */
const shareOfAddress = 1 / 4

/** Octets that are set aside, by address. Loopback is many clients. A single mail is always taken. */
export class MemoryShares {
  readonly #of = new Map<string, MemoryBudget>()

  /** Undefined: its mails hold so much that the next has to wait. */
  tryTake(address: string, octets: number, budget: number): Disposable | undefined {
    if (isLoopback(address)) return unbounded
    return this.#counted(address, this.#shareOf(address, budget).tryReserve(octets))
  }

  /** Rejects with the signal's reason. */
  async take(address: string, octets: number, budget: number, signal: AbortSignal): Promise<Disposable> {
    if (isLoopback(address)) return unbounded
    try {
      return this.#counted(address, await this.#shareOf(address, budget).reserve(octets, signal))
    } finally {
      this.#forgetUnused(address)
    }
  }

  #shareOf(address: string, budget: number): MemoryBudget {
    const share = this.#of.get(address) ?? new MemoryBudget(0)
    share.resize(budget * shareOfAddress)
    this.#of.set(address, share)
    return share
  }

  #counted<Hold extends Disposable | undefined>(address: string, hold: Hold): Hold | Disposable {
    return (
      hold && {
        [Symbol.dispose]: () => {
          hold[Symbol.dispose]()
          this.#forgetUnused(address)
        },
      }
    )
  }

  #forgetUnused(address: string): void {
    const share = this.#of.get(address)
    if (share?.used === 0 && share.waiting === 0) this.#of.delete(address)
  }
}

const unbounded: Disposable = { [Symbol.dispose]: () => undefined }

export interface HoldParts {
  readonly memory: MemoryBudget
  readonly shares: MemoryShares
  readonly clock: Clock
  /** `limits.memory`. */
  readonly budget: number
}

/**
 * Sets memory aside for one reception; at once where there is some. A full budget, and an address whose mails hold its
 * share, make the device wait for its 354 (promise 5); undefined when that takes too long or the signal aborts.
 */
export function holdMemory(
  parts: HoldParts,
  address: string,
  declaredSize: number | undefined,
  signal: AbortSignal,
): Disposable | Promise<Disposable | undefined> {
  const { memory, shares, budget } = parts
  const octets = Math.min((declaredSize ?? mostOctets) + overheadOctets, mostOctets)
  const share = shares.tryTake(address, octets, budget)
  const held = share && memory.tryReserve(octets)
  if (share && held) return both(share, held)
  return waitFor(parts, address, octets, share, signal)
}

const both = (share: Disposable, held: Disposable): Disposable => ({
  [Symbol.dispose]: () => {
    share[Symbol.dispose]()
    held[Symbol.dispose]()
  },
})

/** First for the share of the address, then for the memory of all: who waits for its own holds nothing of the others'. */
async function waitFor(
  { memory, shares, clock, budget }: HoldParts,
  address: string,
  octets: number,
  taken: Disposable | undefined,
  signal: AbortSignal,
): Promise<Disposable | undefined> {
  const patience = new AbortController()
  const cancel = clock.after(patienceMs, () => patience.abort())
  const within = AbortSignal.any([patience.signal, signal])
  let share = taken
  try {
    share ??= await shares.take(address, octets, budget, within)
    return both(share, await memory.reserve(octets, within))
  } catch {
    share?.[Symbol.dispose]()
    return undefined
  } finally {
    cancel()
  }
}
