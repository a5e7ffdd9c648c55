import type { ReportKind } from '../core/operations.ts'
import { type Call, onBox, show } from './call.ts'
import { oneLine } from './plain-text.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `report KIND`: a text for other people. */
export function report(
  call: Call,
  kind: ReportKind,
  options: { readonly month: string | undefined; readonly upstream: string | undefined },
): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.report(kind, options)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result.data, () => result.text.trimEnd().split('\n').map(oneLine))
    return done
  })
}
