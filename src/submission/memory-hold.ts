import type { Clock } from '../core/clock.ts'
import { second } from '../core/time.ts'
import type { MemoryBudget } from '../platform/memory-budget.ts'

/** What one reception may hold: the spool keeps up to 256 KiB before it writes, and pieces are on the way. */
const mostOctets = 320 * 1024
const overheadOctets = 64 * 1024
/** Devices give up after 30 s. */
const patienceMs = 20 * second

/**
 * Sets memory aside for one reception; at once where there is some. A full budget makes the device wait for its 354;
 * undefined when that takes too long or the signal aborts.
 */
export function holdMemory(
  memory: MemoryBudget,
  declaredSize: number | undefined,
  clock: Clock,
  signal: AbortSignal,
): Disposable | Promise<Disposable | undefined> {
  const octets = Math.min((declaredSize ?? mostOctets) + overheadOctets, mostOctets)
  return memory.tryReserve(octets) ?? waitFor(memory, octets, clock, signal)
}

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
