import type { Done } from '../core/operations.ts'

/** What a command came to: exit status 0, 1 (it failed) or 2 (arguments or document are wrong, nothing was changed). */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'wrong'; readonly reason: string; readonly details?: readonly string[] }

export const done: Verdict = { kind: 'done' }
export const failed = (reason: string): Verdict => ({ kind: 'failed', reason })
export const wrong = (reason: string, details: readonly string[] = []): Verdict => ({
  kind: 'wrong',
  reason,
  details,
})

export const exitStatus: Readonly<Record<Verdict['kind'], number>> = { done: 0, failed: 1, wrong: 2 }

/** The verdict on an operation that may be refused; `tell` prints what it came to. */
export function verdictOn<T>(result: Done<T>, tell: (result: Done<T> & { kind: 'done' }) => void): Verdict {
  if (result.kind === 'refused') return failed(result.reason)
  tell(result)
  return done
}
