import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import type { Claim } from '../settings/operators.ts'

export interface ClaimFileParts {
  readonly machine: Machine
  readonly log: Log
  readonly claim: () => Claim
  /** URL; empty while the console is closed. */
  readonly consoleUrl: () => string
}

/** Has the claim code written to the boot partition while the box is unclaimed, and taken away when it is claimed. */
export class ClaimFile {
  readonly #parts: ClaimFileParts
  #told: string | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(parts: ClaimFileParts) {
    this.#parts = parts
  }

  follow(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#follow())
    return this.#turn
  }

  async #follow(): Promise<void> {
    const { machine, log, claim, consoleUrl } = this.#parts
    const claimed = claim()
    const ask = { code: claimed.kind === 'open' ? claimed.code : null, port: portOf(consoleUrl()) }
    const words = JSON.stringify(ask)
    if (words === this.#told) return
    this.#told = words
    const answer = await machine.call('claim-file', ask)
    if (answer.kind !== 'refused') return
    // The screen and the command show it all the same; what stays of an old one lets nobody in.
    log.write('warn', 'claim-file-not-written', { detail: answer.reason })
    this.#told = undefined
  }
}

const portOf = (url: string): number => (url === '' ? 443 : Number(new URL(url).port || 443))
