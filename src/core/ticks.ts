import { unreachable } from './brand.ts'
import { isReported } from './delivery-report.ts'
import type { DeliveryState } from './outcome.ts'
import type { Ticks } from './queue-operations.ts'

export interface TickFacts {
  readonly state: DeliveryState
  readonly code: string
  /** The way out that has it tells what becomes of mail behind it. */
  readonly tellsDelivery: boolean
}

/** Three truths that are not one: the box has it, the way out took it, it was delivered. Only a report says the third. */
export function ticksOf({ state, code, tellsDelivery }: TickFacts): Ticks {
  const isTold = isReported(code)
  const wayOutTookIt = state === 'accepted' || state === 'confirmed' || isTold
  return { boxHasIt: true, wayOutTookIt, delivered: deliveredOf() }

  function deliveredOf(): Ticks['delivered'] {
    switch (state) {
      case 'confirmed':
      case 'accepted':
        if (code === 'delivered') return 'yes'
        return tellsDelivery && !isTold ? 'not yet known' : 'not told by this way out'
      case 'bounced':
        return isTold && (code === 'reported-quarantined' || code === 'reported-filtered-spam')
          ? 'no'
          : 'bounced'
      case 'expired':
      case 'dropped':
        return 'no'
      case 'queued':
      case 'sending':
      case 'indeterminate':
      case 'deferred':
      case 'held':
      case 'collecting':
        return 'not yet known'
      default:
        return unreachable(state)
    }
  }
}
