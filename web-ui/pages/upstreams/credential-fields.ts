import type { RowChange } from '../../../src/core/setup-operations.ts'

export type CredentialKind = 'none' | 'access-key' | 'client-secret' | 'client-certificate' | 'password'

export type CredentialField =
  | 'key'
  | 'next_key'
  | 'tenant_id'
  | 'client_id'
  | 'object_id'
  | 'secret'
  | 'next_secret'
  | 'username'
  | 'password'
  | 'expires'

/** What each kind of sign-in consists of, as the setup document names it. */
export const fieldsOf: Readonly<Record<CredentialKind, readonly CredentialField[]>> = {
  none: [],
  'access-key': ['key', 'next_key', 'expires'],
  'client-secret': ['tenant_id', 'client_id', 'object_id', 'secret', 'next_secret', 'expires'],
  'client-certificate': ['tenant_id', 'client_id', 'object_id'],
  password: ['username', 'password', 'expires'],
}

/** They go in and never come out. */
export const secretFields: ReadonlySet<CredentialField> = new Set([
  'key',
  'next_key',
  'secret',
  'next_secret',
  'password',
])

/** Which kinds of sign-in a way out of this kind takes. */
export function kindsFor(upstreamKind: string): readonly CredentialKind[] {
  switch (upstreamKind) {
    case 'acs-email':
      return ['access-key', 'client-secret', 'client-certificate']
    case 'graph':
      return ['client-secret', 'client-certificate']
    case 'acs-smtp':
    case 'exchange-smtp':
    case 'exchange-hve':
      return ['client-secret', 'client-certificate', 'password']
    case 'exchange-connector':
      return ['none', 'client-certificate']
    case 'smarthost':
      return ['none', 'password', 'client-secret', 'client-certificate']
    default:
      return ['none']
  }
}

/** What stands in the setup; a secret as `(kept)`. */
export function credentialOf(settings: RowChange): RowChange {
  const { credential } = settings
  return isRow(credential) ? credential : { kind: 'none' }
}

const isRow = (value: unknown): value is RowChange =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const kept = '(kept)'
