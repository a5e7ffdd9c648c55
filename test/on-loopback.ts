import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Has it listen at a free port of loopback, until it is disposed of with whoever is still there. */
export async function onLoopback(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
