import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileIdentity } from '../certificates/client-identity.ts'
import { serveConsole, serveExplanation } from '../console/console.ts'
import { serveControl } from '../console/control-socket.ts'
import { Entrance } from '../console/entrance.ts'
import { knownHosts } from '../console/hosts.ts'
import type { ConsoleFactors, ConsolePeople, ConsolePorts } from '../console/ports.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Operations } from '../core/operations.ts'
import type { ServerIdentity } from '../core/server-identity.ts'
import type { ConsoleSetup, OperatorRole } from '../core/setup.ts'
import { hour } from '../core/time.ts'
import { build } from '../platform/build.ts'
import { canonicalAddress, NetworkSet, ownAddresses } from '../platform/network.ts'
import { AbsentAddresses, instead, isHere } from './absent-addresses.ts'
import { operatorDone } from './access-operations.ts'
import { StartRefused, type Stores } from './boot.ts'
import { browserKey } from './browser-key.ts'
import { ConsoleDoor } from './console-door.ts'
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
  /** Where the console is served now; empty where it is closed. */
  consoleUrl(): string
}

/** The control socket, without which no command would reach the gateway, and the console. */
export async function openDoors(parts: DoorParts): Promise<Doors> {
  await using opened = new AsyncDisposableStack()
  const control = await serveControl({
    path: join(parts.dataDir, 'control.sock'),
    operations: parts.operations,
    log: parts.log,
    live: parts.rooms.live,
    signal: parts.signal,
  })
  if (control.kind === 'refused') throw new StartRefused(control.reason)
  opened.use(control)
  const entrance = opened.use(new Entrance(consolePorts(parts)))
  const console = opened.use(consoleDoor(parts, entrance))
  await console.follow()
  opened.defer(parts.stores.settings.onChange(() => void console.follow()))
  opened.defer(parts.rooms.onAddresses(() => void console.follow()))
  const watching = new AbortController()
  const watched = watchConsole(console, parts.clock, watching.signal)
  opened.defer(async () => {
    watching.abort()
    await watched
  })
  const { rooms, stores, clock } = parts
  const absent = new AbsentAddresses({
    setup: () => stores.settings.setup,
    own: ownAddresses,
    alerts: rooms.alerts,
    clock,
    signal: watching.signal,
    onChange: () => {
      void rooms.submission.reload()
      void console.follow()
    },
  })
  absent.look()
  opened.defer(stores.settings.onChange(() => absent.look()))
  opened.defer(async () => {
    watching.abort()
    await absent.settled()
  })
  const stack = opened.move()
  return { consoleUrl: () => console.url, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Beside the bundle; from the sources, where the build put it. */
const pagesFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../build/web-ui' : './web-ui', import.meta.url),
)

function consolePeople({ operators, settings }: Stores): ConsolePeople {
  return {
    isClaimed: () => operators.claim().kind === 'claimed',
    claim: async ({ code, name, password }, from) => {
      const claiming = await operators.claimBy(code, name, password, `claim at the console, ${from}`)
      return claiming.kind === 'wrong-code' ? claiming : operatorDone(claiming, name)
    },
    verify: (name, password) => operators.verify(name, password),
    standing: (name) => operators.standing(name),
    setPassword: async ({ operator, mark }, password, who) =>
      operatorDone(await operators.setPassword(operator, password, who, mark), operator),
    record: (who, what) => settings.record(who, [what]),
  }
}

function consoleFactors({ secondFactors, settings }: Stores): ConsoleFactors {
  return {
    isOn: (operator) => secondFactors.isOn(operator),
    markOf: (operator) => secondFactors.markOf(operator),
    isRequired: (role) => mustHaveFactor(settings.setup.console.secondFactor, role),
    recoveryCodesLeft: (operator) => secondFactors.recoveryCodesLeft(operator),
    draft: (operator) => secondFactors.draft(operator),
    confirm: (draft, code, who) => secondFactors.confirm(draft, code, who),
    check: (operator, code, who) => secondFactors.check(operator, code, who),
    remove: (operator, who) => secondFactors.remove(operator, who),
  }
}

function mustHaveFactor(rule: ConsoleSetup['secondFactor'], role: OperatorRole): boolean {
  switch (rule) {
    case 'optional':
      return false
    case 'administrators':
      return role === 'administrator'
    case 'all':
      return true
  }
}

function consolePorts({ stores, rooms, operations, log, clock, counts }: DoorParts): ConsolePorts {
  const setup = () => stores.settings.setup
  const isTrusted = (from: string): boolean =>
    new NetworkSet(setup().gateway.trustedNetworks).has(canonicalAddress(from))
  return {
    operations,
    people: consolePeople(stores),
    factors: consoleFactors(stores),
    tokens: stores.tokens,
    revision: () => stores.settings.revision,
    sessions: stores.sessions,
    browserKey: browserKey(stores.records),
    resetMemory: {
      wasReset: () => stores.physicalReset.last() !== undefined,
      isOldMail: (id) => stores.physicalReset.isOldMail(id),
    },
    clock,
    aboutBox: () => ({
      name: setup().gateway.name,
      version: build.version,
      language: setup().gateway.language,
      clock: { wall: clock.wall(), isBelievable: clock.isBelievable() },
    }),
    pages: pagesFolder,
    vitals: vitalsOf({ stores, rooms, clock, operations, counts }),
    live: rooms.live,
    log,
    about: async () => operations.status(),
    authority: async (digest) => {
      if (digest === 'sha256') return rooms.authority('authority')
      return setup().gateway.weakestTls === 'modern' ? undefined : rooms.authority('authority-sha1')
    },
    isTrusted,
    mayVisit: (from) =>
      setup().console.networks.length === 0
        ? isTrusted(from)
        : new NetworkSet(setup().console.networks).has(canonicalAddress(from)),
    isKnownHost: (host) =>
      knownHosts([setup().gateway.hostname, `${setup().gateway.name}.local`], ownAddresses)(host),
  }
}

function consoleDoor({ stores, rooms, log, signal }: DoorParts, entrance: Entrance): ConsoleDoor {
  const setup = () => stores.settings.setup.console
  const isWarnedOf = () => setup().tls !== 'file'
  return new ConsoleDoor({
    setup,
    isHere,
    instead,
    identity: () => consoleIdentity(setup(), rooms, log),
    serve: ({ address, port }, identity) =>
      serveConsole({ address, port, entrance, identity, isWarnedOf, signal }),
    serveExplanation: (address) =>
      serveExplanation({ address, port: 80, entrance, signal }, { port: 443, isWarnedOf }),
    log,
  })
}

/** A file that can't be used locks nobody out: the box's own certificate is shown meanwhile. */
async function consoleIdentity(
  { tls, certificateFile }: ConsoleSetup,
  rooms: Rooms,
  log: Log,
): Promise<ServerIdentity> {
  if (tls === 'file') {
    const found = fileIdentity(certificateFile)
    if (found.kind === 'open') return found
    log.write('error', 'console-certificate-unusable', { detail: found.detail })
  }
  return rooms.consoleIdentity()
}

/** A box runs for years: another address, a certificate near its end, a file with a new one is found within the hour. */
async function watchConsole(console: ConsoleDoor, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    await clock.sleep(hour, signal)
    if (signal.aborted) return
    await console.follow()
  }
}
