import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import { second } from '../core/time.ts'
import type { Claim } from '../settings/operators.ts'

export interface ClaimFileParts {
  readonly machine: Machine
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly claim: () => Claim
  /** URL; empty while the console is closed. */
  readonly consoleUrl: () => string
}

/** On a slow machine everything starts at once: what writes the file may answer too late the first time. */
const againAfterMs = 30 * second

/** Has the claim code written to the boot partition while the box is unclaimed, and taken away when it is claimed. */
export class ClaimFile {
  readonly #parts: ClaimFileParts
  #told: string | undefined
  #isRefused = false
  #forgetAgain = () => {}
  #turn: Promise<void> = Promise.resolve()

  constructor(parts: ClaimFileParts) {
    this.#parts = parts
  }

  follow(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#follow())
    return this.#turn
  }

  async #follow(): Promise<void> {
    const { machine, claim, consoleUrl, signal } = this.#parts
    const claimed = claim()
    const ask = { code: claimed.kind === 'open' ? claimed.code : null, port: portOf(consoleUrl()) }
    const words = JSON.stringify(ask)
    if (words === this.#told || signal.aborted) return
    this.#forgetAgain()
    const answer = await machine.call('claim-file', ask)
    this.#told = answer.kind === 'refused' ? undefined : words
    if (answer.kind === 'refused') this.#tryAgain(answer.reason)
    else this.#isRefused = false
  }

  /** The screen and the command show it all the same; what stays of an old one lets nobody in. */
  #tryAgain(detail: string): void {
    const { clock, log } = this.#parts
    if (!this.#isRefused) log.write('warn', 'claim-file-not-written', { detail })
    this.#isRefused = true
    this.#forgetAgain = clock.after(againAfterMs, () => void this.follow())
  }
}

const portOf = (url: string): number => (url === '' ? 443 : Number(new URL(url).port || 443))
