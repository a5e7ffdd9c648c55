import type { Alerts } from '../../core/alerts.ts'
import type { Clock } from '../../core/clock.ts'
import type { MdnsAir, MdnsLink } from '../../core/local-name.ts'
import type { Log } from '../../core/log.ts'
import { second } from '../../core/time.ts'
import { mayName, readMessage } from '../../platform/mdns/message.ts'
import { NameClaim } from './name-claim.ts'

export interface NameCareParts {
  readonly air: MdnsAir
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly random: () => number
}

export const takenKey = 'name-taken'
const lookEveryMs = 10 * second

/** The box's name in every network that it is attached to. */
export class NameCare {
  readonly #parts: NameCareParts
  readonly #claims = new Map<string, NameClaim>()
  #links: readonly MdnsLink[] = []
  #name: string | undefined
  #isBlind = false

  constructor(parts: NameCareParts) {
    this.#parts = parts
    parts.air.listen((link, octets, from) => {
      const claim = this.#claims.get(link)
      const message = claim && mayName(octets, this.#name ?? '') ? readMessage(octets) : undefined
      if (message) claim?.hear(message, from)
    })
  }

  /** Looks at the links until the signal aborts, and says goodbye; never rejects. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#parts.clock.sleep(lookEveryMs, signal)
      if (!signal.aborted) this.look()
    }
    this.#release()
    await this.#parts.air[Symbol.asyncDispose]()
  }

  /** Undefined while nobody answers by it, or another machine does in one of the networks. */
  get answered(): string | undefined {
    const states = [...this.#claims.values()].map(({ state }) => state.kind)
    return states.includes('held') && !states.includes('taken') ? this.#name : undefined
  }

  /** `branch-07`; undefined: by none. The one of before is said goodbye to. */
  follow(gatewayName: string | undefined): void {
    const name = gatewayName && `${gatewayName.toLowerCase()}.local`
    if (name !== this.#name) this.#release()
    this.#name = name
    this.look()
  }

  /** Links come, go and get other addresses. Where nobody can say (no file descriptor is left) all stays as it was. */
  look(): void {
    try {
      this.#look()
      this.#isBlind = false
    } catch (error) {
      // A look follows every 10 s.
      if (!this.#isBlind) this.#parts.log.write('warn', 'name-not-answered', { detail: String(error) })
      this.#isBlind = true
    }
  }

  #look(): void {
    const { air } = this.#parts
    if (this.#name === undefined) air.leave()
    const links = this.#name === undefined ? [] : air.links()
    this.#links = links
    for (const [name, claim] of this.#claims)
      if (!links.some((link) => link.name === name)) {
        claim.release()
        this.#claims.delete(name)
      }
    for (const link of links) this.#lookAt(link, this.#name ?? '')
    this.#tell()
  }

  #lookAt(link: MdnsLink, name: string): void {
    const claim = this.#claims.get(link.name)
    if (claim) {
      claim.look()
      return
    }
    const { clock, random } = this.#parts
    const isOwn = (address: string): boolean =>
      this.#links.some((each) => each.addresses().includes(withoutZone(address)))
    const onChange = (): void => this.#tell()
    const made = new NameClaim({ name, link, isOwn, clock, random, onChange })
    this.#claims.set(link.name, made)
    void made.run()
  }

  #release(): void {
    for (const claim of this.#claims.values()) claim.release()
    this.#claims.clear()
  }

  #tell(): void {
    const { alerts, log } = this.#parts
    const rivals = [...this.#claims.values()].flatMap(({ state }) =>
      state.kind === 'taken' ? [state.rival] : [],
    )
    if (rivals.length === 0) {
      alerts.clear(takenKey)
      return
    }
    if (!alerts.active().some(({ key }) => key === takenKey))
      log.write('warn', 'name-taken', { name: this.#name, rivals })
    alerts.raise({
      key: takenKey,
      severity: 'warning',
      sentence: `Another machine in the network (${[...new Set(rivals)].join(', ')}) goes by the name ${this.#name}: what looks for this box by that name finds the other one.`,
      remedy:
        'Give one of the two another name (Settings, or name under [gateway]). Until then devices reach this box by its address.',
    })
  }
}

const withoutZone = (address: string): string => address.replace(/%.*$/, '')
