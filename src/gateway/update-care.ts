import { existsSync } from 'node:fs'
import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Machine } from '../core/machine.ts'
import type { UpdateOperations } from '../core/update-operations.ts'
import type { Submission } from '../submission/parts.ts'
import { recordPath } from '../update/record-file.ts'
import type { Updates } from '../update/updates.ts'
import type { Stores } from './boot.ts'

export interface UpdateCareParts {
  readonly stores: Stores
  readonly submission: Pick<Submission, 'listeners'>
  readonly machine: Machine
  readonly alerts: Alerts
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Empty where it is closed. */
  readonly consoleUrl: () => string
}

/** Updates, loaded where one is under way, where the settings name an index, or when somebody asks. */
export class UpdateCare implements AsyncDisposable {
  readonly #parts: UpdateCareParts
  #loaded: Promise<Updates> | undefined
  #running: Promise<void> | undefined
  readonly operations: UpdateOperations

  constructor(parts: UpdateCareParts) {
    this.#parts = parts
    const updates = () => this.#load()
    this.operations = {
      updates: async () => (await updates()).updates(),
      checkUpdate: async (...asked) => (await updates()).checkUpdate(...asked),
      fetchUpdate: async (...asked) => (await updates()).fetchUpdate(...asked),
      beginBundle: async (...asked) => (await updates()).beginBundle(...asked),
      uploadBundle: async (...asked) => (await updates()).uploadBundle(...asked),
      updateSticks: async () => (await updates()).updateSticks(),
      installUpdate: async (...asked) => (await updates()).installUpdate(...asked),
      cancelUpdate: async (...asked) => (await updates()).cancelUpdate(...asked),
      rollBackUpdate: async (...asked) => (await updates()).rollBackUpdate(...asked),
    }
  }

  /** At the start and with every change of the settings. */
  follow(): void {
    const { stores, log } = this.#parts
    const isLoaded = this.#loaded !== undefined
    if (!isLoaded && stores.settings.document.update.url === '' && !existsSync(recordPath(stores.dataDir)))
      return
    this.#load().then(
      (updates) => updates.wake(),
      (error: unknown) => log.write('error', 'updates-not-loaded', { detail: String(error) }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running
  }

  #load(): Promise<Updates> {
    this.#loaded ??= this.#open().catch((error: unknown) => {
      // The next one who asks tries again.
      this.#loaded = undefined
      throw error
    })
    return this.#loaded
  }

  async #open(): Promise<Updates> {
    const { openUpdates } = await import('./update-opening.ts')
    const updates = openUpdates(this.#parts)
    this.#running = updates.run()
    return updates
  }
}
