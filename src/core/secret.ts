import type { Brand } from './brand.ts'

/** Names a secret in the vault, bound to the row it belongs to: `device/Front desk scanner/password`. Says nothing of it. */
export type SecretName = Brand<string, 'SecretName'>

export const secretName = (...path: readonly string[]): SecretName => path.join('/') as SecretName

export type OpenedSecret =
  | { readonly kind: 'open'; readonly value: string }
  /** The vault's key is lost or another one. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'absent' }
  /** A `…_file` that can't be read, with the reason. */
  | { readonly kind: 'unreadable'; readonly detail: string }

/** Opens secrets where they are used; nobody keeps one longer than it is needed. */
export interface Secrets {
  open(name: SecretName): OpenedSecret
}
