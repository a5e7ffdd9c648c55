import type { WallMs } from '../core/time.ts'
import type { KeyStore } from './key-store.ts'
import type { KeyPair } from './pem.ts'

/** What is under way with the certificate of a way out: kept sealed beside it, so that every step outlives a power cut. */
export interface RenewalRecord {
  readonly next?: NextCertificate
  /** Of the present certificate at the service; known where the service told it. */
  readonly keyId?: string
  readonly before?: FormerCertificate
}

export interface NextCertificate extends KeyPair {
  readonly madeAt: WallMs
  /** none: the service was not told; asked: it was, its answer is not known; done: it said yes. */
  readonly registration: 'none' | 'asked' | 'done'
  /** Of `asked` and `done`. */
  readonly registeredAt?: WallMs
  readonly keyId?: string
  /** The way out signs in with a client secret until this one works. */
  readonly replacesSecret: boolean
  /** Asked for by a person, whatever the age of the present one. */
  readonly isWished: boolean
}

/** It served until the present one did. */
export interface FormerCertificate extends KeyPair {
  readonly keyId?: string
  readonly removeAt: WallMs
  /** The box cannot remove it: a person has to. Its key is erased. */
  readonly isLeft: boolean
}

const nameOf = (upstream: string): string => `renewal/${upstream}`
export const presentName = (upstream: string): string => `client/${upstream}`

/** Empty where nothing is under way, and where the vault is locked: then nothing can be done either. */
export function readRenewal(store: Pick<KeyStore, 'load'>, upstream: string): RenewalRecord {
  const stored = store.load(nameOf(upstream))
  // Written by `renewalText` alone, and sealed.
  return stored.kind === 'found' ? JSON.parse(stored.pem) : {}
}

export const renewalText = (upstream: string, record: RenewalRecord): Readonly<Record<string, string>> => ({
  [nameOf(upstream)]: JSON.stringify(record),
})
