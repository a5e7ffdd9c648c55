import type { TakeOverView } from '../core/learning.ts'
import { describeSize } from '../core/size.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import type { Paint } from './paint.ts'
import { tableLines } from './table.ts'
import { age, span } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `takeover open`: lets unknown devices of a subnet in for a while. */
export function openTakeOver(call: Call, subnet: string, forMs: number): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.openTakeOver(subnet, forMs, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [
      `Unknown devices of ${subnet} are let in for ${span(result.leftMs)}. Their mail is held until they are adopted.`,
    ])
    return done
  })
}

export function closeTakeOver(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.closeTakeOver(call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => ['Closed. What is held waits for its adoption, 24 h at most.'])
    return done
  })
}

export function takeOverStatus(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const view = await operations.takeOver()
    const now = call.world.clock.wall()
    await show(call, view, (paint) => takeOverLines(view, now, paint))
    return done
  })
}

function takeOverLines({ open, waiting }: TakeOverView, now: WallMs, paint: Paint): readonly string[] {
  const window = open
    ? `Unknown devices of ${open.subnet} are let in for ${span(open.leftMs)} more (opened by ${open.openedBy}).`
    : 'No take-over window is open.'
  if (waiting.length === 0) return [window, 'No mail is held for an adoption.']
  const columns = [
    { title: 'ADDRESS' },
    { title: 'MAILS', align: 'right' as const },
    { title: 'SIZE', align: 'right' as const },
    { title: 'DROPPED' },
  ]
  const rows = waiting.map(({ address, mails, octets, droppedAt }) => [
    address,
    String(mails),
    describeSize(octets),
    age(droppedAt, now),
  ])
  return [window, '', ...tableLines(columns, rows, paint), '', '`inkpost device adopt ADDRESS` lets it go.']
}
