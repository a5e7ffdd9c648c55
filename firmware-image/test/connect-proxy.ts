import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/** A proxy of the house that leads names to ports of loopback: the guest has no name server. */
export async function startConnectProxy(
  target: number | ((name: string) => number),
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_, response) => response.writeHead(405).end())
  const portOf = typeof target === 'number' ? () => target : target
  server.on('connect', ({ url = '' }, client, head) => {
    const onward = connect(portOf(url.split(':')[0] ?? ''), '127.0.0.1', () => {
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
