// The Wi-Fi between a phone and the box: it can go away, and what was asked over it is known.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface LineToBox extends AsyncDisposable {
  /** Where a browser finds the box by this line. */
  readonly box: string
  /** Heads of the requests that went over it, in order. */
  readonly asked: readonly string[]
  /** What streams of events told by it, one text a stream. */
  readonly told: () => readonly string[]
  /** Whatever is under way ends, and nobody gets through until `mend`. */
  cut(): void
  mend(): void
}

/** Plain HTTP only: `box` is `http://127.0.0.1:PORT`. */
export async function lineTo(box: string): Promise<LineToBox> {
  const port = Number(new URL(box).port)
  const sockets = new Set<Socket>()
  const asked: string[] = []
  const streams: { text: string }[] = []
  let isCut = false
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
  }
  const server = createServer((phone) => {
    keep(phone)
    if (isCut) return phone.destroy()
    const there = keep(connect(port, '127.0.0.1'))
    let stream: { text: string } | undefined
    phone.on('data', (octets: Buffer) => {
      const heads = octets.toString('latin1').match(/^[A-Z]+ \S+ HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*/gm)
      asked.push(...(heads ?? []))
      if (!heads?.some((head) => head.startsWith('GET /api/v1/events'))) return
      stream = { text: '' }
      streams.push(stream)
    })
    there.on('data', (octets: Buffer) => {
      if (stream) stream.text += octets.toString('latin1')
    })
    phone.pipe(there).pipe(phone)
    phone.on('close', () => there.destroy())
    return there.on('close', () => phone.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const end = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    box: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    asked,
    // Without the sizes of its chunks (RFC 9112 section 7.1).
    told: () => streams.map(({ text }) => text.replace(/\r\n[0-9a-f]+\r\n/g, '')),
    cut() {
      isCut = true
      end()
    },
    mend() {
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      end()
      server.close()
      await once(server, 'close')
    },
  }
}
