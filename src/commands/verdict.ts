import type { Refused } from '../core/operations.ts'

/**
 * What a command came to: exit status 0, 1 (it failed) or 2 (arguments or document are wrong, nothing was changed); 3 only of
 * `serve`, whose box was decommissioned: whoever watches it starts it no more.
 */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'decommissioned' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'wrong'; readonly reason: string; readonly details?: readonly string[] }

export const done: Verdict = { kind: 'done' }
export const failed = (reason: string): Verdict => ({ kind: 'failed', reason })
export const wrong = (reason: string, details: readonly string[] = []): Verdict => ({
  kind: 'wrong',
  reason,
  details,
})

/** What an operation refused: with 2 where the arguments are wrong in themselves. */
export const refusedBy = ({ reason, isWrongInput }: Refused): Verdict =>
  isWrongInput === true ? wrong(reason) : failed(reason)

export const exitStatus: Readonly<Record<Verdict['kind'], number>> = {
  done: 0,
  failed: 1,
  wrong: 2,
  decommissioned: 3,
}
