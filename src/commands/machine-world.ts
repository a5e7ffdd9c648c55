import { once } from 'node:events'
import { userInfo } from 'node:os'
import type { Writable } from 'node:stream'
import { build } from '../platform/build.ts'
import { systemClock } from '../platform/clock.ts'
import { machine } from '../platform/machine.ts'
import { loadGateway } from './gateway-module.ts'
import type { Screen, World } from './world.ts'

/** The world of a real process. */
export function machineWorld(): World {
  return {
    out: screenOf(process.stdout),
    err: screenOf(process.stderr),
    input: process.stdin,
    environment: process.env,
    clock: systemClock(build.date),
    who: `${userName()} at the command line`,
    onStopSignal(callback) {
      process.on('SIGTERM', callback).on('SIGINT', callback)
      return () => process.off('SIGTERM', callback).off('SIGINT', callback)
    },
    onExit: (callback) => void process.on('exit', callback),
    exit: (status) => process.exit(status),
    machine,
    loadGateway,
  }
}

function screenOf(stream: Writable & { readonly isTTY?: boolean }): Screen {
  return {
    isTerminal: stream.isTTY === true,
    async write(octets) {
      if (stream.write(octets) || stream.destroyed) return
      // A reader that went away is told by the stream's own 'error'.
      await once(stream, 'drain').catch(() => {})
    },
  }
}

/** A container may run under a user id without a name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? ''}`.trim()
  }
}
