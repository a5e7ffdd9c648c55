import { existsSync } from 'node:fs'
import * as v from 'valibot'
import { second } from '../../src/core/time.ts'
import { isTimeSynchronised } from '../../src/platform/time-service.ts'
import { type Duty, DutyRefused, duty } from './duty.ts'
import type { NetworkWorld } from './network-world.ts'

/** What the 32 bits of older files and cards can hold. */
const latestMs = Date.UTC(2038, 0, 1)
/** systemd-timesyncd starts no earlier than this file was written (systemd-timesyncd.service(8)). */
const rememberedBy = '/var/lib/systemd/timesync/clock'

/** Sets the clock by hand: for a network without a time server. */
export const clockSetDuty = (world: NetworkWorld, earliestMs: number, rtc = '/dev/rtc0'): Duty =>
  duty<'clock-set'>(
    v.strictObject({ wallMs: v.pipe(v.number(), v.minValue(earliestMs), v.maxValue(latestMs)) }),
    async ({ wallMs }) => {
      if (isTimeSynchronised(`${world.run}/systemd/timesync`) === true)
        throw new DutyRefused('a time server is heard: it sets the clock, and would set it back')
      await world.call('date', '--utc', '--set', `@${(wallMs / second).toFixed(3)}`)
      // Of systemd-timesyncd's user: whoever may write it may give it the present time, and no other.
      await remember(world, 'touch', '--no-create', rememberedBy)
      if (existsSync(rtc)) await remember(world, 'hwclock', '--systohc', '--utc')
      return {}
    },
  )

/** The clock is set all the same; after the next start of the machine it may be wrong again. */
async function remember(world: NetworkWorld, program: string, ...words: readonly string[]): Promise<void> {
  await world
    .call(program, ...words)
    .catch((error: unknown) =>
      process.stderr.write(
        `${JSON.stringify({ event: 'clock-not-remembered', program, error: String(error) })}\n`,
      ),
    )
}
