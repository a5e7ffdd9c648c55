import type { Clock } from '../core/clock.ts'
import { healthOf } from '../core/device-health.ts'
import type { HomeDevice, HomeOperations, HomeQueue, HomeView } from '../core/home.ts'
import { problemsOf } from '../core/home-problems.ts'
import { daysUpTo } from '../core/local-time.ts'
import type { Operations, StatusView } from '../core/operations.ts'
import type { QueueCounts, SessionRecord, Spool } from '../core/spool.ts'
import type { Settings } from '../settings/settings.ts'
import { spoolReserveOctets } from '../spool/open-spool.ts'
import { marksOf } from './device-marks.ts'
import { remembered, shared } from './remembered.ts'

interface HomeWorld {
  readonly settings: Settings
  readonly spool: Spool
  readonly clock: Clock
  readonly status: () => Promise<StatusView>
  readonly sightings: Operations['sightings']
  readonly sessions: () => readonly SessionRecord[]
}

const works = 'Everything works.'

/** The first page: one sentence, and what it stands on. Twenty consoles that look at it at once are one. */
export function homeOperations(world: HomeWorld): HomeOperations {
  const { clock } = world
  const counts = remembered(clock, () => countedBy(world))
  return { home: shared(() => homeView(world, counts)) }
}

interface Counted {
  readonly sentToday: number
  readonly usualSize: number | undefined
}

async function countedBy({ spool, settings, clock }: HomeWorld): Promise<Counted> {
  const [midnight] = daysUpTo(clock.wall(), settings.setup.gateway.timezone, 1)
  if (midnight === undefined) throw new Error('a day has no beginning')
  const [sentToday, usualSize] = await Promise.all([spool.sentSince(midnight), spool.usualSize()])
  return { sentToday, usualSize }
}

async function homeView(world: HomeWorld, counts: () => Promise<Counted>): Promise<HomeView> {
  const { settings, spool, clock } = world
  const [status, devices, unadopted, sightings, counted] = await Promise.all([
    world.status(),
    homeDevices(world),
    spool.unadopted(),
    world.sightings(),
    counts(),
  ])
  const { setup, misfits, revision } = settings
  const problems = problemsOf({ status, setup, devices, misfits, unadopted })
  const { name, version, disk } = status
  return {
    name,
    version,
    at: clock.wall(),
    isClockBelievable: status.clock.believable,
    sentence: problems[0]?.sentence ?? works,
    problems,
    queue: queueOf(status.queue),
    sentToday: counted.sentToday,
    devices,
    upstreams: status.upstreams.map(({ name, kind, state, waiting, quota, forecast }) => ({
      name,
      kind,
      state,
      waiting,
      quota,
      forecast,
    })),
    disk: {
      writable: disk.writable,
      freeBytes: disk.freeBytes,
      mails: mailsIn(disk, counted.usualSize),
    },
    unknownDevices: sightings.length,
    revision,
  }
}

async function homeDevices(world: HomeWorld): Promise<readonly HomeDevice[]> {
  const { devices } = world.settings.setup
  const marks = await marksOf(
    devices.map(({ name }) => name),
    world,
  )
  return devices.map(({ name, enabled }) => {
    const own = marks.get(name)
    return { name, health: healthOf(enabled, own), lastMail: own?.lastMail }
  })
}

function queueOf({ byState, oldestOpen, bytes }: QueueCounts): HomeQueue {
  const of = (...states: readonly (keyof typeof byState)[]): number =>
    states.reduce((sum, state) => sum + (byState[state] ?? 0), 0)
  return {
    waiting: of('queued', 'sending', 'indeterminate', 'deferred', 'collecting'),
    held: of('held'),
    oldest: oldestOpen,
    octets: bytes,
  }
}

/** A full disk takes none, whatever is free above the reserve. */
function mailsIn(
  { writable, freeBytes }: StatusView['disk'],
  usualSize: number | undefined,
): number | undefined {
  if (usualSize === undefined || usualSize <= 0) return undefined
  return writable ? Math.floor(Math.max(0, freeBytes - spoolReserveOctets) / usualSize) : 0
}
