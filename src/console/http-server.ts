import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { ListenOptions, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { minute, second } from '../core/time.ts'
import { neighbourhoodOf } from './guesses.ts'
import { type Answer, type Asked, answerTo, type Site } from './router.ts'

/** An HTTP server that accepts; disposing lets answers under way end, for two seconds at most. */
export interface OpenServer extends AsyncDisposable {
  readonly kind: 'open'
  /** 0 for a Unix socket. */
  readonly port: number
}

export type Opening = OpenServer | { readonly kind: 'refused'; readonly reason: string }

/** For a body to arrive, or, of one that takes its time, for its next octet. */
const bodyTimeoutMs = 30 * second

/** Whoever reads nothing for so long does not come back; a stream of events has a sign of life every 15 s. */
const unreadTimeoutMs = minute

/**
 * What one address may hold open, with its neighbours in IPv6 (a host has 2^64 of them), so that the others find a place:
 * a browser takes six.
 */
const mostOfOneAddress = 60

interface ServerOptions {
  /** Answers what comes without TLS. */
  readonly plain?: Site
  readonly bodyWithinMs?: number
  /** For the reader of an answer to take more of it. */
  readonly unreadMs?: number
}

/** A server whose requests and headers have to arrive in time. */
export function httpServer(
  site: Site,
  { plain = site, bodyWithinMs = bodyTimeoutMs, unreadMs = unreadTimeoutMs }: ServerOptions = {},
): Server {
  const options = {
    headersTimeout: 10 * second,
    // A limit of our own below: an upload may take longer.
    requestTimeout: 0,
    keepAliveTimeout: 5 * second,
    connectionsCheckingInterval: 5 * second,
  }
  const server = createServer(options, (incoming, outgoing) => {
    const isSecure = 'encrypted' in incoming.socket
    const deadlines = { bodyWithinMs, unreadMs }
    converse(isSecure ? site : plain, incoming, outgoing, deadlines).catch(() => outgoing.destroy())
  })
  server.maxConnections = 200
  return server
}

async function converse(
  site: Site,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { bodyWithinMs, unreadMs }: Required<Pick<ServerOptions, 'bodyWithinMs' | 'unreadMs'>>,
): Promise<void> {
  const cutOff = (): void => {
    if (!incoming.complete) incoming.destroy(new Error('the request did not arrive in time'))
  }
  const deadline = setTimeout(cutOff, bodyWithinMs)
  incoming.once('close', () => clearTimeout(deadline))
  const takeTime = (): void => {
    clearTimeout(deadline)
    incoming.setTimeout(bodyWithinMs, cutOff)
  }
  const answer = await answerTo(site, askedOf(incoming, takeTime))
  endUnread(outgoing, unreadMs)
  await write(answer, outgoing)
  // What nobody wanted to read is dropped, so that the connection can serve the next request.
  incoming.resume()
}

function askedOf(incoming: IncomingMessage, takeTime: () => void): Asked {
  const { method = '', headers, socket, url = '' } = incoming
  return {
    method,
    headers,
    ...targetOf(url),
    from: plainAddress(socket.remoteAddress),
    at: plainAddress(socket.localAddress),
    isSecure: 'encrypted' in socket,
    // A reader that stops early has an answer to give, on this connection.
    body: { [Symbol.asyncIterator]: () => incoming.iterator({ destroyOnReturn: false }) },
    takeTime,
  }
}

/** An IPv4 address as itself, also on a socket of IPv6 (RFC 4291 section 2.5.5.2). */
const plainAddress = (address: string = ''): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

/** Empty on a Unix socket: whoever may open that one is not counted. */
const placeOf = (socket: Socket): string => neighbourhoodOf(plainAddress(socket.remoteAddress))

/** Origin form or absolute form (RFC 9112 section 3.2); what counts as the host is the `Host` header alone. */
function targetOf(target: string): Pick<Asked, 'path' | 'query'> {
  const [, path, query] = /^(?:[a-z]+:\/\/[^/?]*)?([^?]*)\??(.*)$/i.exec(target) ?? []
  return { path: path || '/', query: new URLSearchParams(query) }
}

function endUnread(outgoing: ServerResponse, unreadMs: number): void {
  outgoing.setTimeout(unreadMs, () => outgoing.destroy())
  // The next answer on this connection may take its time to be made: before that one gets the socket.
  outgoing.prependOnceListener('finish', () => outgoing.socket?.setTimeout(0))
}

async function write({ status, headers: told, body }: Answer, outgoing: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(told).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  )
  if (typeof body === 'string' || body instanceof Uint8Array) {
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
    return
  }
  outgoing.writeHead(status, headers).flushHeaders()
  const pieces = outgoing.req.method === 'HEAD' ? [] : body
  // With back-pressure; on trouble the pipeline destroys the connection itself, which is all that can still be said.
  const readable = Readable.from(pieces)
  // To whoever left before the first piece nothing is piped, and the pipeline leaves the source open.
  await pipeline(readable, outgoing).catch(() => readable.destroy())
}

/** Listens; an address in use or not of this machine is refused with a sentence. Aborting the signal closes. */
export async function openServer(
  server: Server,
  where: ListenOptions,
  signal?: AbortSignal,
): Promise<Opening> {
  const sockets = connectionsOf(server)
  const trouble = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(where, () => {
      server.off('error', resolve)
      resolve(undefined)
    })
  })
  if (trouble) return { kind: 'refused', reason: trouble.message }
  const closing = closer(server, sockets)
  signal?.addEventListener('abort', () => void closing(), { once: true })
  if (signal?.aborted) await closing()
  const address = server.address()
  return {
    kind: 'open',
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: closing,
  }
}

/** What is open now. Connections beyond what one place may hold are closed at once. */
function connectionsOf(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.prependListener('connection', (socket) => {
    const place = placeOf(socket)
    const others = place === '' ? [] : [...sockets].filter((other) => placeOf(other) === place)
    if (others.length >= mostOfOneAddress) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

function closer(server: Server, sockets: ReadonlySet<Socket>): () => Promise<void> {
  let closed: Promise<void> | undefined
  return () => {
    closed ??= new Promise((resolve) => {
      const deadline = setTimeout(() => {
        // Those also that have not said a word yet, and that the server does not count.
        for (const socket of sockets) socket.destroy()
      }, 2 * second)
      server.close(() => {
        clearTimeout(deadline)
        resolve()
      })
      server.closeIdleConnections()
    })
    return closed
  }
}
