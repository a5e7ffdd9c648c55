import { existsSync, utimesSync } from 'node:fs'
import * as v from 'valibot'
import { second } from '../../src/core/time.ts'
import { isTimeSynchronised } from '../../src/platform/time-service.ts'
import { type Duty, DutyRefused, duty } from './duty.ts'
import type { NetworkWorld } from './network-world.ts'

/** What the 32 bits of older files and cards can hold. */
const latestMs = Date.UTC(2038, 0, 1)
const machinePlaces = {
  /** systemd-timesyncd starts no earlier than this file was written (systemd-timesyncd.service(8)). */
  remembered: '/var/lib/systemd/timesync/clock',
  /** One that runs without power. */
  battery: '/dev/rtc0',
}

/** Sets the clock by hand: for a network without a time server. */
export const clockSetDuty = (world: NetworkWorld, earliestMs: number, places = machinePlaces): Duty =>
  duty<'clock-set'>(
    v.strictObject({ wallMs: v.pipe(v.number(), v.minValue(earliestMs), v.maxValue(latestMs)) }),
    async ({ wallMs }) => {
      if (isTimeSynchronised(`${world.run}/systemd/timesync`) === true)
        throw new DutyRefused('a time server is heard: it sets the clock, and would set it back')
      await world.call('date', '--utc', '--set', `@${(wallMs / second).toFixed(3)}`)
      if (existsSync(places.remembered)) utimesSync(places.remembered, wallMs / second, wallMs / second)
      if (existsSync(places.battery)) await keepOverPower(world)
      return {}
    },
  )

/** The clock is set by then: what is lost is the time after the next power cut, as without a battery. */
const keepOverPower = ({ call }: NetworkWorld): Promise<unknown> =>
  call('hwclock', '--systohc', '--utc').catch((error: unknown) =>
    process.stderr.write(`${JSON.stringify({ event: 'battery-clock-not-set', error: String(error) })}\n`),
  )
