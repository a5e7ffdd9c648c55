import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { frontHtml, frontText, styleHash } from './front-page.ts'
import { hostOf } from './hosts.ts'
import type { ConsolePorts } from './ports.ts'

type ConsoleContext = Context<{ Bindings: HttpBindings }>

const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Every page of the TCP side. Nothing here changes anything, nothing shows mail. */
export function consoleApp(ports: ConsolePorts): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  const visitors = only(ports.mayVisit, 'This page is not for your network.')
  const trusted = only(ports.isTrusted, 'This page is for trusted networks only.')
  app.use(guardedHeaders(), ownHostsOnly(ports))
  app.get('/', visitors, async (c) => frontPage(c, ports))
  app.get('/healthz', trusted, (c) => c.text('ok\n'))
  app.get('/readyz', trusted, async (c) => readiness(c, ports))
  app.get('/metrics', trusted, async (c) => {
    return c.body(await ports.vitals.metrics(), 200, { 'content-type': metricsType })
  })
  app.notFound((c) => c.text('There is nothing here.\n', 404))
  app.onError((error, c) => {
    ports.log.write('error', 'console-request-failed', { path: c.req.path, detail: String(error) })
    return c.text('Something went wrong here; the log says what.\n', 500)
  })
  return app
}

function guardedHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: [styleHash],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // A box is reached by address and by names of its network: a promise of HTTPS for ever would lock people out.
    strictTransportSecurity: false,
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
  })
}

/** RFC 9110 section 15.5.20: 421 for a name that is not ours. */
function ownHostsOnly(ports: ConsolePorts): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    c.header('Cache-Control', 'no-store')
    const host = hostOf(c.env.incoming.headers.host ?? '')
    if (host !== undefined && ports.isKnownHost(host)) return next()
    return c.text(
      'This box does not go by that name: use its address, its name, or its name with .local.\n',
      421,
    )
  }
}

function only(
  isAllowed: (address: string) => boolean,
  sentence: string,
): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    if (isAllowed(c.env.incoming.socket.remoteAddress ?? '')) return next()
    return c.text(`${sentence}\n`, 403)
  }
}

async function frontPage(c: ConsoleContext, ports: ConsolePorts): Promise<Response> {
  const about = await ports.about()
  c.header('Vary', 'Accept')
  return /\btext\/html\b/.test(c.req.header('accept') ?? '')
    ? c.html(frontHtml(about))
    : c.text(frontText(about))
}

async function readiness(c: ConsoleContext, ports: ConsolePorts): Promise<Response> {
  const { ready, reason } = await ports.vitals.ready()
  return ready ? c.text('ready\n') : c.text(`not ready: ${reason}\n`, 503)
}
