import { collectingMs, type FragmentSet, gather } from '../core/fragment.ts'
import type { NewMessage } from '../core/message.ts'
import type { Spool } from '../core/spool.ts'
import { minute } from '../core/time.ts'
import type { GivingUpParts } from './giving-up.ts'
import type { JoiningParts } from './joining.ts'

export interface CollectorParts extends Omit<JoiningParts, 'spool'>, Omit<GivingUpParts, 'spool'> {
  readonly spool: JoiningParts['spool'] & GivingUpParts['spool'] & Pick<Spool, 'collecting'>
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
      if (await this.#tried(set, signal, () => this.#join(set, signal))) continue
      if (!signal.aborted && this.#isOver(set)) await this.#tried(set, signal, () => this.#giveUp(set))
    }
  }

  /** What one set meets is not the others' trouble. False: it still waits. */
  async #tried(set: FragmentSet, signal: AbortSignal, work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work()
    } catch (error) {
      const fragments = set.fragments.map(({ message }) => message)
      if (!signal.aborted)
        this.#parts.log.write('error', 'fragments-not-joined', { fragments, detail: String(error) })
      return false
    }
  }

  #isOver({ fragments }: FragmentSet): boolean {
    const { clock } = this.#parts
    const latest = Math.max(...fragments.map(({ since }) => since))
    return clock.isBelievable() && clock.wall() - latest >= collectingMs
  }

  async #join({ fragments, device }: FragmentSet, signal: AbortSignal): Promise<boolean> {
    const { log, accepted } = this.#parts
    const gathering = gather(fragments)
    if (gathering.kind !== 'complete') return false
    const all = fragments.map(({ message }) => message)
    // Few boxes ever need it.
    const { joinFragments } = await import('./joining.ts')
    const set = { inOrder: gathering.fragments, all }
    const { message, publication } = await joinFragments(this.#parts, set, signal)
    if (publication.kind !== 'stored') {
      log.write('warn', 'fragments-not-joined', { fragments: all, ...publication })
      return false
    }
    const size = message.facts.size
    log.write('info', 'fragments-joined', { message: message.id, device, fragments: all, size })
    accepted(message)
    return true
  }

  async #giveUp(set: FragmentSet): Promise<boolean> {
    const { giveUp } = await import('./giving-up.ts')
    const isDone = await giveUp(this.#parts, set)
    if (isDone) this.#parts.letGo()
    return isDone
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
