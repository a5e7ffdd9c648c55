import type { Log } from '../core/log.ts'
import type { ListenerStatus } from './parts.ts'

/** Says in the log that a listener can't open, and that it did at last: once each, however often it is tried. */
export class ListenerNews {
  readonly #log: Log
  /** By name, why it is not open. */
  #failed = new Map<string, string>()

  constructor(log: Log) {
    this.#log = log
  }

  tell(statuses: readonly ListenerStatus[]): void {
    const before = this.#failed
    this.#failed = new Map()
    for (const { name, address, port, state, detail } of statuses) {
      if (state === 'failed') {
        const why = `${address} ${port} ${detail}`
        this.#failed.set(name, why)
        if (before.get(name) !== why)
          this.#log.write('error', 'listener-failed', { name, address, port, detail })
      } else if (before.has(name)) this.#log.write('info', 'listener-opened', { name, address, port })
    }
  }
}
