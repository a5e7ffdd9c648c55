import type { Alerts } from '../core/alerts.ts'
import { collectingMs, countText, type FragmentSet, gather } from '../core/fragment.ts'
import type { Log } from '../core/log.ts'
import type { NewMessage } from '../core/message.ts'
import type { Spool } from '../core/spool.ts'
import { minute } from '../core/time.ts'
import { missingLetter } from './fragment-letters.ts'
import { fragmentOf, type JoiningParts, joinFragments, whyNoWay } from './joining.ts'
import { alertKeys } from './passing-alerts.ts'

export interface CollectorParts extends Omit<JoiningParts, 'spool'> {
  readonly spool: JoiningParts['spool'] & Pick<Spool, 'collecting' | 'giveUp'>
  readonly log: Log
  readonly alerts: Alerts
  /** A joined message was committed. */
  readonly accepted: (message: NewMessage) => void
  /** Fragments go on as they are. */
  readonly letGo: () => void
}

/** While a set waits: its time may be over, or what could not be joined may be now. */
const lookMs = 1 * minute

/** Joins scans that come in fragments (RFC 2046 section 5.2.2), and gives those up of which one does not come. */
export class Collector {
  readonly #parts: CollectorParts
  #isPoked = false
  #isWaiting = true
  #wakeUp: (() => void) | undefined
  #loop: Promise<void> | undefined

  constructor(parts: CollectorParts) {
    this.#parts = parts
  }

  start(signal: AbortSignal): void {
    signal.addEventListener('abort', () => this.poke(), { once: true })
    this.#loop = this.#run(signal)
  }

  /** A fragment came, or was adopted. */
  poke(): void {
    this.#isPoked = true
    this.#wakeUp?.()
  }

  async settled(): Promise<void> {
    await this.#loop
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#isPoked = false
      try {
        await this.#round(signal)
      } catch (error) {
        this.#isWaiting = true
        this.#parts.log.write('error', 'collector-round-failed', { detail: String(error) })
      }
      await this.#sleep(signal)
    }
  }

  /** One after the other: what is read and written at a time is one scan's. */
  async #round(signal: AbortSignal): Promise<void> {
    const sets = await this.#parts.spool.collecting()
    this.#isWaiting = sets.length > 0
    for (const set of sets) {
      if (signal.aborted) return
      if (await this.#join(set, signal)) continue
      if (!signal.aborted && this.#isOver(set)) await this.#giveUp(set)
    }
  }

  #isOver({ fragments }: FragmentSet): boolean {
    const { clock } = this.#parts
    const latest = Math.max(...fragments.map(({ since }) => since))
    return clock.isBelievable() && clock.wall() - latest >= collectingMs
  }

  /** False: it still waits. */
  async #join({ fragments, device }: FragmentSet, signal: AbortSignal): Promise<boolean> {
    const { log, accepted } = this.#parts
    const gathering = gather(fragments)
    if (gathering.kind !== 'complete') return false
    const all = fragments.map(({ message }) => message)
    try {
      const joined = await joinFragments(this.#parts, { inOrder: gathering.fragments, all }, signal)
      const { message, publication } = joined
      if (publication.kind !== 'stored') {
        log.write('warn', 'fragments-not-joined', { fragments: all, ...publication })
        return false
      }
      log.write('info', 'fragments-joined', {
        message: message.id,
        device,
        fragments: all,
        size: message.facts.size,
      })
      accepted(message)
      return true
    } catch (error) {
      if (!signal.aborted)
        log.write('error', 'fragments-not-joined', { fragments: all, detail: String(error) })
      return false
    }
  }

  async #giveUp({ fragments, device }: FragmentSet): Promise<void> {
    const { spool, clock, log, setup, letGo } = this.#parts
    const gathering = gather(fragments)
    const missing =
      gathering.kind === 'incomplete'
        ? gathering
        : { here: gathering.fragments.length, total: fragments.length }
    const messages = await Promise.all(fragments.map(({ message }) => fragmentOf(spool, message)))
    const fates = messages.map((message) => ({
      message: message.id,
      isHeld:
        whyNoWay(
          { ...message, envelope: { ...message.envelope, recipients: message.recipients } },
          setup(),
        ) !== undefined,
    }))
    const [first] = messages
    if (!first) return
    const letters = await missingLetter(this.#parts, { first, ...missing, fragments: fates })
    const reason = `only ${countText(missing.here, missing.total)} pieces came`
    if (!(await spool.giveUp({ fragments: fates, reason, letters, now: clock.wall() }))) return
    log.write('warn', 'fragments-missing', { device, fragments: fates.map(({ message }) => message), reason })
    if (letters.length === 0) this.#nobodyReads(device)
    letGo()
  }

  #nobodyReads(device: string | undefined): void {
    this.#parts.alerts.raise({
      key: `${alertKeys.nobodyReads}${device ?? ''}`,
      severity: 'warning',
      sentence: `A scan of ${device ?? 'the box'} came in pieces, some are missing, and nobody could be told.`,
      remedy: "Set gateway.postmaster, or the device's owner. `inkpost queue --all` shows the pieces.",
    })
  }

  async #sleep(signal: AbortSignal): Promise<void> {
    if (this.#isPoked || signal.aborted) return
    await new Promise<void>((resolve) => {
      const cancel = this.#isWaiting ? this.#parts.clock.after(lookMs, resolve) : () => {}
      this.#wakeUp = () => {
        cancel()
        resolve()
      }
    })
    this.#wakeUp = undefined
  }
}
