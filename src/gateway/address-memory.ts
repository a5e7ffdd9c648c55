import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import type { ToldAddress } from '../core/network-operations.ts'
import type { Done } from '../core/operations.ts'
import { second } from '../core/time.ts'
import { untilAborted } from '../core/until-aborted.ts'
import type { Neighbours } from '../platform/neighbours.ts'
import type { Settings } from '../settings/settings.ts'

const toldFact = 'told-addresses'
const changedKey = 'box-address-changed'
/** More are a box that wanders: the oldest is given up. */
const mostTold = 4
/** RFC 5227: three probes, up to two seconds apart, and two more for an announcement; and systemd-networkd reads its files. */
const probingMs = 15 * second
const lookMs = 10 * second

/** `192.168.7.5/24` of the machine's own IPv4 addresses, loopback left out. */
export type OwnBlocks = () => readonly string[]

export interface AddressMemoryParts {
  readonly settings: Pick<Settings, 'kept' | 'remember' | 'record' | 'setup'>
  readonly machine: Machine
  readonly own: OwnBlocks
  readonly neighbours: Neighbours
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
}

/**
 * Devices hold the box's address, not its name. What their cards said is remembered; where the lease becomes another one,
 * the box answers at the old address too, as long as nobody else has it, and says what to do.
 */
export class AddressMemory {
  readonly #parts: AddressMemoryParts
  /** Somebody else's, as far as was seen; forgotten when the box gets other addresses. */
  #lost: readonly string[] = []
  #held: readonly string[] = []
  #leased: readonly string[] = []
  #isOnTrial = false

  constructor(parts: AddressMemoryParts) {
    this.#parts = parts
  }

  /** Looks every ten seconds until the signal aborts; never rejects. */
  async watch(signal: AbortSignal): Promise<void> {
    let known = ''
    while (!signal.aborted) {
      const now = this.#parts.own().join()
      if (now !== known || this.#isOnTrial) await this.look(signal)
      known = this.#parts.own().join()
      await this.#parts.clock.sleep(lookMs, signal)
    }
  }

  async look(signal: AbortSignal): Promise<void> {
    try {
      await this.#look(signal)
    } catch (error) {
      // A stop does not wait for a machine service that is at work.
      if (!signal.aborted)
        this.#parts.log.write('error', 'addresses-not-looked-at', { detail: String(error) })
    }
  }

  told(): readonly ToldAddress[] {
    return this.#told().map((address) => ({ address, state: this.#stateOf(address) }))
  }

  /** A card was shown or printed: its device will hold this address. */
  tell(address: string): void {
    const own = this.#parts.own().find((block) => block.startsWith(`${address}/`))
    if (own === undefined || this.#held.includes(own) || this.#told().includes(own)) return
    this.#keep([...this.#told(), own].slice(-mostTold))
  }

  async forget(address: string, who: string): Promise<Done> {
    const block = this.#told().find((each) => each === address || each.startsWith(`${address}/`))
    if (block === undefined)
      return { kind: 'refused', reason: `no device was told ${address}`, isWrongInput: true }
    this.#keep(this.#told().filter((each) => each !== block))
    this.#parts.settings.record(who, [`address ${block}: devices were told another one`])
    await this.#look(AbortSignal.timeout(probingMs))
    return { kind: 'done' }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { machine, own } = this.#parts
    const shown = await untilAborted(machine.call('network-show', {}), signal)
    const isSet = shown.kind === 'done'
    // A network that may be gone in two minutes is no place to take an address: systemd-networkd 252 aborts where its files
    // change while it probes for one.
    this.#isOnTrial = isSet && shown.answer.trial !== null
    if (this.#isOnTrial) return
    const addresses = isSet ? shown.answer.addresses : []
    this.#held = addresses.flatMap(({ address, prefix, origin }) =>
      origin === 'held' ? `${address}/${prefix}` : [],
    )
    this.#notice(own().filter((block) => !this.#held.includes(block)))
    const missing = this.#told().filter((block) => !this.#leased.includes(block))
    const wanted = missing.filter((block) => !this.#lost.includes(block))
    if (isSet && wanted.toSorted().join() !== this.#held.toSorted().join()) {
      const holding = await untilAborted(machine.call('address-hold', { addresses: wanted }), signal)
      if (holding.kind === 'done') await this.#probing(wanted, signal)
      this.#held = wanted.filter((block) => own().includes(block))
      this.#lost = [...this.#lost, ...wanted.filter((block) => !this.#held.includes(block))]
    }
    await this.#say(missing)
  }

  /** Until the box has them all, or somebody else must have one. */
  async #probing(wanted: readonly string[], signal: AbortSignal): Promise<void> {
    const { clock, own } = this.#parts
    const end = clock.monotonic() + probingMs
    while (!wanted.every((block) => own().includes(block)) && clock.monotonic() < end && !signal.aborted)
      await clock.sleep(second, signal)
  }

  #notice(leased: readonly string[]): void {
    if (leased.join() !== this.#leased.join()) this.#lost = []
    this.#leased = leased
    const [first] = leased
    // Cards of before this memory said what the box had then, as far as anybody knows.
    if (this.#told().length === 0 && first !== undefined && this.#parts.settings.setup.devices.length > 0)
      this.#keep([first])
  }

  async #say(missing: readonly string[]): Promise<void> {
    const { alerts } = this.#parts
    if (missing.length === 0) return alerts.clear(changedKey)
    const now = this.#leased.map(bare).join(', ') || 'no address'
    const parts = await Promise.all(missing.map((block) => this.#wordsFor(block)))
    const old = missing.map(bare).join(', ')
    alerts.raise({
      key: changedKey,
      severity: missing.every((block) => this.#held.includes(block)) ? 'warning' : 'alarm',
      sentence: `This box has ${now} now, and devices were told ${old}. ${parts.join(' ')}`,
      remedy: `Reserve ${old} for this box in the router and restart the box; or tell the devices the new address, and then forget the old one (More, Network).`,
    })
  }

  async #wordsFor(block: string): Promise<string> {
    const address = bare(block)
    if (this.#held.includes(block)) return `It answers at ${address} too, as long as nobody else claims it.`
    if (!this.#lost.includes(block))
      return `It can't take ${address} beside: devices that hold it find nobody there.`
    const hardware = await this.#parts.neighbours.hardwareAt(address)
    const whose = hardware.kind === 'known' ? ` (hardware address ${hardware.mac})` : ''
    return `Somebody else has ${address}${whose}: devices that hold it can't reach this box.`
  }

  #stateOf(block: string): ToldAddress['state'] {
    if (this.#held.includes(block)) return 'held'
    return this.#parts.own().includes(block) ? 'own' : 'lost'
  }

  #told(): readonly string[] {
    return JSON.parse(this.#parts.settings.kept(toldFact) ?? '[]')
  }

  #keep(told: readonly string[]): void {
    this.#parts.settings.remember(toldFact, JSON.stringify(told))
  }
}

const bare = (block: string): string => block.replace(/\/\d+$/, '')
