import type { DeliveryStep, LiveListener } from '../core/live.ts'
import type { NewMessage } from '../core/message.ts'
import type { DeliveryState } from '../core/outcome.ts'
import type { DueMessage } from '../core/spool.ts'
import { type Step, waitingOn } from '../core/step-delivery.ts'
import type { WallMs } from '../core/time.ts'

/** Told to whoever watches, once it is on the disk: of recipients of whom the same is to be said, once. */
export function tellSteps(
  live: LiveListener,
  { id, device }: Pick<DueMessage, 'id' | 'device'>,
  upstream: string,
  steps: readonly { readonly step: Pick<Step, 'state' | 'reason'> }[],
  at: WallMs,
): void {
  if (!live.isHeard) return
  const alike = new Map<string, DeliveryStep>()
  for (const { step } of steps) {
    const state = toldState(step.state)
    if (state === undefined) continue
    const key = `${state} ${step.reason}`
    const recipients = (alike.get(key)?.recipients ?? 0) + 1
    alike.set(key, {
      kind: 'delivery',
      message: id,
      device,
      at,
      state,
      upstream,
      recipients,
      detail: step.reason,
    })
  }
  for (const event of alike.values()) live.tell(event)
}

/** Accepted for later: its way out is paused, or its device is above its own rate. */
export function tellWaiting(live: LiveListener, message: NewMessage, at: WallMs): void {
  const { parked, notBefore, id, device, envelope } = message
  if ((parked === undefined && notBefore === undefined) || !live.isHeard) return
  live.tell({
    kind: 'delivery',
    message: id,
    device,
    at,
    state: 'deferred',
    upstream: parked ? waitingOn(parked.waitingFor).upstream : '',
    recipients: envelope.recipients.length,
    detail: parked?.reason ?? 'paced: its device sent more than its max_per_hour',
  })
}

/** Undefined: it goes on at once, and what comes of it is told then; or a person did it. */
function toldState(state: DeliveryState): DeliveryStep['state'] | undefined {
  switch (state) {
    case 'accepted':
    case 'confirmed':
    case 'deferred':
    case 'indeterminate':
    case 'bounced':
    case 'expired':
    case 'held':
      return state
    case 'queued':
    case 'sending':
    case 'collecting':
    case 'dropped':
      return undefined
  }
}
