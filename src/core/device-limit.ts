import { localDate } from './local-time.ts'
import type { DeviceSetup, GatewaySetup } from './setup.ts'
import type { WallMs } from './time.ts'

/** Mails an hour that a device may hand in now. `now` undefined: the clock can't be believed, and no day has come. */
export function perHourOf(
  {
    maxPerHour,
    raisedPerHour,
    raisedUntil,
  }: Pick<DeviceSetup, 'maxPerHour' | 'raisedPerHour' | 'raisedUntil'>,
  { timezone }: Pick<GatewaySetup, 'timezone'>,
  now: WallMs | undefined,
): number {
  if (raisedUntil === '' || now === undefined) return maxPerHour
  return localDate(now, timezone) <= raisedUntil ? Math.max(maxPerHour, raisedPerHour) : maxPerHour
}
