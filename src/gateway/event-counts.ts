import type { Log } from '../core/log.ts'

/** Counts what the log is told, for /metrics: messages taken, and refusals by reply code. */
export class EventCounts implements Log {
  accepted = 0
  /** Messages taken and refusals said. */
  work = 0
  readonly refused = new Map<string, number>()

  write(_level: string, event: string, fields?: Parameters<Log['write']>[2]): void {
    if (event === 'accepted') this.accepted += 1
    if (event === 'accepted' || event === 'refused') this.work += 1
    if (event !== 'refused') return
    const code = String(fields?.['code'] ?? 'unknown')
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1)
  }
}
