import type { Log } from '../core/log.ts'
import { second } from '../core/time.ts'
import { type GatheredLines, gatherLines, jsonLog } from '../platform/log.ts'
import { sdNotify, watchdogIntervalMs } from '../platform/sd-notify.ts'
import type { Call } from './call.ts'
import { firstSetup } from './first-setup.ts'
import { friendlyLog } from './friendly-log.ts'
import {
  type GatewayModule,
  isStorageTrouble,
  isWrongInput,
  type ReadyFacts,
  type RunningGateway,
  refusalOf,
} from './gateway-module.ts'
import { done, failed, type Verdict, wrong } from './verdict.ts'
import { welcomeLines } from './welcome.ts'

export interface ServeOptions {
  /** For a person in front of a terminal: sentences instead of JSON, and what to type. */
  readonly welcome: boolean
  /** Stays while the data directory can't be used, and goes on when it can; under a supervisor always. */
  readonly stay: boolean
}

/** The contract gives 10 s; what is not closed by then is recovered at the next start. */
const longestStopMs = 9.5 * second
/** Of that, for a start that was under way when the stop came: a file that another process holds makes it hang. */
const longestStartEndMs = 3 * second

/** `serve`: runs the gateway until SIGTERM or SIGINT, or until it can't go on; a second signal does not wait. */
export async function serve(call: Call, options: ServeOptions): Promise<Verdict> {
  const { world } = call
  const stop = stopSignals(call)
  const lines = gatherLines((text) => void world.err.write(text))
  world.onExit(lines.flush)
  try {
    const { startGateway, standIn } = await world.loadGateway()
    const served: Served = { call, options, lines, stop, startGateway, standIn }
    let verdict = await serveOrStandIn(served)
    // A restore is taken by opening the box anew: the process, and who watches it, stay.
    while (verdict === 'again') verdict = await serveOrStandIn(served)
    return verdict
  } catch (error) {
    const reason = refusalOf(error)
    if (reason === undefined) throw error
    return isWrongInput(error) ? wrong(reason) : failed(reason)
  } finally {
    stop.dispose()
    lines.flush()
  }
}

interface Served {
  readonly call: Call
  readonly options: ServeOptions
  readonly lines: GatheredLines
  readonly stop: StopSignals
  readonly startGateway: GatewayModule['startGateway']
  readonly standIn: GatewayModule['standIn']
}

/**
 * A supervisor starts what ends again and again, and nobody sees why: where storage is missing the process stays, says so, and
 * goes on by itself.
 */
async function serveOrStandIn(served: Served): Promise<Verdict | 'again'> {
  const { call, options, stop, lines, standIn } = served
  const { environment } = call.world
  try {
    return await serveOnce(served)
  } catch (error) {
    const mayStay = options.stay || environment['NOTIFY_SOCKET'] !== undefined
    if (!mayStay || !isStorageTrouble(error)) throw error
    sdNotify('READY=1', environment)
    sdNotify('STATUS=The data directory can not be used: the console says why.', environment)
    const quiet = keepWatchdogQuiet(call)
    const { dataDir } = call
    const reason = refusalOf(error) ?? ''
    const log = logFor(call, options, lines)
    try {
      const end = await standIn({ dataDir, reason, log, signal: stop.signal })
      return end === 'again' ? end : done
    } finally {
      quiet()
    }
  }
}

async function serveOnce({ call, options, lines, stop, startGateway }: Served): Promise<Verdict | 'again'> {
  const { world } = call
  let facts: ReadyFacts | undefined
  const starting = startGateway({
    dataDir: call.dataDir,
    log: logFor(call, options, lines),
    ...firstSetup(world.environment),
    runtimeFolder: world.environment['RUNTIME_DIRECTORY'] || undefined,
    withExample: options.welcome,
    onReady(ready) {
      facts = ready
      announce(call, ready)
    },
  })
  const gateway = await unlessStopped(call, starting, stop.asked)
  lines.flush()
  if (gateway === undefined) return await leaveStart(call, starting)
  if (options.welcome && facts) await greet(call, gateway, facts)
  const quiet = keepWatchdogQuiet(call)
  const end = await Promise.race([stop.asked, gateway.failed, gateway.again])
  quiet()
  if (end === 'again') {
    await gateway[Symbol.asyncDispose]()
    return end
  }
  sdNotify('STOPPING=1', world.environment)
  const ended = endInTime(call, gateway, stop.leftMs())
  if (end === undefined || end === 'over') {
    await ended
    return end === 'over' ? { kind: 'decommissioned' } : done
  }
  // What can't be closed any more is what failed.
  await ended.catch(() => {})
  return failed(`${end.message}: the gateway has to be started again`)
}

