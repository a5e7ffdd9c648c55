import type { QueueTrouble, ReportQueue } from '../core/delivery-report.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import type { Spool } from '../core/spool.ts'
import { day, minute, second, wallMs } from '../core/time.ts'
import { alertKeys } from './passing-alerts.ts'
import type { ReportDeskParts } from './report-desk.ts'
import { collectOnce, type ReportRoundParts, type Round } from './report-round.ts'

export interface ReportCollectorParts extends Omit<ReportRoundParts, 'count'> {
  readonly spool: ReportDeskParts['spool'] & Pick<Spool, 'awaitsReport'>
  readonly setup: () => Setup
  /** Undefined: the way out has no queue. */
  readonly openQueue: (upstream: UpstreamSetup) => ReportQueue | undefined
}

/** How often the queue is asked while reports are to be expected, and else. */
const busyMs = 1 * minute
const idleMs = 15 * minute
/** Between two rounds of a queue that is full. */
const hurryMs = 1 * second
/** Mail servers try for days; most reports come within minutes. */
const expectedForMs = 2 * day
/** After trouble: doubled each time, up to `idleMs`. */
const firstRetryMs = 1 * minute
/** A line that is down for a moment is nobody's business. */
const toldAfter = 3

/** One way out whose queue is watched. */
interface Watch {
  readonly settings: string
  readonly queue: ReportQueue
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/** Collects delivery reports from the queues of the ways out, each by itself; trouble with one stops nothing else. */
export class ReportCollector implements AsyncDisposable {
  /** Since the start, by `UPSTREAM what`. */
  readonly counters = new Map<string, number>()
  readonly #parts: ReportCollectorParts
  readonly #watches = new Map<string, Watch>()
  #following: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(parts: ReportCollectorParts) {
    this.#parts = parts
  }

  /**
   * Makes the watches follow the setup, one call after the other. A way out that is switched off still gets the reports of
   * what it took.
   */
  follow(): Promise<void> {
    const followed = this.#following.then(() => this.#follow())
    // Who called hears of it; the next one follows all the same.
    this.#following = followed.catch(() => undefined)
    return followed
  }

  async #follow(): Promise<void> {
    if (this.#isStopped) return
    const { upstreams, gateway } = this.#parts.setup()
    const wished = new Map(upstreams.map((setup) => [setup.name, JSON.stringify([setup, gateway.proxy])]))
    const gone = [...this.#watches].filter(([name, { settings }]) => wished.get(name) !== settings)
    await Promise.all(gone.map(([name, watch]) => this.#end(name, watch)))
    for (const setup of upstreams) this.#watch(setup, wished.get(setup.name) ?? '')
    this.#clearAlerts()
  }

  /** Of queues that nobody asks any more, those of an earlier run too. */
  #clearAlerts(): void {
    const { alerts } = this.#parts
    for (const { key } of alerts.active()) {
      const upstream = alertPrefixes
        .map((prefix) => afterPrefix(key, prefix))
        .find((name) => name !== undefined)
      if (upstream !== undefined && !this.#watches.has(upstream)) alerts.clear(key)
    }
  }

  #watch(setup: UpstreamSetup, settings: string): void {
    const { name } = setup
    const queue = this.#watches.has(name) ? undefined : this.#parts.openQueue(setup)
    if (!queue) return
    const stop = new AbortController()
    this.#watches.set(name, { settings, queue, stop, ended: this.#run(name, queue, stop.signal) })
  }

  async #end(name: string, { stop, ended, queue }: Watch): Promise<void> {
    this.#watches.delete(name)
    stop.abort(new Error('stopping'))
    await ended
    await queue[Symbol.asyncDispose]()
  }

  async #run(name: string, queue: ReportQueue, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    let failures = 0
    while (!signal.aborted) {
      const round = clock.isBelievable() ? await this.#round(name, queue, signal) : noClock
      if (signal.aborted) return
      failures = round.kind === 'trouble' ? failures + 1 : 0
      this.#tell(name, round, failures)
      await clock.sleep(await this.#wait(name, round, failures), signal)
    }
  }

  async #round(name: string, queue: ReportQueue, signal: AbortSignal): Promise<Round> {
    const count = (upstream: string, what: string): void => {
      const key = `${upstream} ${what}`
      this.counters.set(key, (this.counters.get(key) ?? 0) + 1)
    }
    try {
      return await collectOnce(name, queue, { ...this.#parts, count }, signal)
    } catch (error) {
      // The disk, or a fault of ours: the queue hands it out again.
      this.#parts.log.write('error', 'reports-not-filed', { upstream: name, detail: String(error) })
      return { kind: 'trouble', code: 'not-filed', reason: String(error), remedy: 'See the log of the box.' }
    }
  }

  async #wait(name: string, round: Round, failures: number): Promise<number> {
    const { spool, clock } = this.#parts
    if (round.kind === 'trouble') return Math.min(idleMs, firstRetryMs * 2 ** Math.max(0, failures - 1))
    if (round.isFull) return hurryMs
    const since = wallMs(clock.wall() - expectedForMs)
    const isExpected = await spool.awaitsReport(name, since).catch(() => true)
    return isExpected ? busyMs : idleMs
  }

  #tell(name: string, round: Round, failures: number): void {
    const { alerts, log } = this.#parts
    if (round.kind === 'done') {
      alerts.clear(alertKey(name))
      return
    }
    log.write('warn', 'reports-not-collected', { upstream: name, code: round.code, reason: round.reason })
    if (passing.test(round.code) && failures < toldAfter) return
    alerts.raise({
      key: alertKey(name),
      severity: 'warning',
      sentence: `The delivery reports of ${name} can't be collected: ${asSentence(round.reason)} Mail goes out all the same, but nobody is told of late bounces.`,
      remedy: round.remedy,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true
    await this.#following
    await Promise.all([...this.#watches].map(([name, watch]) => this.#end(name, watch)))
  }
}

const asSentence = (text: string): string => text.replace(/\.?$/, '.')

const alertKey = (upstream: string): string => `reports-not-collected/${upstream}`
const alertPrefixes = [alertKey(''), alertKeys.unreadable]

const afterPrefix = (key: string, prefix: string): string | undefined =>
  key.startsWith(prefix) ? key.slice(prefix.length) : undefined

/** What may be over at the next try. */
const passing = /^(unavailable|not-filed|no-clock|.*-failed)$/

const noClock: QueueTrouble = {
  kind: 'trouble',
  code: 'no-clock',
  reason: 'The clock of the box knows no date yet.',
  remedy: 'Let the box reach a time server (NTP, UDP port 123).',
}
