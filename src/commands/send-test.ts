import type { Operations } from '../core/operations.ts'
import { type DeliveryState, openStates } from '../core/outcome.ts'
import type { MessageView, QueueRow } from '../core/spool.ts'
import { second } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { oneLine } from './plain-text.ts'
import { whyOf } from './queue.ts'
import { done, failed, refusedBy, type Verdict } from './verdict.ts'

export interface TestWish {
  readonly device: string
  readonly to: string
  readonly timeoutMs: number
}

const lookEveryMs = second / 2

/** `send-test`: a real test message the whole way; says each change on stderr, ends with the outcome or the timeout. */
export function sendTest(call: Call, wish: TestWish): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const sent = await operations.sendTest(wish.device, wish.to)
    if (sent.kind === 'refused') return refusedBy(sent)
    await call.world.err.write(`Message ${sent.message} is accepted; waiting for the outcome …\n`)
    const view = await waitForOutcome(call, operations, sent.message, wish.timeoutMs)
    if (!view) return failed(`message ${sent.message} is not there any more`)
    if (call.json) await show(call, view, () => [])
    return verdictOf(call, view, wish)
  })
}

/** The message once each recipient is settled or time is up. */
export async function waitForOutcome(
  { world }: Call,
  operations: Operations,
  id: string,
  timeoutMs: number,
): Promise<MessageView | undefined> {
  const end = world.clock.monotonic() + timeoutMs
  let told = ''
  for (;;) {
    const view = await operations.message(id)
    if (!view || view.recipients.every(isSettled)) return view
    const now = view.recipients.map((row) => `${row.state} ${whyOf(row, world.clock.wall())}`).join('; ')
    if (now !== told) await world.err.write(`  ${oneLine(now).trimEnd()}\n`)
    told = now
    if (world.clock.monotonic() >= end) return view
    await world.clock.sleep(lookEveryMs)
  }
}

const isSettled = ({ state }: QueueRow): boolean => !openStates.has(state) || state === 'held'

export const isSent = (state: DeliveryState): boolean => state === 'accepted' || state === 'confirmed'

async function verdictOf(call: Call, view: MessageView, { timeoutMs }: TestWish): Promise<Verdict> {
  const stuck = view.recipients.find((row) => !isSent(row.state))
  if (stuck) {
    const late = isSettled(stuck) ? '' : ` after ${timeoutMs / second} s`
    return failed(`not sent: ${stuck.address} is ${stuck.state}${late}: ${stuck.reason}`)
  }
  if (!call.json) {
    await show(call, view, () =>
      view.recipients.map((row) =>
        oneLine(`${row.address}: ${row.state} by ${row.upstream ?? 'the box itself'}: ${row.reason}`),
      ),
    )
  }
  return done
}
