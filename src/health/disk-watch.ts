import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { describeSize } from '../core/size.ts'
import type { Spool } from '../core/spool.ts'
import { minute } from '../core/time.ts'

export interface DiskWatch {
  readonly look: Spool['isWritable']
  readonly alerts: Alerts
  readonly clock: Clock
}

/** Octets: some dozens of large scans below this the box refuses mail. Cleared a quarter above, so that it does not flicker. */
const nearlyFull = 500e6
const roomyAgain = nearlyFull * 1.25
const fullKey = 'disk-nearly-full'
const deafKey = 'spool-not-writable'

/** Looks once a minute whether the spool's disk has room and takes writes, until the signal aborts; never rejects. */
export async function watchDisk(watch: DiskWatch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lookOnce(watch)
    await watch.clock.sleep(minute, signal)
  }
}

async function lookOnce({ look, alerts }: DiskWatch): Promise<void> {
  const { writable, detail, freeBytes } = await look().catch((error: unknown) => ({
    writable: false,
    detail: String(error),
    freeBytes: Number.NaN,
  }))
  tellWritable(alerts, writable, detail)
  if (freeBytes < nearlyFull) {
    alerts.raise({
      key: fullKey,
      severity: 'warning',
      // In steps: a sentence that changes with every octet would be written to the very disk that is full.
      sentence: `The disk is nearly full: less than ${describeSize(stepAbove(freeBytes))} free.`,
      remedy: 'Make room on the disk of the data directory, or shorten history.keep.',
    })
  } else if (freeBytes >= roomyAgain) alerts.clear(fullKey)
}

function tellWritable(alerts: Alerts, writable: boolean, detail: string): void {
  if (writable) {
    alerts.clear(deafKey)
    return
  }
  alerts.raise({
    key: deafKey,
    severity: 'alarm',
    sentence: `Mail can't be stored${detail === '' ? '' : `: ${detail}`}. Devices are told to try later.`,
    remedy: 'Make room, or replace the disk or SD card if it went read-only.',
  })
}

const steps = [10e6, 50e6, 100e6, 200e6]
const stepAbove = (octets: number): number => steps.find((step) => octets < step) ?? nearlyFull
