import { join } from 'node:path'
import { serveConsole } from '../console/console.ts'
import { serveControl } from '../console/control-socket.ts'
import { knownHosts } from '../console/hosts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Operations } from '../core/operations.ts'
import { canonicalAddress, NetworkSet, ownAddresses } from '../platform/network.ts'
import { StartRefused, type Stores } from './boot.ts'
import type { EventCounts } from './event-counts.ts'
import type { Rooms } from './rooms.ts'
import { vitalsOf } from './vitals.ts'

interface DoorParts {
  readonly dataDir: string
  readonly operations: Operations
  readonly rooms: Rooms
  readonly stores: Stores
  readonly log: Log
  readonly clock: Clock
  readonly counts: EventCounts
  readonly signal: AbortSignal
}

export interface Doors extends AsyncDisposable {
  /** Empty where the console could not be opened: mail does not depend on it. */
  readonly consoleUrl: string
}

/** The control socket, without which no command would reach the gateway, and the console. */
export async function openDoors(parts: DoorParts): Promise<Doors> {
  await using opened = new AsyncDisposableStack()
  const control = await serveControl({
    path: join(parts.dataDir, 'control.sock'),
    operations: parts.operations,
    log: parts.log,
    signal: parts.signal,
  })
  if (control.kind === 'refused') throw new StartRefused(control.reason)
  opened.use(control)
  const consoleUrl = await openConsole(parts, opened)
  const stack = opened.move()
  return { consoleUrl, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function openConsole(parts: DoorParts, opened: AsyncDisposableStack): Promise<string> {
  const { stores, rooms, operations, log, signal, clock, counts } = parts
  const setup = () => stores.settings.setup
  const { address, port, tls } = setup().console
  if (tls !== 'off') {
    log.write('warn', 'console-not-active', { detail: `console.tls = "${tls}" is not active yet` })
    return ''
  }
  const isTrusted = (from: string): boolean =>
    new NetworkSet(setup().gateway.trustedNetworks).has(canonicalAddress(from))
  const opening = await serveConsole({
    address,
    port,
    signal,
    ports: {
      vitals: vitalsOf({ stores, rooms, clock, operations, counts }),
      log,
      about: async () => operations.status(),
      isTrusted,
      mayVisit: (from) =>
        setup().console.networks.length === 0
          ? isTrusted(from)
          : new NetworkSet(setup().console.networks).has(canonicalAddress(from)),
      isKnownHost: (host) =>
        knownHosts([setup().gateway.hostname, `${setup().gateway.name}.local`], ownAddresses)(host),
    },
  })
  if (opening.kind === 'refused') {
    log.write('error', 'console-failed', { address, port, detail: opening.reason })
    return ''
  }
  opened.use(opening)
  const host = address.includes(':') ? `[${address}]` : address
  return `http://${host}:${opening.port}`
}