/** Written at once, in one piece: supervisors and tests wait for this line. */
function announce({ world }: Call, { listeners, console }: ReadyFacts): void {
  const places = listeners.map(({ name, address, port }) => ({ name, address, port }))
  void world.out.write(`${JSON.stringify({ event: 'ready', listeners: places, console })}\n`)
  sdNotify('READY=1', world.environment)
}

function logFor({ world }: Call, { welcome }: ServeOptions, { write }: GatheredLines): Log {
  return welcome ? friendlyLog(write) : jsonLog(write, 'info', () => world.clock.wall())
}

async function greet({ world }: Call, { operations }: RunningGateway, facts: ReadyFacts): Promise<void> {
  const found = facts.example && (await operations.card(facts.example.name))
  const { code, isClaimed } = await operations.claim()
  const lines = welcomeLines({
    facts,
    devices: await operations.devices(),
    card: found?.kind === 'done' ? found.card : [],
    claimCode: isClaimed ? undefined : code,
  })
  await world.err.write(lines.map((line) => `${line}\n`).join(''))
}

interface StopSignals {
  /** Resolves at the first signal; the second ends the process with status 1. */
  readonly asked: Promise<undefined>
  /** Aborts at the first signal. */
  readonly signal: AbortSignal
  /** Of the time that a stop may take. */
  leftMs(): number
  dispose(): void
}

function stopSignals({ world }: Call): StopSignals {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const asking = new AbortController()
  let askedAt: number | undefined
  const dispose = world.onStopSignal(() => {
    if (askedAt !== undefined) world.exit(1)
    askedAt ??= world.clock.monotonic()
    asking.abort(new Error('stopping'))
    resolve(undefined)
  })
  const leftMs = (): number =>
    longestStopMs - (world.clock.monotonic() - (askedAt ?? world.clock.monotonic()))
  return { asked: promise, signal: asking.signal, leftMs, dispose }
}

/** What has started; undefined where it is still starting a while after the stop was asked for. */
async function unlessStopped(
  { world }: Call,
  starting: Promise<RunningGateway>,
  asked: Promise<undefined>,
): Promise<RunningGateway | undefined> {
  const late = Promise.withResolvers<undefined>()
  let cancel = (): void => {}
  let isOver = false
  void asked.then(() => {
    if (!isOver) cancel = world.clock.after(longestStartEndMs, () => late.resolve(undefined))
  })
  try {
    return await Promise.race([starting, late.promise])
  } finally {
    isOver = true
    cancel()
  }
}

/** Nothing is lost by that: what the start does is done again by the next one. */
async function leaveStart({ world }: Call, starting: Promise<RunningGateway>): Promise<Verdict> {
  starting.catch(() => {})
  await world.err.write('inkpost: stopped before it was ready\n')
  return done
}

function keepWatchdogQuiet({ world }: Call): () => void {
  const interval = watchdogIntervalMs(world.environment)
  if (interval === undefined) return () => {}
  let cancel = (): void => {}
  const feed = (): void => {
    sdNotify('WATCHDOG=1', world.environment)
    cancel = world.clock.after(interval, feed)
  }
  feed()
  return () => cancel()
}

/** Everything acknowledged is on disk, so a stop that takes too long may be cut short. */
async function endInTime({ world }: Call, gateway: RunningGateway, withinMs: number): Promise<void> {
  const late = Promise.withResolvers<'late'>()
  const cancel = world.clock.after(withinMs, () => late.resolve('late'))
  const ended = Promise.resolve(gateway[Symbol.asyncDispose]()).then(() => 'ended' as const)
  if ((await Promise.race([ended, late.promise])) === 'late') {
    await world.err.write(
      'inkpost: stopping took too long; what was in flight is settled at the next start\n',
    )
    ended.catch(() => {})
  }
  cancel()
}
