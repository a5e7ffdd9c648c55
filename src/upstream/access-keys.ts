import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { SecretName, Secrets } from '../core/secret.ts'
import { second, wallMs } from '../core/time.ts'
import { type RequestToSign, signatureHeaders } from './acs-signature.ts'
import { openSecret } from './open-secret.ts'
import type { Paused } from './pause-reasons.ts'

export interface SigningKey {
  readonly slot: number
  readonly key: string
}

export interface AccessKeysParts {
  /** The way out, for the log. */
  readonly upstream: string
  readonly names: readonly SecretName[]
  readonly secrets: Secrets
  readonly clock: Clock
  readonly log: Log
}

/** The one or two access keys of a way out, and the service's time: everything a signature needs. */
export class AccessKeys {
  readonly #parts: AccessKeysParts
  /** The slot that worked last: an old first key costs one refusal, not one for each mail. */
  #first = 0
  #offsetMs = 0

  constructor(parts: AccessKeysParts) {
    this.#parts = parts
  }

  /** Keys in the order in which they are to be tried; empty slots are left out. */
  keys(): readonly SigningKey[] {
    const { names, secrets } = this.#parts
    return names
      .map((_, index) => (index + this.#first) % names.length)
      .flatMap((slot) => {
        const opened = openSecret(secrets, names[slot])
        return opened.kind === 'secret' ? [{ slot, key: opened.secret }] : []
      })
  }

  /** Why there is no key at all. */
  trouble(): Paused | undefined {
    if (this.keys().length > 0) return undefined
    const opened = openSecret(this.#parts.secrets, this.#parts.names[0])
    return opened.kind === 'paused' ? opened : undefined
  }

  headers(request: Omit<RequestToSign, 'at'>, key: string): Readonly<Record<string, string>> {
    return signatureHeaders({ ...request, at: wallMs(this.#parts.clock.wall() + this.#offsetMs) }, key)
  }

  worked(slot: number): void {
    if (slot === this.#first) return
    this.#first = slot
    const { log, upstream } = this.#parts
    log.write('warn', 'access-key-changed', { upstream, key: slot === 0 ? 'key' : 'next_key' })
  }

  /** Learns the service's time from its `Date` header, for a box whose own clock is off. */
  learnTime(serviceTime: number): void {
    const { clock, log, upstream } = this.#parts
    this.#offsetMs = serviceTime - clock.wall()
    log.write('warn', 'clock-off', { upstream, offsetSeconds: Math.round(this.#offsetMs / second) })
  }
}
