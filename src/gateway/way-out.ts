import type { NewMessage, Parked } from '../core/message.ts'
import { waysOut } from '../core/route.ts'
import type { Setup } from '../core/setup.ts'

export type WayOut =
  | { readonly kind: 'ok'; readonly parked?: Parked }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'no-way' }

/**
 * Whether some way out may take the message to every recipient, asked before the 250 so that the panel shows the reason.
 * A box without any upstream takes mail all the same: it waits until there is one.
 */
export function wayOutFor(message: NewMessage, setup: Setup): WayOut {
  const answers = message.envelope.recipients.map(({ address }) =>
    waysOut(
      { kind: message.kind, route: message.route, facts: message.facts, recipient: address, refusedBy: [] },
      setup.upstreams,
    ),
  )
  const closed = answers.filter(({ ways, refusals }) => ways.length === 0 && refusals.length > 0)
  if (closed.length === 0) return { kind: 'ok' }
  const isSize = closed.some(({ refusals }) => refusals.some(({ why }) => why === 'too-large'))
  return isSize ? { kind: 'too-large' } : { kind: 'no-way' }
}
