import type { Outcome } from '../core/outcome.ts'

/** The answer of `ask` where the service keeps no operations. */
export const cannotAsk = (service: string, reference: string): Outcome => ({
  kind: 'transient',
  code: 'cannot-ask',
  detail: `${service} has no way to ask what became of ${reference}`,
})
