import type { Outcome } from '../core/outcome.ts'
import type { NumberedRecipient } from '../core/upstream.ts'

/** The same outcome for every recipient of a part. */
export const forAll = (
  outcome: Outcome,
  recipients: readonly NumberedRecipient[],
): ReadonlyMap<number, Outcome> => new Map(recipients.map(({ number }) => [number, outcome]))
