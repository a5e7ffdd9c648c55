// A machine with two slots that plays along: it remembers what it was asked, and starts by a slot when a test says so.
import { existsSync } from 'node:fs'
import type { Machine } from '../../src/core/machine.ts'
import type { BundleView, Inspected, SlotName, SlotsView, SlotTrial } from '../../src/core/machine-update.ts'

const other = { A: 'B', B: 'A' } as const

export class PlayedSlots {
  /** What `update-inspect` says of what lies in the gateway's place; a text: why it is unfit. */
  bundle: BundleView | string = bundleOf('1.1.0')
  readonly versions: Record<SlotName, string> = { A: '1.0.0', B: '' }
  booted: SlotName = 'A'
  trial: SlotTrial | null = null
  /** Of the installation that is at work. */
  percent: number | undefined
  error = ''
  readonly asked: string[] = []
  /** Answers are refused with this. */
  trouble = ''
  /** The machine service does this duty, and goes down with the machine before it answers. */
  goesDownBy = ''
  /** One duty is refused. */
  refuses: { readonly duty: string; readonly reason: string } | undefined
  stick = Buffer.alloc(0)
  #installing = ''
  readonly #place: string

  /** `place`: of the gateway's bundle. */
  constructor(place: string) {
    this.#place = place
  }

  readonly machine: Machine = {
    call: async (duty, ask) => {
      this.asked.push(duty)
      if (this.trouble !== '') return { kind: 'refused', reason: this.trouble }
      if (duty === this.refuses?.duty) return { kind: 'refused', reason: this.refuses.reason }
      const answer = this.#answer(duty, ask)
      if (duty === this.goesDownBy) {
        this.trouble = 'the machine service broke off before its answer'
        return { kind: 'refused', reason: this.trouble }
      }
      if (typeof answer === 'string') return { kind: 'refused', reason: answer }
      // The answer of each duty is that of its name.
      return { kind: 'done', answer: answer as never }
    },
  }

  /** The other slot is written whole. */
  installed(): void {
    this.versions[other[this.booted]] = this.#installing
    this.percent = undefined
  }

  /** The power goes: nobody is at work any more. */
  powerCut(): void {
    this.percent = undefined
  }

  /** As `update-start` does behind a start of the machine. */
  startBy(slot: SlotName): void {
    this.booted = slot
    this.trouble = ''
    this.powerCut()
    if (this.trial === null || this.trial.state === 'failed') return
    this.trial =
      this.trial.slot === slot
        ? { ...this.trial, state: 'running' }
        : { ...this.trial, state: 'failed', reason: 'did-not-start' }
  }

  get view(): SlotsView {
    const slots = (['A', 'B'] as const).map((slot) => ({
      slot,
      isBooted: slot === this.booted,
      isGood: true,
      version: this.versions[slot],
    }))
    return { compatible: 'inkpost-arm64', slots, trial: this.trial }
  }

  get #inspected(): Inspected {
    const { bundle } = this
    return typeof bundle === 'string' ? { kind: 'unfit', sentence: bundle } : { kind: 'bundle', bundle }
  }

  #answer(duty: string, ask: object): object | string {
    switch (duty) {
      case 'update-show':
        return this.view
      case 'update-inspect':
        return existsSync(this.#place) ? this.#inspected : 'there is no bundle that could be installed'
      case 'update-install':
        this.percent = 0
        this.error = ''
        this.#installing = typeof this.bundle === 'string' ? '' : this.bundle.version
        this.versions[other[this.booted]] = ''
        return {}
      case 'update-progress':
        return { isAtWork: this.percent !== undefined, percent: this.percent ?? 100, error: this.error }
      case 'update-try':
      case 'update-back':
        return this.#try()
      case 'update-keep':
        this.trial = null
        return {}
      case 'update-sticks':
        return {
          bundles: [{ storage: 'sda1', model: '', file: 'inkpost-1.1.0.raucb', octets: this.stick.length }],
        }
      case 'update-stick-read': {
        const { offset } = ask as { offset: number }
        return { octets: this.stick.subarray(offset, offset + 1000).toString('base64') }
      }
      default:
        return {}
    }
  }

  #try(): object {
    if (this.trial?.state === 'running') this.trial = { ...this.trial, state: 'failed', reason: 'taken-back' }
    else {
      const slot = other[this.booted]
      this.trial = { version: this.versions[slot], slot, state: 'due', reason: null }
    }
    return {}
  }
}

export const bundleOf = (version: string, spoolFrom = 1): BundleView => ({
  version,
  compatible: 'inkpost-arm64',
  built: '2026-11-29T10:00:00Z',
  schemas: { spool: { version: 12, readableFrom: spoolFrom }, settings: { version: 9, readableFrom: 1 } },
})
