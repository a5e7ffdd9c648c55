import type { Address } from './address.ts'
import { senderFor } from './route.ts'
import type { DeviceSetup, Setup } from './setup.ts'
import type { SenderRewrite } from './upstream.ts'

const unchanged: SenderRewrite = {
  sender: undefined,
  senderName: '',
  keepOriginalInReplyTo: false,
  subjectPrefix: '',
}

/** How the first way out of the route would rewrite the header; delivery decides when the mail leaves. */
export function expectedRewrite(
  setup: Setup,
  device: DeviceSetup | undefined,
  from: Address | undefined,
): SenderRewrite {
  const enabled = setup.upstreams.filter((upstream) => upstream.enabled)
  const named = device?.route?.flatMap((name) => enabled.filter((upstream) => upstream.name === name))
  const [first] = named ?? enabled
  return first ? senderFor(setup, device, from, first) : unchanged
}
