import { useEffect } from 'preact/hooks'
import type { DeliveryStep } from '../../src/core/live.ts'
import type { MessageView } from '../../src/core/spool.ts'
import { get } from '../box.ts'
import type { Watching } from './live-book.ts'
import type { Journey } from './live-journey.ts'

/** What became of the mail of a session that was over before the page was opened: nobody tells that any more. */
export function useDeliveryOf({ mail }: Journey, { enter }: Watching): void {
  const message = mail?.delivery === undefined && mail?.files === undefined ? mail?.message : undefined
  useEffect(() => {
    if (message === undefined) return
    const asked = new AbortController()
    void get<MessageView>(`/messages/${message}`, { signal: asked.signal }).then((answer) => {
      const step = answer.kind === 'done' ? deliveryOf(answer.value) : undefined
      if (step) enter([step])
    })
    return () => asked.abort()
  }, [message])
}

/** The recipient who is worst off is told. */
function deliveryOf({
  id,
  device,
  recipients,
  attempts,
  acceptedWall,
}: MessageView): DeliveryStep | undefined {
  const told = order.flatMap((state) => recipients.filter((each) => each.state === state))[0]
  const state = order.find((each) => each === told?.state)
  if (told === undefined || state === undefined) return undefined
  const { reason, upstream = '' } = told
  const at = attempts.at(-1)?.at ?? acceptedWall
  return {
    kind: 'delivery',
    message: id,
    device,
    at,
    state,
    upstream,
    recipients: recipients.length,
    detail: reason,
  }
}

const order = ['bounced', 'expired', 'held', 'deferred', 'indeterminate', 'accepted', 'confirmed'] as const
