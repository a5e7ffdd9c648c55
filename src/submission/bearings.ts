import type { Bearings } from '../core/session-event.ts'
import type { WallMs } from '../core/time.ts'
import { isPrivate } from '../platform/network.ts'
import { type Client, deviceAt, isPast } from './admission.ts'
import type { ClientMemories } from './edge/client-memories.ts'
import type { SubmissionParts } from './parts.ts'
import { type Rules, rulesOf } from './rules.ts'

/** Where a session stands in the setup. `name`: the device that signed in, or was remembered at the address. */
export function bearingsOf(
  rules: Rules,
  client: Client,
  name: string | undefined,
  now: WallMs | undefined,
  protocol: Bearings['protocol'],
): Bearings {
  const bound = deviceAt(rules, client)
  const device = (name === undefined ? undefined : rules.byName.get(name)) ?? bound
  const isOld = device?.tls === 'vintage' || device?.tls === 'legacy'
  return {
    protocol,
    device,
    isBound: bound !== undefined && bound === device,
    isPrivate: isPrivate(client.address),
    isWeakOver: isOld && isPast(device.weakUntil, now),
    gateway: rules.setup.gateway,
  }
}

/** Whose a connection is before anything was said: by its address, else by who signed in from there last. */
export function likelyDevice(
  {
    submission,
    memories,
  }: { readonly submission: Pick<SubmissionParts, 'setup'>; readonly memories: ClientMemories },
  client: Client,
): string | undefined {
  const rules = rulesOf(submission.setup())
  const bound = deviceAt(rules, client)
  if (bound) return bound.name
  const remembered = memories.deviceAt(client.address)
  return remembered !== undefined && rules.byName.has(remembered) ? remembered : undefined
}
