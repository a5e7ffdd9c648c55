import { createServer } from 'node:http'
import { connect } from 'node:net'
import { onLoopback } from '../../test/on-loopback.ts'

/** A proxy of the house that leads names to ports of loopback: the guest has no name server. */
export function startConnectProxy(
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
  return onLoopback(server)
}
