import { createServer, type Server } from 'node:http'
import type { ListenOptions } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { second } from '../core/time.ts'

/** An HTTP server that accepts; disposing lets answers under way end, for two seconds at most. */
export interface OpenServer extends AsyncDisposable {
  readonly kind: 'open'
  /** 0 for a Unix socket. */
  readonly port: number
}

export type Opening = OpenServer | { readonly kind: 'refused'; readonly reason: string }

/** A server over a Hono app whose requests and headers have to arrive in time. */
export function httpServer(app: Hono<{ Bindings: HttpBindings }>): Server {
  const options = {
    headersTimeout: 10 * second,
    requestTimeout: 30 * second,
    keepAliveTimeout: 5 * second,
    connectionsCheckingInterval: 5 * second,
  }
  // The globals stay Node's own: the Azure SDK lives in the same process.
  const server = createServer(options, getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  server.maxConnections = 200
  return server
}

/** Listens; an address in use or not of this machine is refused with a sentence. Aborting the signal closes. */
export async function openServer(
  server: Server,
  where: ListenOptions,
  signal?: AbortSignal,
): Promise<Opening> {
  const trouble = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(where, () => {
      server.off('error', resolve)
      resolve(undefined)
    })
  })
  if (trouble) return { kind: 'refused', reason: trouble.message }
  const closing = closer(server)
  signal?.addEventListener('abort', () => void closing(), { once: true })
  if (signal?.aborted) await closing()
  const address = server.address()
  return {
    kind: 'open',
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: closing,
  }
}

function closer(server: Server): () => Promise<void> {
  let closed: Promise<void> | undefined
  return () => {
    closed ??= new Promise((resolve) => {
      const deadline = setTimeout(() => server.closeAllConnections(), 2 * second)
      server.close(() => {
        clearTimeout(deadline)
        resolve()
      })
      server.closeIdleConnections()
    })
    return closed
  }
}
