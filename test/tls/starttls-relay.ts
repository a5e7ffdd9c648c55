import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface StartTlsRelay extends AsyncDisposable {
  /** Here TLS begins at once. */
  readonly port: number
}

/**
 * Lends STARTTLS to a client that knows implicit TLS alone: says what comes before it in clear to the server, then carries
 * octets both ways as they are.
 */
export async function startTlsRelay(port: number): Promise<StartTlsRelay> {
  const sockets = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => client.destroy()).on('close', () => upstream.destroy())
    }
    void upgrade(upstream).then(
      () => {
        client.pipe(upstream)
        upstream.pipe(client)
      },
      (error: Error) => client.destroy(error),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function upgrade(socket: Socket): Promise<void> {
  await answered(socket, /^220 .*\r\n$/m)
  socket.write('EHLO client\r\n')
  await answered(socket, /^250 .*\r\n$/m)
  socket.write('STARTTLS\r\n')
  await answered(socket, /^220 .*\r\n$/m)
}

/** Whatever is said until the last line of a reply has come. */
async function answered(socket: Socket, last: RegExp): Promise<void> {
  let said = ''
  socket.resume()
  while (!last.test(said)) {
    const [octets] = await once(socket, 'data')
    said += String(octets)
    if (/^[45]/m.test(said)) throw new Error(`no STARTTLS: ${said}`)
  }
  socket.pause()
}
