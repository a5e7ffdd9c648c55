import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { OpenTakeOver, TakeOverView, UnadoptedMail } from '../core/learning.ts'
import type { Log } from '../core/log.ts'
import type { Done, Refused } from '../core/operations.ts'
import type { Spool } from '../core/spool.ts'
import { formatDuration, hour, type MonotonicMs, minute, wallMs } from '../core/time.ts'
import type { Settings } from '../settings/settings.ts'
import { longestTakeOverMs, type TakeOverWindow, takeOverTrouble } from '../submission/take-over.ts'
import { mailsOf, releaseAdopted } from './adopted-mail.ts'

/** Mail that nobody vouches for is no use on a third day, and may be somebody's private paper. */
const unadoptedMs = 24 * hour
const shortestMs = 1 * minute
const lookEveryMs = 1 * minute
/** How much of the time that mail was held a power cut may take back. */
const countEveryMs = 15 * minute
/** Names in an alert. */
const mostNamed = 5
const windowAlert = 'take-over-open'
const mailAlert = 'unadopted-mail'

export interface TakeOverCareParts {
  readonly window: TakeOverWindow
  readonly spool: Spool
  readonly settings: Pick<Settings, 'setup' | 'record'>
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  /** Something may be due. */
  readonly onRelease: () => void
}

/** Held mail by address, and when the oldest of it is dropped: `sinceMs` after the time that it was held was counted. */
export async function waitingMail(
  { spool, clock }: Pick<TakeOverCareParts, 'spool' | 'clock'>,
  sinceMs = 0,
): Promise<TakeOverView['waiting']> {
  const leftMs = ({ heldMs }: UnadoptedMail): number =>
    Math.max(0, unadoptedMs - heldMs - (heldMs > 0 ? sinceMs : 0))
  const waiting = await spool.unadopted()
  return waiting.map((mail) => ({ ...mail, droppedAt: wallMs(Math.round(clock.wall() + leftMs(mail))) }))
}

/** What is wrong with a window before it is opened: its arguments. */
export function wrongTakeOver(
  subnet: string,
  forMs: number,
  trusted: readonly string[],
): Refused | undefined {
  const trouble = takeOverTrouble(subnet, trusted)
  if (trouble !== undefined) return { kind: 'refused', reason: trouble, isWrongInput: true }
  if (forMs >= shortestMs && forMs <= longestTakeOverMs) return undefined
  const reason = `a window is open for 1m to ${formatDuration(longestTakeOverMs)}`
  return { kind: 'refused', reason, isWrongInput: true }
}

/** The take-over window as a person opens and closes it, and what becomes of the mail that it let in. */
export class TakeOverCare {
  readonly #parts: TakeOverCareParts
  #releasing: Promise<number> = Promise.resolve(0)
  /** The places that were given when the spool held nothing and nothing was under way: until there is another, it holds nothing. */
  #quietAt: number | undefined
  /** When the time that mail is held was counted last, and the places that were given by then. */
  #counted: { readonly at: MonotonicMs; readonly placed: number }

  constructor(parts: TakeOverCareParts) {
    this.#parts = parts
    this.#counted = { at: parts.clock.monotonic(), placed: 0 }
  }

  open(): OpenTakeOver | undefined {
    return this.#parts.window.open()
  }

