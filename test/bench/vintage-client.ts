// The other end of the vintage measurements, in a process of its own: `PORT SUITE MEGABYTES`, or `PORT SUITE 0 HANDSHAKES`.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { tls10 } from '../../src/submission/edge/vintage/versions.ts'
import { cutRecords, RawClient } from '../tls/raw-client.ts'

const [port = 0, suite = 0, megabytes = 0, handshakes = 1] = process.argv.slice(2).map(Number)
const piece = Buffer.alloc(16_000, 'x')

for (let n = 0; n < handshakes; n++) {
  const { socket, client } = await shake()
  for (let left = megabytes * 1e6; left > 0; left -= piece.length) {
    if (!socket.write(client.seal(23, piece))) await once(socket, 'drain')
  }
  socket.end(client.seal(21, Buffer.from([1, 0])))
  socket.resume()
  await once(socket, 'close')
}

async function shake(): Promise<{ socket: Socket; client: RawClient }> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const client = new RawClient({ version: tls10, suites: [suite] })
  socket.write(client.hello())
  client.hear(await records(socket, 3))
  socket.write(client.answer())
  await records(socket, 2)
  return { socket, client }
}

async function records(socket: Socket, count: number): Promise<Buffer> {
  let heard = Buffer.alloc(0)
  while (cutRecords(heard).length < count) {
    const [octets] = await once(socket, 'data')
    heard = Buffer.concat([heard, octets])
  }
  return heard
}
