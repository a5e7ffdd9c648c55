import type { SecretName, Secrets } from '../core/secret.ts'
import { type Paused, paused } from './pause-reasons.ts'

export type SecretAnswer = { readonly kind: 'secret'; readonly secret: string } | Paused

/** A secret, or the pause that its absence means. */
export function openSecret(secrets: Secrets, name: SecretName | undefined): SecretAnswer {
  const opened = name === undefined ? ({ kind: 'absent' } as const) : secrets.open(name)
  switch (opened.kind) {
    case 'open':
      return { kind: 'secret', secret: opened.value }
    case 'unreadable':
      return paused('upstream', 'key-missing', opened.detail)
    case 'locked':
      return paused('upstream', 'key-missing', 'the vault is locked')
    case 'absent':
      return paused('upstream', 'key-missing')
  }
}
