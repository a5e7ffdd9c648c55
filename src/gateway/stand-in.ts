import { issue } from '../certificates/issuing.ts'
import { serveStandIn } from '../console/console.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import type { ServerIdentity } from '../core/server-identity.ts'
import type { ConsoleSetup, ListenerSetup } from '../core/setup.ts'
import { day, second } from '../core/time.ts'
import { untilAborted } from '../core/until-aborted.ts'
import { canonicalAddress, isPrivate, NetworkSet, ownAddresses } from '../platform/network.ts'
import { StatusLamp } from '../platform/status-lamp.ts'
import { profiles } from '../settings/value.ts'
import { closedDoor } from '../submission/closed-door.ts'
import { profileOf } from './boot.ts'

export interface StandInOptions {
  readonly dataDir: string
  /** Why the gateway can't start, for a person. */
  readonly reason: string
  readonly log: Log
  /** Ends it. */
  readonly signal: AbortSignal
}

export interface StandInWorld {
  readonly clock: Clock
  readonly machine?: Machine
  /** Whether the gateway can start now, or why not. */
  readonly look: () => Promise<string | undefined>
  readonly places?: StandInPlaces
}

/** Absent: what a box has before anybody sets anything, as its settings can't be read. */
interface StandInPlaces {
  readonly listeners: readonly Pick<ListenerSetup, 'name' | 'address' | 'port' | 'security'>[]
  readonly console: Pick<ConsoleSetup, 'address' | 'port' | 'tls'>
}

const lookEveryMs = 10 * second

/**
 * In the place of a gateway whose data directory can't be used: devices are told to come later, the console says why, and as
 * soon as the directory can be used again this ends. Nothing is kept open there, so that it can be mounted or repaired.
 */
export async function standIn(options: StandInOptions, world: StandInWorld): Promise<'again' | 'stopped'> {
  const { dataDir, log, signal } = options
  const { clock, machine, look, places = profiles[profileOf(dataDir)] } = world
  let { reason } = options
  log.write('error', 'storage-missing', { detail: reason })
  if (machine) void new StatusLamp(machine, log).show('no-storage')
  await using opened = new AsyncDisposableStack()
  const ports: number[] = []
  const keep = (name: string, place: Place): void => {
    tellPlace(log, name, place)
    if (place.kind !== 'open') return
    opened.use(place)
    ports.push(place.port)
  }
  for (const place of places.listeners) keep(place.name, await closedDoor(place))
  await openConsoles(places.console, () => reason, log, keep)
  // A stop does not wait for a machine service that is at work.
  const reach = () =>
    untilAborted(openFirewall(machine, ports, log), signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
      return false
    })
  let isReached = await reach()
  while (!signal.aborted) {
    await clock.sleep(lookEveryMs, signal)
    if (signal.aborted) break
    const why = await look()
    if (why === undefined) {
      log.write('info', 'storage-found')
      return 'again'
    }
    reason = why
    if (!isReached) isReached = await reach()
  }
  return 'stopped'
}

type Place =
  | ({ readonly kind: 'open'; readonly port: number } & AsyncDisposable)
  | { readonly kind: 'refused'; readonly reason: string }

/** A closed machine knows no ports after its start, and the settings that would name them can't be read. Nothing is dialled. */
async function openFirewall(
  machine: Machine | undefined,
  entrances: readonly number[],
  log: Log,
): Promise<boolean> {
  const answer = await machine?.call('firewall-set', { entrances, tcp: [], udp: [] })
  if (answer?.kind !== 'refused') return true
  log.write('error', 'firewall-not-set', { detail: answer.reason })
  return false
}

function tellPlace(log: Log, name: string, place: Place): void {
  if (place.kind === 'open') log.write('info', 'stand-in-open', { name, port: place.port })
  else log.write('warn', 'stand-in-closed', { name, detail: place.reason })
}

/** Where the console is, and at port 80 where that is over TLS: browsers come to either. */
async function openConsoles(
  { address, port, tls }: StandInPlaces['console'],
  reason: () => string,
  log: Log,
  keep: (name: string, place: Place) => void,
): Promise<void> {
  const attached = new NetworkSet(['attached'])
  const isTrusted = (from: string): boolean => isPrivate(from) || attached.has(canonicalAddress(from))
  const identity = tls === 'off' ? undefined : await passingIdentity(log)
  const places = [
    ...(tls === 'off' || identity ? [port] : []),
    ...(tls !== 'off' && port === 443 ? [80] : []),
  ]
  for (const each of places) {
    const secured = each === port ? identity : undefined
    const opening = await serveStandIn({
      address,
      port: each,
      identity: secured,
      facts: { reason, isTrusted },
    })
    keep('console', opening)
  }
}

/** A certificate for this hour: the box's own is where nothing can be read. */
async function passingIdentity(log: Log): Promise<ServerIdentity | undefined> {
  const now = Date.now()
  try {
    return await issue({
      commonName: 'inkpost',
      notBefore: new Date(now - day),
      notAfter: new Date(now + 365 * day),
      use: 'server',
      hosts: ownAddresses(),
    })
  } catch (error) {
    log.write('warn', 'stand-in-closed', { name: 'console', detail: String(error) })
    return undefined
  }
}
