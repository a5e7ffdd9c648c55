import { comparable } from '../core/address.ts'
import type { Outcome } from '../core/outcome.ts'
import type { NumberedRecipient } from '../core/upstream.ts'
import { forAll } from './for-all.ts'

/**
 * One answer for all recipients, unless the refusal names one of several: then that one is refused and the others go
 * again without it.
 */
export function blame(
  outcome: Outcome,
  recipients: readonly NumberedRecipient[],
): ReadonlyMap<number, Outcome> {
  const named = recipients.filter(({ address }) => isNamed(outcome, address))
  if (named.length === 0 || named.length === recipients.length) return forAll(outcome, recipients)
  return new Map(
    recipients.map((recipient) => [recipient.number, named.includes(recipient) ? ownFault(outcome) : spared]),
  )
}

const spared: Outcome = { kind: 'transient', code: 'divided', detail: 'refused because of another recipient' }

function isNamed(outcome: Outcome, address: string): boolean {
  if (outcome.kind !== 'permanent' || outcome.scope !== 'message') return false
  const words = outcome.detail.split(/[\s'"<>(),;]+/).map((word) => comparable(word.replace(/[.:]+$/, '')))
  return words.includes(comparable(address))
}

function ownFault(outcome: Outcome): Outcome {
  if (outcome.kind !== 'permanent') return outcome
  return { ...outcome, scope: 'recipient', status: '5.1.3', elsewhere: true }
}
