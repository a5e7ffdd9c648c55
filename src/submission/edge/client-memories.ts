import type { Clock } from '../../core/clock.ts'
import type { ClientMemory, Spool } from '../../core/spool.ts'
import { day, hour, wallMs } from '../../core/time.ts'
import { isLoopback } from '../../platform/network.ts'

const mostAddresses = 4096
const saveAfterMs = 10_000
/** How long an address keeps its device before AUTH. */
const deviceLastsMs = 30 * day
/** A memory that says nothing new is written again only then: it keeps the flash quiet and the date roughly right. */
const renewAfterMs = 12 * hour

type Learned = Partial<Pick<ClientMemory, 'speaksFirst' | 'device'>>

/** What was learned of addresses: who speaks first there, and which device signed in from there last. */
export class ClientMemories implements AsyncDisposable {
  readonly #spool: Pick<Spool, 'rememberClients'>
  readonly #clock: Clock
  /** Oldest first. */
  readonly #known = new Map<string, ClientMemory>()
  readonly #unsaved = new Set<string>()
  #cancel: (() => void) | undefined

  constructor(spool: Pick<Spool, 'rememberClients'>, clock: Clock, known: readonly ClientMemory[]) {
    this.#spool = spool
    this.#clock = clock
    for (const memory of [...known].sort((a, b) => a.seenAt - b.seenAt).slice(-mostAddresses)) {
      this.#known.set(memory.address, memory)
    }
  }

  speaksFirst(address: string): ClientMemory['speaksFirst'] | undefined {
    return this.#known.get(address)?.speaksFirst
  }

  /** The device that signed in from here last, within 30 days. */
  deviceAt(address: string): string | undefined {
    const memory = this.#known.get(address)
    return memory && memory.seenAt > this.#clock.wall() - deviceLastsMs ? memory.device : undefined
  }

  /** Loopback is many clients behind one address: nothing is learned of it. */
  learn(address: string, learned: Learned): void {
    if (isLoopback(address)) return
    const before = this.#known.get(address)
    const after: ClientMemory = {
      address,
      speaksFirst: learned.speaksFirst ?? before?.speaksFirst ?? 'nothing',
      device: learned.device ?? before?.device,
      seenAt: wallMs(this.#clock.wall()),
    }
    if (before && isSame(before, after)) return
    this.#known.delete(address)
    this.#known.set(address, after)
    this.#unsaved.add(address)
    this.#forgetOldest()
    this.#cancel ??= this.#clock.after(saveAfterMs, () => void this.save())
  }

  /** Its address may be another device's from now on. */
  forgetDevice(device: string): void {
    this.#rename((known) => (known === device ? undefined : known))
  }

  rename(names: ReadonlyMap<string, string>): void {
    this.#rename((known) => names.get(known) ?? known)
  }

  #rename(next: (device: string) => string | undefined): void {
    for (const [address, memory] of this.#known) {
      const device = memory.device === undefined ? undefined : next(memory.device)
      if (device === memory.device) continue
      this.#known.set(address, { ...memory, device })
      this.#unsaved.add(address)
    }
  }

  async save(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    const memories = [...this.#unsaved].flatMap((address) => this.#known.get(address) ?? [])
    this.#unsaved.clear()
    if (memories.length > 0) await this.#spool.rememberClients(memories)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.save()
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys()
    if (this.#known.size > mostAddresses && oldest !== undefined) this.#known.delete(oldest)
  }
}

const isSame = (before: ClientMemory, after: ClientMemory): boolean =>
  before.speaksFirst === after.speaksFirst &&
  before.device === after.device &&
  after.seenAt - before.seenAt < renewAfterMs