  async view(): Promise<TakeOverView> {
    return { open: this.open(), waiting: await waitingMail(this.#parts, this.#uncountedMs()) }
  }

  async begin(subnet: string, forMs: number, who: string): Promise<Done<{ readonly leftMs: number }>> {
    const { window, settings } = this.#parts
    const refused = wrongTakeOver(subnet, forMs, settings.setup.gateway.trustedNetworks)
    if (refused) return refused
    await window.begin(subnet, forMs, who)
    settings.record(who, [`take-over: ${subnet} opened for ${formatDuration(forMs)}`])
    this.#tell()
    return { kind: 'done', leftMs: forMs }
  }

  async end(who: string): Promise<Done> {
    const { window, settings } = this.#parts
    const open = window.open()
    if (!open) return { kind: 'refused', reason: 'no take-over window is open' }
    await window.end()
    settings.record(who, [`take-over: ${open.subnet} closed`])
    this.#tell()
    return { kind: 'done' }
  }

  /** Lets go the mail of addresses that are a device's by now: after every change of the settings, and at the start. */
  release(): Promise<number> {
    const { spool, settings, clock, onRelease } = this.#parts
    this.#releasing = this.#releasing
      .catch(() => 0)
      .then(async () => {
        const mails = await releaseAdopted({ spool, settings, now: () => clock.wall() })
        if (mails > 0) onRelease()
        return mails
      })
    return this.#releasing
  }

  /** For who waits for nothing: what fails is tried again with the next look. */
  async releaseBehind(): Promise<void> {
    try {
      await this.release()
    } catch (error) {
      this.#parts.log.write('warn', 'take-over-failed', { detail: String(error) })
    }
  }

  /** Ends the window and drops what waited too long, until the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#look()
      } catch (error) {
        this.#parts.log.write('warn', 'take-over-failed', { detail: String(error) })
      }
      await this.#parts.clock.sleep(lookEveryMs, signal)
    }
  }

  async #look(): Promise<void> {
    const { window, settings } = this.#parts
    const isOpen = window.open() !== undefined
    if (window.isOver) {
      await window.end()
      settings.record('inkpost', ['take-over: the window ended by itself'])
    }
    this.#tell()
    if (isOpen || window.underWay > 0 || window.placed !== this.#quietAt) await this.#lookAtMail()
  }

  async #lookAtMail(): Promise<void> {
    const { window, spool, clock, settings, log, alerts } = this.#parts
    // Mail may arrive behind the adoption of its device: its session began before.
    await this.release()
    const placed = window.underWay > 0 ? undefined : window.placed
    await this.#count()
    if (clock.isBelievable()) {
      const mails = await spool.dropUnadopted(unadoptedMs)
      if (mails > 0) {
        log.write('warn', 'unadopted-dropped', { mails })
        settings.record('inkpost', [`take-over: ${mailsOf(mails)} dropped: not adopted in time`])
      }
    }
    const waiting = await spool.unadopted()
    this.#quietAt = waiting.length > 0 ? undefined : placed
    if (waiting.length === 0) {
      alerts.clear(mailAlert)
      return
    }
    const named = waiting.slice(0, mostNamed).map(({ address }) => address)
    const others = waiting.length > mostNamed ? ` and ${waiting.length - mostNamed} more` : ''
    alerts.raise({
      key: mailAlert,
      severity: 'warning',
      sentence: `Mail of unknown devices is held: ${named.join(', ')}${others}. It is dropped after 24 h.`,
      remedy: 'Look at `inkpost device sightings`, then `inkpost device adopt ADDRESS` lets its mail go.',
    })
  }

  /**
   * Its 250 was said, so mail is not dropped by a time that a wrong clock wrote or that is set meanwhile: what counts is
   * how long this box ran with it. New mail is counted from the next look on.
   */
  async #count(): Promise<void> {
    const { spool, clock, window } = this.#parts
    const byMs = this.#uncountedMs()
    const { placed } = window
    if (byMs < countEveryMs && placed === this.#counted.placed) return
    const at = clock.monotonic()
    await spool.ageUnadopted(byMs)
    this.#counted = { at, placed }
  }

  #uncountedMs(): number {
    return this.#parts.clock.monotonic() - this.#counted.at
  }

  /** By the time of its end, not by what is left: an alert that changes is written to the flash. */
  #tell(): void {
    const { window, clock, alerts } = this.#parts
    const open = window.open()
    if (!open) {
      alerts.clear(windowAlert)
      return
    }
    const until = new Date(Math.ceil((clock.wall() + open.leftMs) / minute) * minute)
    alerts.raise({
      key: windowAlert,
      severity: 'warning',
      sentence: `Unknown devices of ${open.subnet} are let in until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC (opened by ${open.openedBy}). Their mail is held.`,
      remedy: 'Adopt what belongs here: `inkpost device sightings`. `inkpost takeover close` ends it.',
    })
  }
}
