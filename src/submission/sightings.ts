import { comparable } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import { learnedLastsMs, type Sighting } from '../core/learning.ts'
import type { LiveListener } from '../core/live.ts'
import type { Log } from '../core/log.ts'
import { type Reply, replyText } from '../core/reply.ts'
import type { Spool } from '../core/spool.ts'
import { minute } from '../core/time.ts'
import type { MakersOf } from '../platform/hardware-makers.ts'
import type { Neighbours } from '../platform/neighbours.ts'

/** An unknown device knocks again and again: its row is written this often at most. */
const saveAfterMs = 5 * minute
const mostAddresses = 500
/** Of a flood the rest is looked up when it knocks again. */
const mostLookedUp = 50
const forgotten = '(forgotten)'

export interface SightingsParts {
  readonly spool: Pick<Spool, 'saveSightings' | 'forgetSighting'>
  readonly clock: Clock
  readonly log: Log
  readonly live: LiveListener
  readonly neighbours: Neighbours
  readonly makers: MakersOf
}

export type SeenStranger = Pick<
  Sighting,
  'address' | 'helo' | 'username' | 'triedAuth' | 'mailFrom' | 'rcptDomain' | 'tls' | 'result'
>

/** One that was not even heard. */
export const turnedAway = (address: string, reply: Reply): SeenStranger => ({
  address,
  helo: '',
  username: '',
  triedAuth: false,
  mailFrom: '',
  rcptDomain: '',
  tls: '',
  result: `${reply.code} ${replyText(reply)}`,
})

/** Devices that nobody knows and that knocked: one row for each address, the last 500, saved in batches. */
export class Sightings {
  readonly #parts: SightingsParts
  /** The one that was seen longest ago first. */
  readonly #known: Map<string, Sighting>
  readonly #unsaved = new Set<string>()
  #saving: Promise<void> = Promise.resolve()
  #cancel: (() => void) | undefined

  constructor(parts: SightingsParts, known: readonly Sighting[]) {
    this.#parts = parts
    const latest = [...known].sort((a, b) => a.lastSeen - b.lastSeen).slice(-mostAddresses)
    this.#known = new Map(latest.map((sighting) => [sighting.address, sighting]))
  }

  /** What this session did not say stays as it was known. */
  saw(seen: SeenStranger): void {
    const { clock, live } = this.#parts
    const now = clock.wall()
    const before = this.#known.get(seen.address)
    if (live.isHeard) live.tell({ kind: 'stale', what: 'sightings' })
    this.#known.delete(seen.address)
    this.#known.set(seen.address, {
      ...seen,
      mac: before?.mac ?? '',
      maker: before?.maker ?? '',
      helo: seen.helo || (before?.helo ?? ''),
      username: seen.username || (before?.username ?? ''),
      triedAuth: seen.triedAuth || (before?.triedAuth ?? false),
      mailFrom: seen.mailFrom || (before?.mailFrom ?? ''),
      rcptDomain: seen.rcptDomain || (before?.rcptDomain ?? ''),
      firstSeen: before?.firstSeen ?? now,
      lastSeen: now,
      count: (before?.count ?? 0) + 1,
    })
    this.#unsaved.add(seen.address)
    this.#forgetOldest()
    this.#cancel ??= this.#parts.clock.after(saveAfterMs, () => void this.save())
  }

  /** The latest first. */
  list(): readonly Sighting[] {
    const since = this.#parts.clock.wall() - learnedLastsMs
    return [...this.#known.values()].filter(({ lastSeen }) => lastSeen > since).reverse()
  }

  /** Known now: its row goes too. */
  async forgetAddress(address: string): Promise<void> {
    await this.#saving
    this.#known.delete(address)
    this.#unsaved.delete(address)
    const { spool, live } = this.#parts
    await spool.forgetSighting(address)
    live.tell({ kind: 'stale', what: 'sightings' })
  }

  /** Keeps nothing in memory that mentions an address of mail, or of the network; the disk is asked apart. */
  async forget(address: string): Promise<void> {
    await this.save()
    const folded = comparable(address)
    this.#known.delete(folded)
    const clean = (text: string): string => (comparable(text).includes(folded) ? forgotten : text)
    for (const [key, sighting] of this.#known) {
      const { helo, username, mailFrom } = sighting
      const cleaned = { helo: clean(helo), username: clean(username), mailFrom: clean(mailFrom) }
      this.#known.set(key, { ...sighting, ...cleaned })
    }
  }

  /** Looks up the hardware of those that are new and writes them. Does not reject. */
  save(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    this.#saving = this.#saving.then(() => this.#lookUp()).then(() => this.#write())
    return this.#saving
  }

  /** Writes them as they are: whoever stops does not wait for a neighbour. Does not reject. */
  write(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    this.#saving = this.#saving.then(() => this.#write())
    return this.#saving
  }

  async #write(): Promise<void> {
    if (this.#unsaved.size === 0) return
    const sightings = [...this.#unsaved].flatMap((address) => this.#known.get(address) ?? [])
    this.#unsaved.clear()
    try {
      await this.#parts.spool.saveSightings(sightings)
    } catch (error) {
      this.#parts.log.write('warn', 'learning-not-saved', { detail: String(error) })
      for (const { address } of sightings) this.#unsaved.add(address)
    }
  }

  /** Here and not when it knocks: a flood from many addresses must not run `ip` for each. */
  async #lookUp(): Promise<void> {
    const { neighbours, makers } = this.#parts
    for (const address of [...this.#unsaved].slice(-mostLookedUp)) {
      const hardware = await neighbours.hardwareAt(address)
      if (hardware.kind === 'known') this.#change(address, { mac: hardware.mac })
    }
    const macs = [...this.#unsaved].flatMap((address) => this.#known.get(address)?.mac || [])
    const found = macs.length === 0 ? undefined : await makers(macs)
    for (const address of found ? this.#unsaved : []) {
      this.#change(address, { maker: found?.get(this.#known.get(address)?.mac ?? '') ?? '' })
    }
  }

  #change(address: string, change: Partial<Sighting>): void {
    const sighting = this.#known.get(address)
    if (sighting) this.#known.set(address, { ...sighting, ...change })
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys()
    if (this.#known.size > mostAddresses && oldest !== undefined) this.#known.delete(oldest)
  }
}
