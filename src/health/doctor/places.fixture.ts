// Places that the doctor's tests reach for: what firewalls, portals and wrong servers do, on loopback.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Identity } from '../../../test/emulator/certificate-authority.ts'

export interface Place extends AsyncDisposable {
  readonly port: number
  /** Everything that was said to it. */
  readonly heard: () => string
}

/** Calls `greet` with each connection, then `answer` with what it says. */
export async function startPlace(
  greet: (socket: Socket) => void,
  answer: (said: string, socket: Socket) => void = () => {},
  identity?: Identity,
): Promise<Place> {
  let heard = ''
  const sockets = new Set<Socket>()
  const take = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (octets) => {
      heard += octets.toString('latin1')
      answer(octets.toString('latin1'), socket)
    })
    greet(socket)
  }
  const server: Server = identity
    ? createTlsServer({ key: identity.keyPem, cert: identity.certificatePem }, take)
    : createServer(take)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** An SMTP server that says these EHLO lines, and hangs up at everything it does not know. */
export const smtpPlace = (banner: string, ...ehlo: readonly string[]): Promise<Place> =>
  startPlace(
    (socket) => void socket.write(`${banner}\r\n`),
    (said, socket) => {
      if (said.startsWith('EHLO')) socket.write(`${ehlo.join('\r\n')}\r\n`)
      else socket.end('221 bye\r\n')
    },
  )

/** An HTTPS server that answers each request with these lines. */
export const httpsPlace = (identity: Identity, ...lines: readonly string[]): Promise<Place> =>
  startPlace(
    () => {},
    (_said, socket) => socket.end(`${lines.join('\r\n')}\r\n\r\n`),
    identity,
  )
