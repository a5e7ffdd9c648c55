import { isDeepStrictEqual } from 'node:util'
import type { Alerts } from '../../core/alerts.ts'
import type { Clock } from '../../core/clock.ts'
import type { BoxFacts, FleetReason, FleetStatus, FleetView } from '../../core/fleet.ts'
import type { Log } from '../../core/log.ts'
import type { FleetSetup } from '../../core/setup.ts'
import { day, hour, minute, second, wallMs } from '../../core/time.ts'
import type { Bundle } from '../../fleet/bundle.ts'
import { signStatus, tellEveryMs } from '../../fleet/status.ts'
import type { Deaf } from './deaf-listeners.ts'
import { type ChangeWorld, giveBack, takeBundle } from './fleet-change.ts'
import { FleetLook, type Look } from './fleet-look.ts'
import {
  type FleetMemory,
  fleetIdentity,
  fleetMemory,
  type Refusal,
  saveFleetMemory,
} from './fleet-memory.ts'
import { reasonWords } from './fleet-reasons.ts'
import { fleetSource } from './fleet-source.ts'
import { callHttps } from './https-call.ts'

/** How the box is, as it decides whether a bundle did it good. */
export interface Condition extends Deaf {
  /** Ways out that can send. */
  readonly sends: readonly string[]
  /** Ways out that can't, for a reason of their own. */
  readonly paused: readonly string[]
  /** Those that somebody paused by hand, or that stand still because another box of this identity may send. */
  readonly held: readonly string[]
}

export interface FleetWorld extends ChangeWorld {
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly random: () => number
  /** Opens the listeners of the present setup, if they are not open yet. */
  readonly settle: () => Promise<void>
  readonly condition: () => Promise<Condition>
  readonly facts: () => Promise<BoxFacts>
  readonly signal: AbortSignal
}

const refusedKey = 'fleet-refused'
const rolledBackKey = 'fleet-rolled-back'
const notReachedKey = 'fleet-not-reached'

const tickMs = 1 * minute
/** So long a bundle has to prove itself before what was there before is given up. */
const trialMs = 1 * hour
/** A time server moves a clock by less, again and again. */
const leastStepMs = 5 * second
/** A server that is away over night is nobody's alarm. */
const alertAfterMs = 1 * day

/** A box that is looked after: it pulls, takes, proves, gives back and tells. */
export class FleetCare {
  readonly #world: FleetWorld
  #source: { readonly of: string; readonly look: FleetLook } | undefined
  #published: number | undefined
  #pulledAt = 0
  #pullTrouble = ''
  #unreachedSince = 0
  #toldAt = 0
  #tellTrouble = ''
  #told = ''
  #nextPull = 0
  /** As the wall clock stood to the monotonic one when times were noted last; undefined: not since this start. */
  #offset: number | undefined
  #busy: Promise<void> = Promise.resolve()

  constructor(world: FleetWorld) {
    this.#world = world
  }

