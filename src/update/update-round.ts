import type { SlotsView, SlotTrial } from '../core/machine-update.ts'
import type { Done } from '../core/operations.ts'
import { day, hour, minute, second } from '../core/time.ts'
import { isWithin, parseTimeWindow } from '../core/time-window.ts'
import type { UpdateState } from '../core/update-operations.ts'
import { compareVersions } from '../core/version.ts'
import { type BundleIndex, type IndexAnswer, readIndex, refusalMark } from './bundle-index.ts'
import { HealthTrial, knownOf, newTrouble } from './health-trial.ts'
import type { UpdatePorts } from './ports.ts'
import { availableAlert, failedAlert, notFoundAlert, undoneAlert, updateAlertKeys } from './update-alerts.ts'

/** Between looks; somebody wakes it where something is to be done at once. */
const idleMs = 1 * minute
const busyMs = 2 * second
const trialMs = 10 * second
const checkEveryMs = 1 * day
/** A box without a way out for some days tells nobody of that by itself. */
const patienceMs = 7 * day
/** Installations that a power cut broke off, before it is given up. */
const mostBrokenOff = 3

export interface RoundOrders {
  readonly fetch: (index: BundleIndex) => Promise<Done>
  readonly install: () => Promise<Done>
}

type StateOf<Kind extends UpdateState['kind']> = Extract<UpdateState, { kind: Kind }>

type Undone = Pick<StateOf<'on-trial'>, 'version' | 'trouble'>

/** What becomes of an update by itself: installed in its window, started, kept or given up. */
export class UpdateRound {
  readonly #ports: UpdatePorts
  readonly #inTurn: <T>(work: () => Promise<T>) => Promise<T>
  readonly #trial: HealthTrial
  #woken = Promise.withResolvers<void>()
  /** Undefined: nobody asked yet. */
  #hasSlots: boolean | undefined
  /** Of an installation. */
  percent = 0

  constructor(ports: UpdatePorts, inTurn: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#ports = ports
    this.#inTurn = inTurn
    this.#trial = new HealthTrial(ports.clock)
  }

  wake(): void {
    this.#woken.resolve()
  }

  async run(orders: RoundOrders): Promise<void> {
    const { clock, signal, log } = this.#ports
    while (!signal.aborted) {
      // Before the step: what comes meanwhile is not slept over.
      this.#woken = Promise.withResolvers()
      try {
        await this.#inTurn(() => this.#step())
        await this.#lookIfDue(orders)
        await this.#installIfAutomatic(orders)
      } catch (error) {
        log.write('error', 'update-step-failed', { detail: String(error) })
      }
      if (signal.aborted) return
      using _ = stopOn(signal, this.#woken.resolve)
      const rest = new AbortController()
      await Promise.race([clock.sleep(this.#pauseMs(), rest.signal), this.#woken.promise])
      rest.abort()
    }
  }

  /** What the index says now. */
  async look(): Promise<IndexAnswer> {
    const { setup, open, signal, clock, file, alerts } = this.#ports
    const read = await readIndex(setup().url, open, signal)
    const before = file.record.check
    if (read.kind === 'failed') {
      const at = clock.wall()
      const failingSince = before?.failingSince || at
      file.write({ check: { at, newest: before?.newest ?? '', trouble: read.detail, failingSince } })
      return read
    }
    file.write({ check: { at: clock.wall(), newest: read.index.version, trouble: '', failingSince: 0 } })
    alerts.clear(updateAlertKeys.notFound)
    return read
  }

  #pauseMs(): number {
    const { kind } = this.#ports.file.record.state
    if (kind === 'installing') return busyMs
    return kind === 'on-trial' ? trialMs : idleMs
  }

  async #step(): Promise<void> {
    const { state } = this.#ports.file.record
    switch (state.kind) {
      case 'waiting':
        return this.#isTime(state) ? this.#install(state) : undefined
      case 'installing':
        return this.#watch(state)
      case 'restart-due':
        return this.#isTime(state) ? this.#restart(state) : undefined
      case 'on-trial':
        return this.#judge(state)
      case 'kept':
        return this.#lookWhoRuns(state)
      case 'none':
      case 'fetching':
      case 'verified':
      case 'rolled-back':
      case 'failed':
        return undefined
    }
  }

  /** A box that does not know the time knows no window. */
  #isTime({ isNow }: { readonly isNow: boolean }): boolean {
    const { clock, setup } = this.#ports
    const { window, timezone } = setup()
    const parsed = parseTimeWindow(window)
    if (isNow || parsed === undefined) return isNow
    return clock.isBelievable() && isWithin(parsed, clock.wall(), timezone)
  }

  async #install(state: StateOf<'waiting'>): Promise<void> {
    this.#ports.file.write({ slotsBefore: await this.#slots() })
    this.#enter({ ...state, kind: 'installing' })
    this.percent = 0
    const begun = await this.#ports.machine.call('update-install', {})
    if (begun.kind !== 'done')
      this.#fail(begun.kind === 'refused' ? begun.reason : 'the machine service is gone')
  }

