// Consoles that watch, in a process of their own: `live-client.ts SOCKET COUNT`. Says `ready`, then at its end how much came.
import { EventStream } from '../event-stream.ts'

const [socketPath = '', count = '0'] = process.argv.slice(2)
const streams = await Promise.all(
  Array.from({ length: Number(count) }, () => EventStream.open({ socketPath })),
)
process.stdout.write('ready\n')
process.stdin.resume()
process.stdin.on('end', () => {
  const events = streams.reduce((sum, { told }) => sum + told.length, 0)
  process.stdout.write(`${events}\n`)
  process.exit(0)
})
