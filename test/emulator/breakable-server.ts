// A listening TCP (or HTTPS) server whose line can be cut, refused and repaired while it runs.
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Outage } from './azure-settings.ts'

export interface BreakableServer extends AsyncDisposable {
  readonly port: number
  readonly outage: Outage
  /** Takes effect before it resolves; `refuse` closes the port and later opens the same one again. */
  setOutage(outage: Outage): Promise<void>
  /** Ends the connection of this peer with a TCP reset, whatever speaks TLS above it. */
  reset(peerPort: number | undefined): void
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  // A TCP server that has emitted 'listening' has an AddressInfo; Node's type also covers pipes.
  return (server.address() as AddressInfo).port
}

/** Port 0 takes any free one. Only `none`, `refuse` and `reset` mean something here; `503` is for who speaks HTTP. */
export async function listenBreakably(
  server: Server,
  host: string,
  wantedPort: number,
): Promise<BreakableServer> {
  // A TLSSocket cannot send a TCP reset; the raw socket beneath is found by the peer's port.
  const rawSockets = new Map<number, Socket>()
  let outage: Outage = 'none'

  server.prependListener('connection', (socket: Socket) => {
    const peer = socket.remotePort ?? 0
    rawSockets.set(peer, socket)
    socket.once('close', () => rawSockets.delete(peer))
    if (outage === 'reset') socket.resetAndDestroy()
  })
  const port = await listen(server, host, wantedPort)

  async function stopListening(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    server.close(() => resolve())
    for (const socket of rawSockets.values()) socket.resetAndDestroy()
    await promise
  }

  async function setOutage(next: Outage): Promise<void> {
    const previous = outage
    outage = next
    if (next === 'reset') for (const socket of rawSockets.values()) socket.resetAndDestroy()
    if (next === 'refuse' && previous !== 'refuse') await stopListening()
    if (next !== 'refuse' && previous === 'refuse') await listen(server, host, port)
  }

  return {
    port,
    get outage() {
      return outage
    },
    setOutage,
    reset: (peerPort) => rawSockets.get(peerPort ?? 0)?.resetAndDestroy(),
    async [Symbol.asyncDispose]() {
      if (outage !== 'refuse') await stopListening()
    },
  }
}
