import { once } from 'node:events'
import { createServer } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'

/** The first octets that Node's own TLS client sends. */
export async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0
  const client = connect({ port, host: '127.0.0.1', ...options })
  client.on('error', () => undefined)
  const [socket] = await once(server, 'connection')
  const [octets] = await once(socket, 'data')
  client.destroy()
  server.close()
  return octets
}