  get #fleet(): FleetSetup | undefined {
    const { fleet } = this.#world.settings.setup
    return fleet === undefined || fleet.url === '' ? undefined : fleet
  }

  /** Until the signal aborts; boxes of a fleet do not ask in the same second. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#world
    this.#nextPull = clock.monotonic() + random() * minute
    while (!signal.aborted) {
      await clock.sleep(tickMs, signal)
      if (signal.aborted) return
      try {
        await this.#inTurn(() => this.#tick())
      } catch (error) {
        if (!signal.aborted) log.write('error', 'fleet-failed', { detail: String(error) })
      }
    }
  }

  /** Looks at once, and tells. */
  pull(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#pullNow()
      await this.#tell(true)
    })
  }

  /** A start with a bundle on trial whose listeners can't be opened: what was there before opens them. */
  async mendStart(): Promise<boolean> {
    const fleet = this.#fleet
    if (!fleet || this.#memory(fleet).trial === undefined) return false
    return this.#inTurn(async () => {
      await this.#prove()
      return this.#memory(fleet).refused?.state === 'rolled-back'
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(work)
    this.#busy = done.then(
      () => undefined,
      () => undefined,
    )
    return done
  }

  async #tick(): Promise<void> {
    const { clock, random } = this.#world
    const fleet = this.#fleet
    if (!fleet) return this.#leave()
    if (!clock.isBelievable()) return
    if (clock.monotonic() >= this.#nextPull) {
      this.#nextPull = clock.monotonic() + fleet.everyMs * (0.9 + random() * 0.2)
      await this.#pullNow()
    }
    await this.#prove()
    await this.#tell(false)
  }

  #leave(): void {
    const { alerts } = this.#world
    alerts.clear(refusedKey)
    alerts.clear(rolledBackKey)
    alerts.clear(notReachedKey)
  }

  /** On trial is only what holds: a box that left meanwhile, and came back, has nothing to give back. */
  #memory(fleet: FleetSetup): FleetMemory {
    const { trial, ...memory } = fleetMemory(this.#world.records, fleet)
    return trial?.serial === this.#world.settings.managed?.serial
      ? { ...memory, ...(trial && { trial }) }
      : memory
  }

  #save(memory: FleetMemory): void {
    saveFleetMemory(this.#world.records, memory)
  }

  #lookFor(fleet: FleetSetup): FleetLook {
    const { settings } = this.#world
    const { proxy } = settings.setup.gateway
    const of = JSON.stringify({ ...fleet, boxes: [], proxy })
    if (this.#source?.of !== of)
      this.#source = { of, look: new FleetLook(fleetSource(fleet, { secrets: settings, proxy })) }
    return this.#source.look
  }

  async #pullNow(): Promise<void> {
    const { settings, signal, clock } = this.#world
    const fleet = this.#fleet
    if (!fleet) return
    const memory = this.#memory(fleet)
    const look = await this.#lookFor(fleet).look({
      box: settings.setup.gateway.name,
      mark: fleet.canary ? 'newest' : 'released',
      trusted: memory.keys,
      // Whoever left and came back takes once more what it has taken.
      highest: this.#hasLeft(memory) ? memory.highest - 1 : memory.highest,
      signal,
    })
    this.#noteReach(look)
    if (look.kind !== 'unreached') {
      this.#pulledAt = clock.wall()
      await this.#obey(look, fleet)
    }
    await this.#prove()
  }

  #hasLeft({ highest, refused }: FleetMemory): boolean {
    return highest > 0 && this.#world.settings.managed === undefined && refused?.state !== 'rolled-back'
  }

  async #obey(look: Exclude<Look, { kind: 'unreached' }>, fleet: FleetSetup): Promise<void> {
    switch (look.kind) {
      case 'nothing':
        return
      case 'known':
        this.#published = look.serial
        return this.#endRefusal(fleet)
      case 'refused':
        this.#published = look.serial === 0 ? this.#published : look.serial
        return this.#refuse({ ...look, state: 'refused', detail: '' }, fleet)
      case 'bundle':
        this.#published = look.bundle.serial
        return await this.#take(look.bundle, fleet)
    }
  }

  async #take(bundle: Bundle, fleet: FleetSetup): Promise<void> {
    const { records, settings, clock, log, alerts, settle, condition } = this.#world
    const { serial } = bundle
    const { deaf, waiting, sends } = await condition()
    const { proxy } = settings.setup.gateway
    const now = clock.wall()
    const trial = { serial, until: now + trialMs, sent: sends, deaf: [...deaf, ...waiting] }
    const { refused: _, ...memory } = this.#memory(fleet)
    const keys = bundle.keys.length > 0 ? bundle.keys : memory.keys
    const next = { ...memory, keys, highest: serial, takenAt: now, healthySince: now, trial }
    const taken = takeBundle(bundle, fleetIdentity(records), this.#world, () => this.#save(next))
    if (taken.kind === 'refused') return this.#refuse({ ...taken, serial, state: 'refused' }, fleet)
    this.#offset = this.#presentOffset()
    log.write('info', 'fleet-taken', { serial, changes: taken.changes.length })
    alerts.clear(refusedKey)
    alerts.clear(rolledBackKey)
    await settle()
    if (proxy !== settings.setup.gateway.proxy) await this.#proveReach(bundle, fleet)
  }

  /** Head office answered a moment ago: whoever can't reach it by another proxy would not hear of the next serial. */
  async #proveReach({ serial, box }: Bundle, fleet: FleetSetup): Promise<void> {
    const { keys: trusted } = this.#memory(fleet)
    const mark = fleet.canary ? 'newest' : 'released'
    const { signal } = this.#world
    const look = await this.#lookFor(fleet).look({ box, mark, trusted, highest: serial, signal })
    if (look.kind !== 'unreached') return
    await this.#giveBack(serial, { reason: 'cut-off', detail: look.detail }, fleet)
  }

  /** Says it once: it is looked at again with every pull. */
  #refuse(refusal: Refusal, fleet: FleetSetup): void {
    const { log, alerts } = this.#world
    const memory = this.#memory(fleet)
    if (memory.refused?.state === 'rolled-back' && refusal.reason === 'older') return
    const isNews = JSON.stringify(memory.refused) !== JSON.stringify(refusal)
    if (!isNews && alerts.active().some(({ key }) => key === refusedKey)) return
    const { serial, reason, detail } = refusal
    this.#save({ ...memory, refused: refusal, healthySince: 0 })
    log.write('warn', 'fleet-refused', { serial, reason, detail })
    const { sentence, remedy } = reasonWords(reason)
    alerts.raise({
      key: refusedKey,
      severity: 'warning',
      sentence: `What head office publishes${serial === 0 ? '' : ` as serial ${serial}`} was not taken: ${sentence}${detail === '' ? '' : ` (${detail})`}. What was taken before holds.`,
      remedy,
    })
  }

  /** What is published is what was taken: an earlier refusal is over; what was given back stays so. */
  #endRefusal(fleet: FleetSetup): void {
    const { refused, ...memory } = this.#memory(fleet)
    if (refused?.state !== 'refused') return
    this.#save(memory)
    this.#world.alerts.clear(refusedKey)
  }

  #noteReach(look: Look): void {
    const { clock, log, alerts } = this.#world
    if (look.kind !== 'unreached') {
      if (this.#pullTrouble !== '') log.write('info', 'fleet-reached')
      this.#pullTrouble = ''
      this.#unreachedSince = 0
      alerts.clear(notReachedKey)
      return
    }
    if (this.#pullTrouble === '') {
      this.#unreachedSince = clock.monotonic()
      log.write('warn', 'fleet-not-reached', { detail: look.detail })
    }
    this.#pullTrouble = look.detail
    if (clock.monotonic() - this.#unreachedSince < alertAfterMs) return
    alerts.raise({
      key: notReachedKey,
      severity: 'warning',
      sentence: `The settings of head office can't be fetched for a day: ${look.detail}.`,
      remedy: 'What was taken before holds, and mail goes on. Look at `fleet.url` and its server.',
    })
  }

  /** Whether the box is well, and whether what it took last did that. */
  async #prove(): Promise<void> {
    const { condition, clock, settings } = this.#world
    const fleet = this.#fleet
    if (!fleet) return
    const now = await condition()
    const memory = this.#inTime(this.#memory(fleet))
    const harm = memory.trial && harmOf(memory.trial, now)
    if (memory.trial && harm) return this.#giveBack(memory.trial.serial, harm, fleet)
    const isWell =
      memory.refused === undefined &&
      now.deaf.length === 0 &&
      now.paused.length === 0 &&
      settings.vaultState.kind === 'open'
    const isProved = memory.trial !== undefined && clock.wall() >= memory.trial.until
    const since = isWell ? memory.healthySince || clock.wall() : 0
    const { trial, ...rest } = memory
    const next = { ...rest, ...(trial && !isProved && { trial }), healthySince: since }
    if (!isDeepStrictEqual(next, this.#memory(fleet))) this.#save(next)
  }

  /**
   * Only time that passed while this gateway ran is time of health: neither a clock that somebody sets nor a night without
   * power makes a day of it, and none a trial that lasts for years.
   */
  #inTime(memory: FleetMemory): FleetMemory {
    const { clock } = this.#world
    const offset = this.#presentOffset()
    const step = this.#offset === undefined ? undefined : Math.round(offset - this.#offset)
    if (step !== undefined && Math.abs(step) < leastStepMs) return memory
    this.#offset = offset
    if (step === undefined) return { ...memory, healthySince: memory.healthySince && clock.wall() }
    const { trial, healthySince } = memory
    return {
      ...memory,
      ...(trial && { trial: { ...trial, until: trial.until + step } }),
      healthySince: healthySince && healthySince + step,
    }
  }

  #presentOffset(): number {
    const { clock } = this.#world
    return clock.wall() - clock.monotonic()
  }

  async #giveBack(
    serial: number,
    harm: { readonly reason: FleetReason; readonly detail: string },
    fleet: FleetSetup,
  ): Promise<void> {
    const { log, alerts, settle } = this.#world
    const { trial: _, ...memory } = this.#memory(fleet)
    const refused: Refusal = { state: 'rolled-back', serial, ...harm }
    const given = giveBack(this.#world, `the box: serial ${serial} given back`, () =>
      this.#save({ ...memory, refused, healthySince: 0 }),
    )
    if (given.kind === 'refused') {
      this.#save({ ...memory, refused, healthySince: 0 })
      log.write('error', 'fleet-not-given-back', { serial, detail: given.detail })
    } else log.write('warn', 'fleet-given-back', { serial, ...harm })
    const { sentence, remedy } = reasonWords(harm.reason)
    alerts.raise({
      key: rolledBackKey,
      severity: 'alarm',
      sentence: `With serial ${serial} of head office ${sentence} (${harm.detail}). ${given.kind === 'changed' ? 'What was there before holds again.' : `It could not be given back: ${given.detail}.`}`,
      remedy,
    })
    await settle()
  }

  /** Every hour, and where something is another than was told. */
  async #tell(isWanted: boolean): Promise<void> {
    const { clock, records, settings, log, signal } = this.#world
    const fleet = this.#fleet
    if (!fleet || fleet.statusUrl === '' || !clock.isBelievable()) return
    const identity = fleetIdentity(records)
    if (!identity) return
    const status = await this.status()
    const { at: _, waiting: __, ...lasting } = status
    const news = JSON.stringify(lasting)
    const isDue = clock.wall() - this.#toldAt >= tellEveryMs || clock.wall() < this.#toldAt
    if (news === this.#told && !isDue && !isWanted) return
    const answer = await callHttps(
      {
        method: 'POST',
        url: fleet.statusUrl,
        headers: { 'content-type': 'application/json' },
        body: signStatus(status, identity.signingKey),
        mostOctets: 65_536,
        signal,
      },
      { caFile: fleet.caFile, proxy: settings.setup.gateway.proxy },
    )
    const trouble = tellTrouble(answer)
    if (trouble !== '' && trouble !== this.#tellTrouble)
      log.write('warn', 'fleet-status-not-sent', { detail: trouble })
    this.#tellTrouble = trouble
    if (trouble !== '') return
    this.#toldAt = clock.wall()
    this.#told = news
  }

  async status(): Promise<FleetStatus> {
    const view = await this.view()
    return {
      ...view.box,
      fleet: view.managed?.fleet ?? '',
      serial: view.managed?.serial ?? 0,
      state: view.state,
      reason: view.reason ?? '',
      canary: view.canary,
      at: this.#world.clock.wall(),
      healthySince: view.healthySince ?? 0,
    }
  }

  async view(): Promise<FleetView> {
    const { settings, facts } = this.#world
    const fleet = this.#fleet
    const memory = fleet && this.#memory(fleet)
    return {
      state: memory === undefined ? 'off' : stateOf(memory, settings.managed !== undefined),
      reason: memory?.refused?.reason,
      detail: memory?.refused?.detail ?? '',
      managed: settings.managed,
      canary: fleet?.canary ?? false,
      published: this.#published,
      takenAt: timeOf(memory?.takenAt),
      healthySince: timeOf(memory?.healthySince),
      pulledAt: timeOf(this.#pulledAt),
      pullTrouble: this.#pullTrouble,
      toldAt: timeOf(this.#toldAt),
      tellTrouble: this.#tellTrouble,
      box: await facts(),
    }
  }
}

const timeOf = (at: number | undefined) => (at === undefined || at === 0 ? undefined : wallMs(at))

function stateOf({ refused }: FleetMemory, isManaged: boolean): FleetView['state'] {
  if (refused !== undefined) return refused.state
  return isManaged ? 'current' : 'waiting'
}

function tellTrouble(answer: Awaited<ReturnType<typeof callHttps>>): string {
  switch (answer.kind) {
    case 'answer':
      return answer.status >= 200 && answer.status < 300 ? '' : `the receiver answered ${answer.status}`
    case 'failed':
      return answer.detail
    case 'too-large':
      return ''
  }
}

/** What worked before a bundle and does not with it. */
function harmOf(
  { deaf: before, sent }: NonNullable<FleetMemory['trial']>,
  now: Condition,
): { readonly reason: FleetReason; readonly detail: string } | undefined {
  const deaf = now.deaf.filter((name) => !before.includes(name))
  if (deaf.length > 0) return { reason: 'listener', detail: deaf.join(', ') }
  const stopped = sent.filter((name) => now.paused.includes(name))
  if (stopped.length > 0) return { reason: 'cannot-send', detail: stopped.join(', ') }
  if (sent.length > 0 && now.sends.length === 0 && now.held.length === 0)
    return { reason: 'cannot-send', detail: now.paused.join(', ') }
  return undefined
}
