import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/** A proxy of the house that leads every name to one port of loopback: the guest has no name server. */
export async function startConnectProxy(
  target: number,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (_, client, head) => {
    const onward = connect(target, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      client.pipe(onward).pipe(client)
    })
    onward.on('error', () => client.destroy())
    client.on('error', () => onward.destroy())
  })
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
