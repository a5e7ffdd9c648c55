import { type LampWord, lampBeats } from '../core/lamp.ts'
import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'

/** The lamp of the box, by the machine service. Where there is none, or no lamp, nothing happens; why is logged once. */
export class StatusLamp {
  readonly #machine: Machine
  readonly #log: Log
  #word: LampWord | undefined
  #isTold = false
  #isAbsent = false
  #showing: Promise<void> = Promise.resolve()

  constructor(machine: Machine, log: Log) {
    this.#machine = machine
    this.#log = log
  }

  /** No machine service answered: there is no lamp to look after. */
  get isAbsent(): boolean {
    return this.#isAbsent
  }

  /** Asks for a change only: the service is started for each question. Resolves when it shows, or never will. */
  show(word: LampWord): Promise<void> {
    if (word === this.#word) return this.#showing
    this.#word = word
    this.#showing = this.#showing.then(() => this.#show(word))
    return this.#showing
  }

  async #show(word: LampWord): Promise<void> {
    // Another one came while the last was shown: the newest counts.
    if (word !== this.#word) return
    const answer = await this.#machine.call('lamp', { beats: lampBeats[word] })
    this.#isAbsent = answer.kind === 'absent'
    if (answer.kind !== 'refused' || this.#isTold) return
    this.#isTold = true
    this.#log.write('info', 'lamp-not-lit', { detail: answer.reason })
  }
}
