import { type Address, comparable } from '../core/address.ts'
import type { EnvelopeRecipient } from '../core/envelope.ts'
import type { DeviceSetup } from '../core/setup.ts'
import type { Named } from './device-names.ts'
import type { Sender } from './envelope-addresses.ts'

/** How often recipients may be said, as a multiple of how many there may be. */
const repeatsOf = 3

/** One mail transaction (RFC 5321 section 3.3) from MAIL to the end of DATA. */
export class Transaction {
  readonly device: DeviceSetup
  /** Of the device, whatever it is called meanwhile. */
  readonly named: Named
  readonly sender: Extract<Sender, { kind: 'sender' }>
  /** Octets that MAIL's SIZE declared (RFC 1870); undefined where it did not. */
  readonly declaredSize: number | undefined
  readonly #recipients = new Map<string, EnvelopeRecipient>()
  #testAddress: Address | undefined
  #asked = 0

  constructor(
    device: DeviceSetup,
    named: Named,
    sender: Extract<Sender, { kind: 'sender' }>,
    declaredSize: number | undefined,
  ) {
    this.device = device
    this.named = named
    this.sender = sender
    this.declaredSize = declaredSize
  }

  get recipients(): readonly EnvelopeRecipient[] {
    return [...this.#recipients.values()]
  }

  get testAddress(): Address | undefined {
    return this.#testAddress
  }

  get isEmpty(): boolean {
    return this.#recipients.size === 0 && this.#testAddress === undefined
  }

  /** Nobody but the box's own test address. */
  get isTest(): boolean {
    return this.#recipients.size === 0 && this.#testAddress !== undefined
  }

  /** Adds all or none; false if that were more than `most`. A recipient said twice is one; said for ever it is too many. */
  add(recipients: readonly EnvelopeRecipient[], most: number): boolean {
    if (++this.#asked > repeatsOf * most) return false
    const fresh = recipients.filter(({ address }) => !this.#recipients.has(comparable(address)))
    if (fresh.length > 0 && this.#recipients.size + fresh.length > most) return false
    for (const recipient of fresh) this.#recipients.set(comparable(recipient.address), recipient)
    return true
  }

  addTest(address: Address): void {
    this.#testAddress = address
  }
}
