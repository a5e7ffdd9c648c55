import type { Clock } from '../core/clock.ts'
import type { Operations, Vitals } from '../core/operations.ts'
import { metricsText } from '../health/metrics.ts'
import { readiness } from '../health/probes.ts'
import type { Stores } from './boot.ts'
import type { EventCounts } from './event-counts.ts'
import type { Rooms } from './rooms.ts'

interface VitalsWorld {
  readonly stores: Stores
  readonly rooms: Rooms
  readonly clock: Clock
  readonly operations: Operations
  readonly counts: EventCounts
}

/** What `/readyz` and `/metrics` say of a running gateway. */
export function vitalsOf({ stores: { spool }, rooms, clock, operations, counts }: VitalsWorld): Vitals {
  const listeners = () => rooms.submission.listeners().map(({ name, detail }) => ({ name, trouble: detail }))
  return {
    ready: readiness({ listeners, isWritable: () => spool.isWritable() }),
    async metrics() {
      const status = await operations.status()
      return metricsText({
        version: status.version,
        messagesAccepted: counts.accepted,
        messagesRefused: counts.refused,
        attempts: rooms.delivery.counters.attempts,
        repeatedParts: rooms.delivery.counters.repeats,
        reports: rooms.reports.counters,
        queue: status.queue,
        upstreams: status.upstreams,
        listeners: status.listeners,
        alerts: status.alerts,
        diskFreeBytes: status.disk.freeBytes,
        memoryBudgetUsedBytes: rooms.memory.used,
        residentBytes: process.memoryUsage.rss(),
        sessionsOpen: rooms.submission.openConnections(),
        machine: rooms.machine?.latest,
        now: clock.wall(),
      })
    },
  }
}
