import type { Operations } from '../core/operations.ts'
import { build } from '../platform/build.ts'

export interface SupportParts {
  readonly operations: Operations
  readonly log: () => readonly string[]
}

/** So many sessions say what a box is like; more are read by nobody. */
const mostSessions = 30

/** Everything that may leave the house for somebody who helps. */
export async function supportPaper({ operations, log }: SupportParts): Promise<string> {
  const [{ supportBundle }, status, diagnosis, calendar, alerts, audit, setup, sessions] = await Promise.all([
    import('../papers/support-bundle.ts'),
    operations.status(),
    operations.doctor(),
    operations.calendar(),
    operations.alerts(),
    operations.verifyAudit([]),
    operations.exportSetup(),
    operations.sessions(mostSessions),
  ])
  const { node, openssl, v8 } = process.versions
  const versions = {
    inkpost: build.version,
    built: new Date(build.date).toISOString().slice(0, 10),
    node,
    openssl,
    v8,
    platform: `${process.platform} ${process.arch}`,
  }
  return supportBundle({
    versions,
    status,
    diagnosis,
    calendar,
    alerts: alerts.active,
    audit,
    setup,
    sessions,
    log: log(),
  })
}