  /** After a power cut nobody is at work, and the slot has no version. */
  async #watch(state: StateOf<'installing'>): Promise<void> {
    const { machine, record } = this.#ports
    const told = await machine.call('update-progress', {})
    if (told.kind !== 'done') return
    const { isAtWork, percent, error } = told.answer
    this.percent = percent
    if (isAtWork) return
    if (error !== '') return this.#fail(error)
    const view = await this.#slots()
    if (view === undefined) return
    const { bundle, who, isNow, brokenOff } = state
    if (otherOf(view)?.version === bundle.version) {
      record(who, `update: ${bundle.version} installed`)
      this.#ports.place.clear()
      this.#enter({ kind: 'restart-due', version: bundle.version, who, isNow })
      return this.#step()
    }
    if (brokenOff + 1 >= mostBrokenOff) return this.#fail('its installation was broken off three times')
    this.#enter({ ...state, kind: 'waiting', brokenOff: brokenOff + 1 })
  }

  async #restart({ version, who }: StateOf<'restart-due'>): Promise<void> {
    const { machine, record, running, troubles } = this.#ports
    const view = await this.#slots()
    const other = view && otherOf(view)
    if (!other) return
    const known = knownOf(await troubles())
    this.#enter({ kind: 'on-trial', version, slot: other.slot, before: running, trouble: '', known })
    record(who, `update: restarts with ${version}`)
    const asked = await machine.call('update-try', {})
    if (asked.kind === 'done' || (await isOnItsWay(machine, view.trial))) return
    this.#fail(asked.kind === 'refused' ? asked.reason : 'the machine service is gone')
  }

  async #judge(state: StateOf<'on-trial'>): Promise<void> {
    const view = await this.#slots()
    if (view === undefined) return
    const { trial, slots } = view
    const isRunning = slots.some(({ slot, isBooted }) => slot === state.slot && isBooted)
    const isGivenUp = trial?.state === 'failed'
    if (isRunning && trial === null) return this.#kept(state)
    // A restart is under way: to what is tried, or back.
    if (trial !== null && isRunning === isGivenUp) return
    if (isRunning) return this.#ask(state)
    if (trial !== null && isOf(trial, state)) return this.#undone(state, trial.reason ?? 'did-not-start')
    // The power went before the machine was asked.
    this.#enter({ kind: 'restart-due', version: state.version, who: 'the box', isNow: false })
  }

  /** A version that was kept and does not start any more is left by the boot loader, which tells nobody. */
  #lookWhoRuns({ version }: StateOf<'kept'>): void {
    if (version !== this.#ports.running) this.#undone({ version, trouble: '' }, 'did-not-start')
  }

  async #ask(state: StateOf<'on-trial'>): Promise<void> {
    const { troubles, machine, file } = this.#ports
    const now = newTrouble(await troubles(), state.known ?? [])?.sentence ?? ''
    if (now !== state.trouble) file.write({ state: { ...state, trouble: now } })
    if (!this.#trial.look(now)) return
    const kept = await machine.call('update-keep', {})
    if (kept.kind === 'done') this.#kept(state)
  }

  #kept({ before }: StateOf<'on-trial'>): void {
    const { record, running, clock, alerts } = this.#ports
    record('the box', `update: from ${before} to ${running}, kept`)
    for (const key of [updateAlertKeys.available, updateAlertKeys.undone]) alerts.clear(key)
    this.#enter({ kind: 'kept', version: running, at: clock.wall() })
  }

  #undone({ version, trouble }: Undone, reason: StateOf<'rolled-back'>['reason']): void {
    const { record, running, clock, alerts, file } = this.#ports
    const state = { kind: 'rolled-back', version, reason, trouble, at: clock.wall() } as const
    record('the box', `update: ${version} did not work (${reason}), ${running} runs again`)
    file.write({ givenUp: version })
    alerts.raise(undoneAlert(state, running))
    this.#enter(state)
  }

  /** Once a day; where it failed, once an hour. */
  async #lookIfDue({ fetch }: RoundOrders): Promise<void> {
    const { setup, clock, file, alerts, running } = this.#ports
    const { url, automatic } = setup()
    const { check, state, givenUp, refused } = file.record
    if (url === '') return this.#forgetCheck()
    if (!clock.isBelievable() || isUnderWay(state)) return
    const sinceMs = check === undefined ? day : clock.wall() - check.at
    if (sinceMs >= 0 && sinceMs < (check?.trouble ? hour : checkEveryMs)) return
    this.#hasSlots ??= (await this.#slots()) !== undefined
    if (!this.#hasSlots) return
    const found = await this.look()
    if (found.kind === 'failed') return this.#notFound(found.detail)
    const { version } = found.index
    if (compareVersions(version, running) <= 0) return alerts.clear(updateAlertKeys.available)
    const isUnwanted = version === givenUp || refusalMark(found.index, running) === refused
    if (!automatic || isUnwanted) return alerts.raise(availableAlert(version, running))
    const isThere = state.kind === 'verified' && compareVersions(version, state.bundle.version) <= 0
    if (!isThere) await fetch(found.index)
  }

  #notFound(detail: string): void {
    const { file, clock, alerts } = this.#ports
    const since = file.record.check?.failingSince ?? 0
    if (clock.wall() - since >= patienceMs) alerts.raise(notFoundAlert(detail))
  }

  #forgetCheck(): void {
    const { file, alerts } = this.#ports
    if (file.record.check === undefined) return
    file.write({ check: undefined })
    for (const key of [updateAlertKeys.available, updateAlertKeys.notFound]) alerts.clear(key)
  }

  async #installIfAutomatic({ install }: RoundOrders): Promise<void> {
    const { file, setup } = this.#ports
    const { state, check, givenUp } = file.record
    if (state.kind !== 'verified' || !setup().automatic) return
    // What somebody brought by hand is theirs to install.
    if (state.bundle.version !== check?.newest || state.bundle.version === givenUp) return
    await install()
  }

  #fail(sentence: string): void {
    const { clock, alerts, place } = this.#ports
    place.clear()
    this.#enter({ kind: 'failed', sentence, at: clock.wall() })
    alerts.raise(failedAlert(sentence))
  }

  #enter(state: UpdateState): void {
    this.#ports.file.write({ state })
    this.#ports.log.write('info', 'update-state', { state: state.kind })
    this.wake()
  }

  async #slots(): Promise<SlotsView | undefined> {
    const shown = await this.#ports.machine.call('update-show', {})
    return shown.kind === 'done' ? shown.answer : undefined
  }
}

/**
 * After an order to restart that was not answered: the machine service may have gone down with the machine. Where it is not
 * there to be asked, the next look tells.
 */
export async function isOnItsWay(
  machine: UpdatePorts['machine'],
  before: SlotTrial | null,
): Promise<boolean> {
  const shown = await machine.call('update-show', {})
  if (shown.kind !== 'done') return true
  const { trial } = shown.answer
  return trial !== null && trial.state !== before?.state
}

/** Not of an older trial; what the card was written with has no version. */
const isOf = ({ slot, version }: SlotTrial, state: StateOf<'on-trial'>): boolean =>
  slot === state.slot && (version === '' || version === state.version)

const otherOf = ({ slots }: SlotsView) => slots.find(({ isBooted }) => !isBooted)

const isUnderWay = ({ kind }: UpdateState): boolean =>
  kind === 'fetching' ||
  kind === 'waiting' ||
  kind === 'installing' ||
  kind === 'restart-due' ||
  kind === 'on-trial'

function stopOn(signal: AbortSignal, stop: () => void): Disposable {
  signal.addEventListener('abort', stop, { once: true })
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', stop) }
}
