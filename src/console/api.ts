import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Log } from '../core/log.ts'
import type { Operations } from '../core/operations.ts'
import { peopleRoutes } from './api-people.ts'
import { queueRoutes } from './api-queue.ts'
import { setupRoutes } from './api-setup.ts'
import { BadRequest } from './request-fields.ts'

/**
 * `/api/v1`: one route per method of `Operations`, JSON in and out, errors as `{error}`: 400 not understood, 404 not
 * there, 409 refused with the reason, 413 too long, 422 an invalid setup document.
 */
export function controlApp(operations: Operations, log: Log): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.route('/api/v1', queueRoutes(operations))
  app.route('/api/v1', setupRoutes(operations))
  app.route('/api/v1', peopleRoutes(operations))
  app.notFound((c) => c.json({ error: `there is no ${c.req.method} ${c.req.path}` }, 404))
  app.onError((error, c) => {
    if (error instanceof BadRequest) return c.json({ error: error.message }, error.status)
    log.write('error', 'api-request-failed', { path: c.req.path, detail: String(error) })
    return c.json({ error: error.message }, 500)
  })
  return app
}
