import type { Alerts } from '../../core/alerts.ts'
import type { Clock } from '../../core/clock.ts'
import { type BoxMood, boxMoods, type FleetBoxView } from '../../core/fleet.ts'
import type { Log } from '../../core/log.ts'
import type { FleetBoxSetup } from '../../core/setup.ts'
import { hour, minute, type WallMs } from '../../core/time.ts'
import type { Settings } from '../../settings/settings.ts'
import { type BoxAnswer, readBoxAnswer } from './box-answer.ts'
import { askBox } from './pinned-call.ts'

interface BoxesWorld {
  readonly settings: Settings
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly signal: AbortSignal
}

interface Seen {
  readonly at: WallMs | undefined
  readonly since: number
  readonly view: BoxAnswer | undefined
  readonly trouble: string
}

const askEveryMs = 15 * minute
/** A router that starts anew is nobody's alarm. */
const silentAfterMs = 1 * hour
const silentPrefix = 'fleet-box-silent/'
/** What was asked a moment ago is not asked again for every look. */
const freshMs = 1 * minute
/** At a time: a box of 512 MB asks two hundred. */
const together = 4

/** Other boxes that this one lists. */
export class FleetBoxes {
  readonly #world: BoxesWorld
  readonly #seen = new Map<string, Seen>()
  #asking: Promise<void> | undefined
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(world: BoxesWorld) {
    this.#world = world
  }

  async watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#world
    while (!signal.aborted) {
      await clock.sleep(askEveryMs, signal)
      if (!signal.aborted) await this.#ask()
    }
  }

  /** Begins to ask where that is worth it: nobody waits here for a box that is silent. */
  refresh(): void {
    const isFresh = this.#world.clock.monotonic() - this.#askedAt < freshMs
    if (!isFresh || this.#boxes.some(({ name }) => !this.#seen.has(name))) void this.#ask()
  }

  /** Asks them all, and tells of those that are silent for long. */
  #ask(): Promise<void> {
    const { clock, log, signal } = this.#world
    this.#asking ??= this.#askAll()
      .catch((error: unknown) => {
        if (!signal.aborted) log.write('error', 'fleet-failed', { detail: String(error) })
      })
      .finally(() => {
        this.#asking = undefined
        this.#askedAt = clock.monotonic()
      })
    return this.#asking
  }

  list(): readonly FleetBoxView[] {
    return this.#boxes
      .map((box) => viewOf(box, this.#seen.get(box.name)))
      .toSorted((one, other) => boxMoods.indexOf(one.mood) - boxMoods.indexOf(other.mood))
  }

  get #boxes(): readonly FleetBoxSetup[] {
    return this.#world.settings.setup.fleet?.boxes ?? []
  }

  async #askAll(): Promise<void> {
    const { signal, alerts } = this.#world
    const left = [...this.#boxes]
    const work = async (): Promise<void> => {
      for (let box = left.shift(); box && !signal.aborted; box = left.shift()) await this.#askOne(box)
    }
    await Promise.all(Array.from({ length: together }, work))
    const names = new Set(this.#boxes.map(({ name }) => silentPrefix + name))
    for (const { key } of alerts.active())
      if (key.startsWith(silentPrefix) && !names.has(key)) alerts.clear(key)
  }

  async #askOne(box: FleetBoxSetup): Promise<void> {
    const { clock, settings, signal, log, alerts } = this.#world
    const before = this.#seen.get(box.name)
    const token = settings.open(box.token)
    const answer =
      token.kind === 'open'
        ? await askBox(box, '/api/v1/fleet', token.value, signal)
        : ({ kind: 'failed', detail: 'its token can not be opened: enter it again' } as const)
    const read = answer.kind === 'answer' && answer.status === 200 ? readBoxAnswer(answer.text) : undefined
    if (read) {
      this.#seen.set(box.name, { at: clock.wall(), since: clock.monotonic(), view: read, trouble: '' })
      if (before && before.trouble !== '') log.write('info', 'fleet-box-back', { box: box.name })
      return alerts.clear(silentPrefix + box.name)
    }
    const trouble = troubleOf(answer)
    const since = before?.since ?? clock.monotonic()
    this.#seen.set(box.name, { at: before?.at, since, view: before?.view, trouble })
    if (!before || before.trouble === '')
      log.write('warn', 'fleet-box-silent', { box: box.name, detail: trouble })
    if (clock.monotonic() - since >= silentAfterMs) this.#tellSilent(box, trouble)
  }

  #tellSilent({ name, address }: FleetBoxSetup, trouble: string): void {
    this.#world.alerts.raise({
      key: silentPrefix + name,
      severity: 'warning',
      sentence: `The box ${name} (${address}) does not answer: ${trouble}.`,
      remedy:
        'Look whether it has power and network, or call somebody there. Mail of its printers waits in it, or in them.',
    })
  }
}

function troubleOf(answer: Awaited<ReturnType<typeof askBox>>): string {
  switch (answer.kind) {
    case 'failed':
      return answer.detail
    case 'too-large':
      return 'it answers with more than a box has to say'
    case 'answer':
      return answer.status === 401 ? 'it does not take the token' : `it answered ${answer.status}`
  }
}

function viewOf({ name, address }: FleetBoxSetup, seen: Seen | undefined): FleetBoxView {
  return {
    name,
    address,
    mood: moodOf(seen),
    seenAt: seen?.at,
    trouble: seen?.trouble ?? '',
    facts: seen?.view?.box,
    serial: seen?.view?.serial ?? 0,
    state: seen?.view?.state ?? 'off',
  }
}

function moodOf(seen: Seen | undefined): BoxMood {
  if (seen === undefined) return 'unknown'
  const { view } = seen
  if (seen.trouble !== '' || !view) return 'silent'
  if (view.box.alarms > 0 || view.box.paused > 0 || view.state === 'rolled-back') return 'bad'
  return view.box.warnings > 0 || view.state === 'refused' ? 'warn' : 'good'
}
