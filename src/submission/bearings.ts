import type { Bearings } from '../core/session-event.ts'
import type { WallMs } from '../core/time.ts'
import { isPrivate } from '../platform/network.ts'
import { type Client, deviceAt, isPast } from './admission.ts'
import type { Rules } from './rules.ts'

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
