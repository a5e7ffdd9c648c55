// Whoever means ill, in a process of its own: `PLAIN-PORT TLS-PORT`. A thousand connections that are silent or slow, taken
// up again when they are dropped, and 200 broken handshakes a second, from 20 addresses of loopback. Says `ready` once.
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { helloOf } from '../submission/hello.ts'

const [plainPort = 0, tlsPort = 0] = process.argv.slice(2).map(Number)
const slowConnections = 1000
const handshakesPerSecond = 200
const attackMs = 50
const againMs = 5000
const hello = await helloOf({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })

const addressOf = (n: number): string => `127.0.1.${1 + (n % 20)}`
function open(port: number, n: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: addressOf(n), noDelay: true })
  return socket.on('error', () => undefined)
}

/** Nothing, the beginning of a command, the beginning of a hello, an octet of a command every second. */
function hold(n: number, settled: () => void): void {
  const socket = open(n % 4 === 2 ? tlsPort : plainPort, n).resume()
  let trickle: NodeJS.Timeout | undefined
  socket.once('connect', () => {
    if (n % 4 === 1) socket.write('EHLO att')
    if (n % 4 === 2) socket.write(hello.subarray(0, 40))
    if (n % 4 === 3) trickle = setInterval(() => socket.write('x'), 1000)
    settled()
  })
  socket.once('close', () => {
    clearInterval(trickle)
    setTimeout(() => hold(n, () => undefined), againMs)
  })
}

/** Noise, a record of noise, a good hello and noise behind the answer, a good hello and nothing more. */
function shakeBadly(n: number): void {
  const socket = open(tlsPort, n)
  const noise = randomBytes(200)
  if (n % 4 === 0) socket.write(noise)
  else if (n % 4 === 1) socket.write(Buffer.concat([Buffer.from([22, 3, 1, 0, 200]), noise]))
  else socket.write(hello)
  if (n % 4 === 2) socket.once('data', () => socket.end(noise))
  socket.resume()
  setTimeout(() => socket.destroy(), 2000)
}

await Promise.all(
  Array.from({ length: slowConnections }, (_, n) => new Promise<void>((settled) => hold(n, settled))),
)
let count = 0
setInterval(() => {
  for (let n = 0; n < (handshakesPerSecond * attackMs) / 1000; n++) shakeBadly(count++)
}, attackMs)
console.log('ready')
