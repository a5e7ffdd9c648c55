import type { MachineAnswer } from '../core/machine.ts'
import type { BundleView, Inspected, SlotsView, StickBundle } from '../core/machine-update.ts'
import type { Done, Refused } from '../core/operations.ts'
import { nextOpening, parseTimeWindow } from '../core/time-window.ts'
import type {
  BundleSource,
  FetchWish,
  UpdateOperations,
  UpdateSheet,
  UpdateState,
} from '../core/update-operations.ts'
import { compareVersions } from '../core/version.ts'
import {
  type FetchCall,
  type Fetched,
  fetchStick,
  fetchUrl,
  noSticks,
  type StickSource,
  type UrlSource,
} from './bundle-fetch.ts'
import { type BundleIndex, readIndex, refusalMark } from './bundle-index.ts'
import { knownOf } from './health-trial.ts'
import type { UpdatePorts } from './ports.ts'
import { failedAlert, updateAlertKeys } from './update-alerts.ts'
import { isOnItsWay, UpdateRound } from './update-round.ts'

/** What a person is asked for, one after the other; the rounds do what takes time. */
export class Updates implements UpdateOperations {
  readonly #ports: UpdatePorts
  readonly #round: UpdateRound
  #fetching: { readonly stop: AbortController; readonly over: Promise<void> } | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(ports: UpdatePorts) {
    this.#ports = ports
    this.#round = new UpdateRound(ports, (work) => this.#inTurn(work))
  }

  /** Goes on with what was under way, and with every state until the signal aborts; never rejects. */
  async run(): Promise<void> {
    await this.#inTurn(async () => this.#resume()).catch((error: unknown) => this.#tell(error))
    await this.#round.run({
      fetch: (index) => this.#inTurn(async () => this.#beginUrl(index, 'the box')),
      install: () => this.installUpdate(false, 'the box'),
    })
    this.#fetching?.stop.abort()
    await this.#fetching?.over
  }

  /** The settings changed. */
  wake(): void {
    this.#round.wake()
  }

  async updates(): Promise<UpdateSheet> {
    const { clock, setup, running, file } = this.#ports
    const { window, url, automatic, timezone } = setup()
    const { state, check, slotsBefore } = file.record
    const before = state.kind === 'installing' ? slotsBefore : undefined
    const shown = before ? slotsShown(before) : await this.#slots()
    return {
      version: running,
      machine:
        shown.kind === 'refused'
          ? { kind: 'none', reason: shown.reason }
          : { kind: 'slots', view: shown.view },
      state,
      percent: this.#percent(state),
      window,
      opensAt: nextOpening(parseTimeWindow(window) ?? { from: 0, to: 1 }, clock.wall(), timezone),
      url,
      automatic,
      check,
    }
  }

  async checkUpdate(who: string): Promise<Done<{ readonly newest: string }>> {
    const { setup, record } = this.#ports
    if (setup().url === '') return refused('no update.url is set: nobody says what is new')
    record(who, 'update: looked for a new version')
    const found = await this.#round.look()
    return found.kind === 'index' ? { kind: 'done', newest: found.index.version } : refused(found.detail)
  }

  fetchUpdate(from: FetchWish, who: string): Promise<Done> {
    return this.#inTurn(async () => {
      const held = (await this.#notNow()) ?? this.#noBundleWanted()
      if (held) return held
      return from.kind === 'stick' ? this.#fetchStick(from, who) : this.#fetchFrom(from.url, who)
    })
  }

  beginBundle(octets: number, who: string): Promise<Done<{ readonly offset: number }>> {
    return this.#inTurn(async () => {
      const { place, record } = this.#ports
      const { state } = this.#ports.file.record
      const isSame = state.kind === 'fetching' && state.source.kind === 'upload' && state.octets === octets
      if (isSame && place.offset < octets) return { kind: 'done', offset: place.offset }
      // The power went between its last octet and its verification.
      if (isSame) return this.#verifyUpload(octets, who)
      const held = (await this.#notNow()) ?? this.#noBundleWanted()
      if (held) return held
      if (!Number.isSafeInteger(octets) || octets < 1) return wrong('a bundle has at least one octet')
      place.clear()
      const noRoom = place.noRoomFor(octets)
      if (noRoom !== '') return refused(noRoom)
      record(who, 'update: an upload begun')
      this.#enter({ kind: 'fetching', source: { kind: 'upload' }, who, octets })
      return { kind: 'done', offset: 0 }
    })
  }

  uploadBundle(
    offset: number,
    octets: AsyncIterable<Uint8Array>,
    who: string,
  ): Promise<Done<{ readonly offset: number }>> {
    return this.#inTurn(async () => {
      const { state } = this.#ports.file.record
      if (state.kind !== 'fetching' || state.source.kind !== 'upload') return refused('no upload was begun')
      const taken = await this.#ports.place.append(offset, octets, state.octets)
      if (taken.kind === 'refused') return taken
      if (taken.offset < state.octets) return { kind: 'done', offset: taken.offset }
      return this.#verifyUpload(taken.offset, who)
    })
  }

  async #verifyUpload(offset: number, who: string): Promise<Done<{ readonly offset: number }>> {
    const verified = await this.#verify(who)
    return verified.kind === 'bundle' ? { kind: 'done', offset } : refused(verified.sentence)
  }

  async updateSticks(): Promise<Done<{ readonly bundles: readonly StickBundle[] }>> {
    const answer = await this.#ports.machine.call('update-sticks', {})
    return answer.kind === 'done' ? { kind: 'done', ...answer.answer } : refused(reasonOf(answer, noSticks))
  }

  installUpdate(isNow: boolean, who: string): Promise<Done> {
    return this.#inTurn(async () => {
      const { state } = this.#ports.file.record
      switch (state.kind) {
        case 'verified':
          this.#ports.record(who, `update: ${state.bundle.version} is to be installed${isNow ? ' now' : ''}`)
          this.#enter({ kind: 'waiting', bundle: state.bundle, who, isNow, brokenOff: 0 })
          return { kind: 'done' }
        case 'waiting':
        case 'restart-due':
          this.#enter({ ...state, isNow: state.isNow || isNow })
          return { kind: 'done' }
        case 'installing':
          return refused('an update is being installed already')
        default:
          return refused('no bundle was verified that could be installed')
      }
    })
  }

  cancelUpdate(who: string): Promise<Done> {
    const { state } = this.#ports.file.record
    // Whoever fetches holds the turn for as long as it takes.
    if (state.kind === 'fetching') this.#fetching?.stop.abort()
    return this.#inTurn(async () => {
      const { kind } = this.#ports.file.record.state
      if (kind === 'installing')
        return refused('an installation ends by itself; what runs is not touched by it')
      if (kind === 'on-trial') return refused('a version is on trial: go back to the one of before')
      if (kind !== 'fetching' && kind !== 'verified' && kind !== 'waiting' && kind !== 'restart-due')
        return refused('no update is under way')
      this.#ports.record(who, 'update: given up')
      this.#ports.place.clear()
      this.#enter({ kind: 'none' })
      return { kind: 'done' }
    })
  }

  rollBackUpdate(who: string): Promise<Done> {
    return this.#inTurn(async () => {
      const { record, file, machine, clock, running, troubles } = this.#ports
      const before = file.record
      const { state } = before
      if (state.kind === 'installing') return refused('an update is being installed: wait for its end')
      if (state.kind === 'fetching') return refused('a bundle is being fetched: cancel that first')
      const shown = await this.#slots()
      if (shown.kind === 'refused') return shown
      const [booted, other] = [shown.view.slots.find((each) => each.isBooted), otherOf(shown.view)]
      const version = other?.version || 'the version of before'
      if (state.kind === 'on-trial') {
        const { version: tried } = state
        file.write({
          givenUp: tried,
          state: { kind: 'rolled-back', version: tried, reason: 'taken-back', trouble: '', at: clock.wall() },
        })
      } else if (booted && other) {
        const { slot } = other
        const known = knownOf(await troubles())
        // An index that names it does not bring it back by itself.
        file.write({
          givenUp: running,
          state: { kind: 'on-trial', version, slot, before: running, trouble: '', known },
        })
      }
      const asked = await machine.call('update-back', {})
      if (asked.kind !== 'done' && !(await isOnItsWay(machine, shown.view.trial))) {
        file.write(before)
        return refused(reasonOf(asked, noSlots))
      }
      record(who, `update: back to ${version}`)
      return { kind: 'done' }
    })
  }

  async #fetchStick({ storage, file }: Extract<FetchWish, { kind: 'stick' }>, who: string): Promise<Done> {
    const listed = await this.updateSticks()
    if (listed.kind === 'refused') return listed
    const found = listed.bundles.find((each) => each.storage === storage && each.file === file)
    if (!found) return refused(`${file} is not on ${storage}`)
    this.#ports.record(who, `update: ${file} is read from a stick`)
    this.#begin({ kind: 'stick', storage, file }, found.octets, who)
    return { kind: 'done' }
  }

  async #fetchFrom(url: string | undefined, who: string): Promise<Done> {
    if (url !== undefined && !(URL.canParse(url) && url.startsWith('https://')))
      return wrong('that is no address that starts with https://')
    if (url !== undefined) return this.#beginUrl({ version: '', url, sha256: '' }, who)
    const { setup, open, signal, running } = this.#ports
    if (setup().url === '') return refused('no update.url is set: name the address of a bundle')
    const read = await readIndex(setup().url, open, signal)
    if (read.kind === 'failed') return refused(read.detail)
    if (compareVersions(read.index.version, running) <= 0)
      return refused(`the newest version there is ${read.index.version}, and this box runs ${running}`)
    return this.#beginUrl(read.index, who)
  }

  #beginUrl({ url, sha256 }: BundleIndex, who: string): Done {
    const held = this.#noBundleWanted()
    if (held) return held
    this.#ports.record(who, `update: fetched from ${new URL(url).host}`)
    this.#ports.place.clear()
    this.#begin({ kind: 'url', url, sha256, etag: '' }, 0, who)
    return { kind: 'done' }
  }

  #begin(source: Exclude<BundleSource, { kind: 'upload' }>, octets: number, who: string): void {
    this.#enter({ kind: 'fetching', source, who, octets })
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, this.#ports.signal])
    const over = this.#fetch(source, octets, who, signal).catch((error: unknown) =>
      signal.aborted ? undefined : this.#breakOff(error, signal),
    )
    this.#fetching = { stop, over }
  }

  async #fetch(
    source: Exclude<BundleSource, { kind: 'upload' }>,
    octets: number,
    who: string,
    signal: AbortSignal,
  ): Promise<void> {
    const onBegun = (all: number, etag: string): void => {
      if (source.kind === 'url')
        this.#enter({ kind: 'fetching', source: { ...source, etag }, who, octets: all })
    }
    const call: FetchCall = { ports: this.#ports, signal, onBegun }
    const fetched: Fetched =
      source.kind === 'url' ? await fetchUrl(source, call) : await fetchStick(source, octets, call)
    await this.#inTurn(async () => {
      if (signal.aborted) return
      if (fetched.kind === 'failed') this.#fail(fetched.reason)
      else await this.#verifyFetched(source, who)
    })
  }

  /** What nobody foresaw is no reason to wait for it forever. */
  async #breakOff(error: unknown, signal: AbortSignal): Promise<void> {
    this.#tell(error)
    const sentence = `it broke off: ${error instanceof Error ? error.message : error}`
    await this.#inTurn(async () => signal.aborted || this.#fail(sentence)).catch((cause: unknown) =>
      this.#tell(cause),
    )
  }

  /** After a start: a file that lies there whole was not looked at yet. */
  #resume(): void {
    const { state } = this.#ports.file.record
    if (state.kind !== 'fetching' || state.source.kind === 'upload') return
    if (this.#ports.place.isWhole) this.#ports.place.clear()
    this.#begin(state.source, state.octets, state.who)
  }

  /** What has the hash that the index names, and is unfit for the version that runs, is so tomorrow, too. */
  async #verifyFetched(source: UrlSource | StickSource, who: string): Promise<void> {
    const { place, file, running } = this.#ports
    const isNamed = source.kind === 'url' && source.sha256 !== ''
    if (isNamed && (await place.sha256()) !== source.sha256)
      return this.#fail('the bundle is not the one that the index names, or is damaged')
    const verified = await this.#verify(who)
    if (isNamed && verified.kind === 'unfit') file.write({ refused: refusalMark(source, running) })
  }

  async #verify(who: string): Promise<Verified> {
    const { place, record } = this.#ports
    place.complete()
    const verified = await this.#inspect()
    if (verified.kind !== 'bundle') {
      this.#fail(verified.sentence)
      return verified
    }
    record(who, `update: ${verified.bundle.version} verified`)
    this.#enter({ kind: 'verified', bundle: verified.bundle })
    return verified
  }

  async #inspect(): Promise<Verified> {
    const told = await this.#ports.machine.call('update-inspect', {})
    if (told.kind !== 'done') return { kind: 'not-known', sentence: reasonOf(told, noSlots) }
    if (told.answer.kind === 'unfit') return told.answer
    const held = this.#whatHolds(told.answer.bundle)
    return held === '' ? told.answer : { kind: 'unfit', sentence: held }
  }

  /** A rollback has to find databases that the version of before can read. */
  #whatHolds({ version, schemas }: BundleView): string {
    const { running, schemas: own } = this.#ports
    if (version === running) return `this box runs ${version} already`
    if (schemas === null) return `${version} does not say what it does to the mail that waits here`
    if (schemas.spool.readableFrom > own.spool || schemas.settings.readableFrom > own.settings)
      return `${version} changes what is stored here so that ${running} could not go on with it, should it have to come back: install a version in between first`
    return ''
  }

  #fail(sentence: string): void {
    this.#ports.place.clear()
    this.#enter({ kind: 'failed', sentence, at: this.#ports.clock.wall() })
    this.#ports.alerts.raise(failedAlert(sentence))
  }

  #enter(state: UpdateState): void {
    this.#ports.file.write({ state })
    if (state.kind !== 'failed') this.#ports.alerts.clear(updateAlertKeys.failed)
    this.#ports.log.write('info', 'update-state', { state: state.kind })
    this.#round.wake()
  }

  async #notNow(): Promise<Refused | undefined> {
    const shown = await this.#slots()
    return shown.kind === 'refused' ? shown : undefined
  }

  #noBundleWanted(): Refused | undefined {
    const { kind } = this.#ports.file.record.state
    switch (kind) {
      case 'fetching':
        return refused('another bundle is being fetched: cancel that first')
      case 'installing':
      case 'restart-due':
        return refused('an update is being installed: wait for its end')
      case 'on-trial':
        return refused('a version is on trial: wait until it is kept')
      default:
        return undefined
    }
  }

  async #slots(): Promise<SlotsShown | Refused> {
    const shown = await this.#ports.machine.call('update-show', {})
    return shown.kind === 'done' ? slotsShown(shown.answer) : refused(reasonOf(shown, noSlots))
  }

  #percent(state: UpdateState): number | null {
    if (state.kind === 'installing') return this.#round.percent
    if (state.kind !== 'fetching' || state.octets === 0) return null
    return Math.floor((100 * this.#ports.place.offset) / state.octets)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  #tell(error: unknown): void {
    this.#ports.log.write('error', 'update-broke-off', { detail: String(error) })
  }
}

const noSlots = 'this machine has no slots to update: its packages are updated by who looks after it'

/** `not-known`: nobody could look at it, or not now. */
type Verified = Inspected | { readonly kind: 'not-known'; readonly sentence: string }

interface SlotsShown {
  readonly kind: 'slots'
  readonly view: SlotsView
}

const slotsShown = (view: SlotsView): SlotsShown => ({ kind: 'slots', view })

const otherOf = ({ slots }: SlotsView) => slots.find(({ isBooted }) => !isBooted)

function reasonOf(answer: Exclude<MachineAnswer<unknown>, { kind: 'done' }>, absent: string): string {
  return answer.kind === 'refused' ? answer.reason : absent
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason })
const wrong = (reason: string): Refused => ({ kind: 'refused', reason, isWrongInput: true })
