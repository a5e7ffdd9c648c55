import type { Clock } from '../core/clock.ts'
import { day, wallMs } from '../core/time.ts'
import { issueClient } from './client-certificate.ts'
import type { IdentityOrder } from './client-identity.ts'
import type { KeyStore } from './key-store.ts'
import { joinPem, splitPem } from './pem.ts'
import {
  type NextCertificate,
  presentName,
  type RenewalRecord,
  readRenewal,
  renewalText,
} from './renewal-record.ts'

/** Servers of Entra that have not heard of the new one yet take the former one for so long. */
export const graceMs = 7 * day

export type Made =
  | { readonly kind: 'made' | 'there'; readonly next: NextCertificate }
  | { readonly kind: 'unavailable'; readonly detail: string }

/**
 * The steps by which a certificate is followed by another. Each is one write, on the disk when it returns; before and
 * after each there is a certificate that works.
 */
export class Renewals {
  readonly #store: KeyStore
  readonly #clock: Clock

  constructor(store: KeyStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  record(upstream: string): RenewalRecord {
    return readRenewal(this.#store, upstream)
  }

  /** Makes the certificate to come, unless there is one. */
  async make(
    { upstream, hostname }: Pick<IdentityOrder, 'upstream' | 'hostname'>,
    why: Pick<NextCertificate, 'replacesSecret' | 'isWished'>,
  ): Promise<Made> {
    const before = this.record(upstream).next
    if (before) return { kind: 'there', next: before }
    // Entra checks the dates: one made in 1970 would have to be made twice.
    if (!this.#clock.isBelievable()) return { kind: 'unavailable', detail: 'the clock is not set yet' }
    const now = this.#clock.wall()
    const pair = await issueClient(upstream, hostname, now)
    const meanwhile = this.record(upstream)
    if (meanwhile.next) return { kind: 'there', next: meanwhile.next }
    const next: NextCertificate = { ...pair, ...why, madeAt: now, registration: 'none' }
    return this.#write(upstream, { ...meanwhile, next })
      ? { kind: 'made', next }
      : { kind: 'unavailable', detail: 'the vault is locked' }
  }

  /** Written before the service is asked, so that it is not asked twice. */
  asked(upstream: string): void {
    this.#change(upstream, { registration: 'asked', registeredAt: this.#clock.wall() })
  }

  /** The service said yes. */
  registered(upstream: string, keyId: string): void {
    const known = keyId === '' ? {} : { keyId }
    this.#change(upstream, { registration: 'done', registeredAt: this.#clock.wall(), ...known })
  }

  /** The service said no, or nothing came of it. */
  notRegistered(upstream: string): void {
    this.#change(upstream, { registration: 'none' })
  }

  /** What was to come serves from now on; the present one stays beside it for the days of grace. */
  switchOver(upstream: string): void {
    const { next, keyId, before } = this.record(upstream)
    if (!next) return
    const stored = this.#store.load(presentName(upstream))
    const present = stored.kind === 'found' ? splitPem(stored.pem) : undefined
    const removeAt = wallMs(this.#clock.wall() + graceMs)
    const former = present && { ...present, removeAt, isLeft: false, ...(keyId !== undefined && { keyId }) }
    this.#saveAll({
      [presentName(upstream)]: joinPem(next),
      ...renewalText(upstream, {
        ...(next.keyId !== undefined && { keyId: next.keyId }),
        ...(former ? { before: former } : before && { before }),
      }),
    })
  }

  /** Puts what replaces a secret where the way out will look for it; the secret serves on until the setup says otherwise. */
  offer(upstream: string): void {
    const { next } = this.record(upstream)
    if (next) this.#saveAll({ [presentName(upstream)]: joinPem(next) })
  }

  /** Nothing is to come any more. */
  dropNext(upstream: string): void {
    const { next: _, ...rest } = this.record(upstream)
    this.#write(upstream, rest)
  }

  /** The former certificate is gone at the service. */
  removed(upstream: string): void {
    const { before: _, ...rest } = this.record(upstream)
    this.#write(upstream, rest)
  }

  /** The box has no means to remove the former certificate; its key is erased all the same. */
  left(upstream: string): void {
    const record = this.record(upstream)
    if (record.before)
      this.#write(upstream, { ...record, before: { ...record.before, keyPem: '', isLeft: true } })
  }

  #change(upstream: string, change: Partial<NextCertificate>): void {
    const record = this.record(upstream)
    if (record.next) this.#write(upstream, { ...record, next: { ...record.next, ...change } })
  }

  #write(upstream: string, record: RenewalRecord): boolean {
    return this.#store.saveAll(renewalText(upstream, record))
  }

  #saveAll(texts: Readonly<Record<string, string>>): void {
    if (!this.#store.saveAll(texts)) throw new Error('the vault was locked between two steps')
  }
}
