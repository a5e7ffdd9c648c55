// The listening side: one HTTPS server whose line can be cut, refused and repaired while it runs.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Outage } from './azure-settings.ts'
import type { Identity } from './certificate-authority.ts'

export interface HttpsListener extends AsyncDisposable {
  readonly port: number
  readonly outage: Outage
  /** Takes effect before it resolves; `refuse` closes the port and later opens the same one again. */
  setOutage(outage: Outage): Promise<void>
  /** For new connections. */
  setIdentity(identity: Identity): void
  /** Ends the connection of this request with a TCP reset. */
  reset(request: IncomingMessage): void
}

export interface HttpsListenerOptions {
  readonly identity: Identity
  readonly host: string
  readonly port: number
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  // A TCP server that has emitted 'listening' has an AddressInfo; Node's type also covers pipes.
  return (server.address() as AddressInfo).port
}

async function stopListening(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeAllConnections()
  await promise
}

export async function startHttpsListener(options: HttpsListenerOptions): Promise<HttpsListener> {
  const { identity, host } = options
  const server = createServer({ key: identity.keyPem, cert: identity.certificatePem }, options.handle)
  // A TLSSocket cannot send a TCP reset; the raw socket beneath is found by the peer's port.
  const rawSockets = new Map<number, Socket>()
  let outage: Outage = 'none'

  server.on('connection', (socket: Socket) => {
    const peer = socket.remotePort ?? 0
    rawSockets.set(peer, socket)
    socket.once('close', () => rawSockets.delete(peer))
    if (outage === 'reset') socket.resetAndDestroy()
  })
  // A client that does not trust the certificate, or leaves during the handshake, is part of the game.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const port = await listen(server, host, options.port)

  function resetAll(): void {
    for (const socket of rawSockets.values()) socket.resetAndDestroy()
  }

  async function setOutage(next: Outage): Promise<void> {
    const previous = outage
    outage = next
    if (next === 'reset' || next === 'refuse') resetAll()
    if (next === 'refuse' && previous !== 'refuse') await stopListening(server)
    if (next !== 'refuse' && previous === 'refuse') await listen(server, host, port)
  }

  return {
    port,
    get outage() {
      return outage
    },
    setOutage,
    setIdentity: (next) => server.setSecureContext({ key: next.keyPem, cert: next.certificatePem }),
    reset: (request) => rawSockets.get(request.socket.remotePort ?? 0)?.resetAndDestroy(),
    async [Symbol.asyncDispose]() {
      resetAll()
      if (outage !== 'refuse') await stopListening(server)
    },
  }
}
