import type { Operations } from '../core/operations.ts'
import { build } from '../platform/build.ts'

export interface SupportParts {
  readonly operations: Operations
  readonly log: () => readonly string[]
  readonly secrets: () => readonly string[]
}

/** So many sessions say what a box is like; more are read by nobody. */
const mostSessions = 30

/** Everything that may leave the house for somebody who helps. */
export async function supportPaper({ operations, log, secrets }: SupportParts): Promise<string> {
  const [{ supportBundle }, status, health, diagnosis, calendar, alerts, audit, setup, sessions, claim] =
    await Promise.all([
      import('../papers/support-bundle.ts'),
      operations.status(),
      operations.health(),
      operations.doctor(),
      operations.calendar(),
      operations.alerts(),
      operations.verifyAudit([]),
      operations.exportSetup(),
      operations.sessions(mostSessions),
      operations.claim(),
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
    health,
    diagnosis,
    calendar,
    alerts: alerts.active,
    audit,
    setup,
    sessions,
    log: log(),
    secrets: [...secrets(), claim.code],
  })
}
