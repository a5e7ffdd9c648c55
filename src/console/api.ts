import type { Log } from '../core/log.ts'
import type { Operations } from '../core/operations.ts'
import { errorAnswer } from './answers.ts'
import { alertRoutes } from './api-alerts.ts'
import { auditRoutes } from './api-audit.ts'
import { backupRoutes } from './api-backup.ts'
import { cureRoutes } from './api-cures.ts'
import { decommissionRoutes } from './api-decommission.ts'
import { fleetRoutes } from './api-fleet.ts'
import { identityRoutes } from './api-identity.ts'
import { learningRoutes } from './api-learning.ts'
import { type LiveStreams, liveRoutes, noStreams } from './api-live.ts'
import { networkRoutes } from './api-network.ts'
import { pageRoutes } from './api-pages.ts'
import { peopleRoutes } from './api-people.ts'
import { queueRoutes } from './api-queue.ts'
import { reportRoutes } from './api-reports.ts'
import { setupRoutes } from './api-setup.ts'
import { updateRoutes } from './api-update.ts'
import { BadRequest, whoOf } from './request-fields.ts'
import { type Answer, type Asked, type Route, type Site, under } from './router.ts'

/**
 * `/api/v1`: one route per method of `Operations`, JSON in and out, errors as `{error}`: 400 not understood, 404 not
 * there, 405 not in this way, 409 refused with the reason, 413 too long, 422 what was asked for is wrong in itself, such
 * as an invalid setup document.
 */
export const apiRoutes = (
  operations: Operations,
  live: LiveStreams,
  holds?: (asked: Asked) => () => boolean,
): readonly Route[] => [
  ...queueRoutes(operations),
  ...setupRoutes(operations),
  ...peopleRoutes(operations),
  ...learningRoutes(operations),
  ...reportRoutes(operations),
  ...alertRoutes(operations),
  ...liveRoutes(live, holds),
  ...cureRoutes(operations),
  ...backupRoutes(operations),
  ...identityRoutes(operations),
  ...networkRoutes(operations),
  ...updateRoutes(operations),
  ...fleetRoutes(operations),
  ...auditRoutes(operations),
  ...decommissionRoutes(operations),
  ...pageRoutes(operations),
]

/** The API on the control socket: whoever may open it may do everything. */
export function controlSite(operations: Operations, log: Log, live: LiveStreams = noStreams): Site {
  return {
    routes: under('/api/v1', apiRoutes(operations, live)),
    admit: (asked) => ({ kind: 'admitted', caller: { access: 'box', who: whoOf(asked) } }),
    ...apiAnswers(log),
    failed: (error, asked) => failure(error, asked, log, (told) => told),
  }
}

/** What the API says of what it can't do. */
export function apiAnswers(log: Log): Pick<Site, 'notFound' | 'notAllowed' | 'failed'> {
  return {
    notFound: ({ method, path }) => errorAnswer(`there is no ${method} ${path}`, 404),
    notAllowed: ({ method, path }, allowed) =>
      errorAnswer(`there is no ${method} ${path}, only ${allowed}`, 405),
    failed: (error, asked) =>
      failure(error, asked, log, () => 'something went wrong here; the log says what'),
  }
}

/** What went wrong by our fault names files and statements: that is for who is on the box. */
function failure(error: unknown, { path }: Asked, log: Log, tell: (detail: string) => string): Answer {
  if (error instanceof BadRequest) return errorAnswer(error.message, error.status)
  log.write('error', 'api-request-failed', { path, detail: String(error) })
  return errorAnswer(tell(error instanceof Error ? error.message : String(error)), 500)
}
