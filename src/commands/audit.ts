import { type Call, onBox, show } from './call.ts'
import { countOf } from './plain-text.ts'
import { tableLines } from './table.ts'
import { localTime } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `audit`: who changed what, newest first. */
export function audit(call: Call, options: { readonly limit: number }): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const entries = await operations.audit(options.limit)
    const columns = [{ title: 'AT' }, { title: 'WHO', isFlexible: true }, { title: 'WHAT', isFlexible: true }]
    const now = call.world.clock.wall()
    await show(call, entries, (paint) =>
      entries.length === 0
        ? ['Nothing was changed yet.']
        : tableLines(
            columns,
            entries.map(({ at, who, what }) => [localTime(at, now), who, what]),
            paint,
          ),
    )
    return done
  })
}

/** `forget ADDRESS`: erases a person's address from the history of finished messages. */
export function forget(call: Call, address: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.forget(address, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [`Erased from ${countOf(result.count, 'row', 'rows')} of the history.`])
    return done
  })
}
