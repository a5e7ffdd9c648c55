import type { Operations, Refused } from '../core/operations.ts'
import { type Call, onBox, show } from './call.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** A command that does one thing, and says in `words` that it is done. */
export function act(
  call: Call,
  work: (operations: Operations) => Promise<{ readonly kind: 'done' } | Refused>,
  words: string,
): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await work(operations)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [words])
    return done
  })
}
