import type { Clock } from '../core/clock.ts'
import type { SecretName, Secrets } from '../core/secret.ts'
import { wallMs } from '../core/time.ts'
import { type RequestToSign, signatureHeaders } from './acs-signature.ts'

export type SigningKey =
  | { readonly kind: 'key'; readonly slot: number; readonly key: string }
  | { readonly kind: 'none'; readonly detail: string }

/** The one or two access keys of a way out, and the service's time: everything a signature needs. */
export class AccessKeys {
  readonly #names: readonly SecretName[]
  readonly #secrets: Secrets
  readonly #clock: Clock
  /** The slot that worked last: an old first key costs one refusal, not one for each mail. */
  #first = 0
  #offsetMs = 0

  constructor(names: readonly SecretName[], secrets: Secrets, clock: Clock) {
    this.#names = names
    this.#secrets = secrets
    this.#clock = clock
  }

  /** Slots in the order in which they are to be tried; those without a key are left out. */
  slots(): readonly SigningKey[] {
    const keys = this.#names.map((_, slot) => this.#open((slot + this.#first) % this.#names.length))
    const usable = keys.filter((key) => key.kind === 'key')
    return usable.length > 0 ? usable : keys.slice(0, 1)
  }

  headers(request: Omit<RequestToSign, 'at'>, key: string): Readonly<Record<string, string>> {
    return signatureHeaders({ ...request, at: wallMs(this.#clock.wall() + this.#offsetMs) }, key)
  }

  worked(slot: number): void {
    this.#first = slot
  }

  /** Learns the service's time from its `Date` header, for a box whose own clock is off. */
  learnTime(serviceTime: number): void {
    this.#offsetMs = serviceTime - this.#clock.wall()
  }

  #open(slot: number): SigningKey {
    const name = this.#names[slot]
    if (name === undefined) return { kind: 'none', detail: 'absent' }
    const opened = this.#secrets.open(name)
    if (opened.kind === 'open') return { kind: 'key', slot, key: opened.value }
    return { kind: 'none', detail: opened.kind === 'unreadable' ? opened.detail : opened.kind }
  }
}
