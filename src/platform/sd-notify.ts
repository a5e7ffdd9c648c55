import { execFile } from 'node:child_process'
import { sendUnixDatagram } from './unix-datagram.ts'

/**
 * Tells systemd the service's state (`READY=1`, `WATCHDOG=1`, `STOPPING=1`; sd_notify(3)). Where Node runs without FFI,
 * systemd's own small tool speaks; without NOTIFY_SOCKET nothing happens.
 */
export function sdNotify(state: string, environment: NodeJS.ProcessEnv = process.env): void {
  const socket = environment['NOTIFY_SOCKET']
  if (socket === undefined || sendUnixDatagram(socket, state)) return
  execFile('systemd-notify', [`--pid=${process.pid}`, state], () => {
    // Outside systemd's reach there is nobody to tell; its own watchdog acts on the silence.
  })
}

/** Half of the watchdog's interval in ms, as sd_watchdog_enabled(3) advises; undefined when there is none. */
export function watchdogIntervalMs(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const microseconds = Number(environment['WATCHDOG_USEC'] ?? '')
  return microseconds > 0 ? microseconds / 2000 : undefined
}
