import { createServer, type Socket } from 'node:net'
import { replies, replyText } from '../core/reply.ts'
import type { ListenerSetup } from '../core/setup.ts'
import { second } from '../core/time.ts'

/** A place where devices are told to come later; disposing closes it. */
export interface ClosedDoor extends AsyncDisposable {
  readonly kind: 'open'
  readonly port: number
}

const greeting = `${replies.noStorage.code} ${replyText(replies.noStorage)}\r\n`
/** For a client to read it, and to hang up. */
const longestMs = 5 * second
const mostConnections = 50

/**
 * Says 421 to whoever connects (RFC 5321 section 3.8): every device keeps its mail and tries again. In implicit TLS nothing can
 * be said without a certificate: there the connection is closed.
 */
export async function closedDoor({
  address,
  port,
  security,
}: Pick<ListenerSetup, 'address' | 'port' | 'security'>): Promise<
  ClosedDoor | { readonly kind: 'refused'; readonly reason: string }
> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy()).setTimeout(longestMs, () => socket.destroy())
    if (security === 'implicit') socket.destroy()
    else socket.resume().end(greeting)
  })
  server.maxConnections = mostConnections
  const trouble = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve).listen({ host: address, port }, () => resolve(undefined))
  })
  if (trouble) return { kind: 'refused', reason: trouble.message }
  const bound = server.address()
  return {
    kind: 'open',
    port: typeof bound === 'object' && bound ? bound.port : 0,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
