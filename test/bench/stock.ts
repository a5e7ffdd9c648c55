// Our edge beside stock smtp-server: CPU seconds for the same mails by the same client with the same ciphers, as a ratio.
// The limit compares what they do at the socket: behind both the content is hashed and indexed by the same code. Beside it,
// without a limit, smtp-server that throws the content away.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type Measured, median } from './limits.ts'
import type { StockPorts } from './stock-server.ts'

const rounds = 7
const mails = 4
const connections = 2
const line = `${'JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0ZURl'}\r\n`
const head =
  'From: scanner@contoso.com\r\nTo: anna@contoso.com\r\nSubject: scan\r\nDate: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@scanner>\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name="scan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
const mail = Buffer.from(head + line.repeat(Math.round(9e6 / line.length)))
const end = '\r\n.\r\n'

interface Way {
  readonly name: string
  readonly atMost: number
  readonly connect: (ports: StockPorts) => Promise<Socket>
}

const overTls = async (port: number, options: ConnectionOptions): Promise<Socket> => {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  return socket
}
const ways: readonly Way[] = [
  {
    name: 'plain',
    atMost: 1.05,
    connect: ({ plain }) => Promise.resolve(connectSocket({ port: plain, host: '127.0.0.1' })),
  },
  {
    name: 'TLS 1.2 AES128-GCM',
    atMost: 1.1,
    connect: ({ tls }) => overTls(tls, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }),
  },
  {
    name: 'TLS 1.0 AES128-SHA',
    atMost: 1.1,
    connect: ({ tls }) =>
      overTls(tls, { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' }),
  },
]

export async function measureStock(): Promise<readonly Measured[]> {
  await using edge = await Server.start('edge')
  await using stock = await Server.start('stock')
  await using bare = await Server.start('bare')
  const rows: Measured[] = []
  for (const way of ways) {
    await edge.cpuSeconds(way)
    await stock.cpuSeconds(way)
    await bare.cpuSeconds(way)
    const spent: Spent[] = []
    for (let round = 0; round < rounds; round++) {
      spent.push({
        ours: await edge.cpuSeconds(way),
        theirs: await stock.cpuSeconds(way),
        bare: await bare.cpuSeconds(way),
      })
    }
    const perMegabyte = (seconds: readonly number[]): number =>
      (median(seconds) * 1000) / ((mail.length * mails * connections) / 1e6)
    const unit = 'ms CPU/MB'
    rows.push(
      { name: `9 MB mails, ${way.name}: inkpost`, value: perMegabyte(spent.map(({ ours }) => ours)), unit },
      {
        name: `9 MB mails, ${way.name}: smtp-server`,
        value: perMegabyte(spent.map(({ theirs }) => theirs)),
        unit,
      },
      {
        name: `9 MB mails, ${way.name}: ratio to smtp-server that drops the content`,
        value: median(spent.map(({ ours, bare }) => ours / bare)),
        unit: 'x',
      },
      {
        name: `9 MB mails, ${way.name}: ratio`,
        value: median(spent.map(({ ours, theirs }) => ours / theirs)),
        unit: 'x',
        limit: { kind: 'at-most', value: way.atMost },
      },
    )
  }
  return rows
}

interface Spent {
  readonly ours: number
  readonly theirs: number
  readonly bare: number
}

class Server implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ports: StockPorts

  private constructor(child: ChildProcess, ports: StockPorts) {
    this.#child = child
    this.#ports = ports
  }

  static async start(kind: 'edge' | 'stock' | 'bare'): Promise<Server> {
    const child = fork(join(import.meta.dirname, 'stock-server.ts'), [kind], { execArgv: ['--no-warnings'] })
    const [ports]: StockPorts[] = await once(child, 'message')
    if (!ports) throw new Error(`${kind} did not start`)
    return new Server(child, ports)
  }

  /** What it spends while the mails come in. */
  async cpuSeconds(way: Way): Promise<number> {
    const before = await this.#spent()
    await Promise.all(Array.from({ length: connections }, () => submit(way, this.#ports)))
    return (await this.#spent()) - before
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }

  async #spent(): Promise<number> {
    this.#child.send('cpu')
    const [seconds]: number[] = await once(this.#child, 'message')
    return seconds ?? Number.NaN
  }
}

/** Some mails on one kept connection. */
async function submit(way: Way, ports: StockPorts): Promise<void> {
  const socket = await way.connect(ports)
  const replies = repliesOf(socket)
  const ask = async (octets: string | Buffer, code: string): Promise<void> => {
    socket.write(octets)
    const reply = await replies()
    if (!reply.startsWith(code)) throw new Error(`${way.name}: ${reply}`)
  }
  await replies()
  await ask('EHLO bench\r\n', '250')
  for (let n = 0; n < mails; n++) {
    await ask('MAIL FROM:<scanner@contoso.com>\r\n', '250')
    await ask('RCPT TO:<anna@contoso.com>\r\n', '250')
    await ask('DATA\r\n', '354')
    socket.write(mail)
    await ask(end, '250')
  }
  socket.destroy()
}

/** The next whole reply. */
function repliesOf(socket: Socket): () => Promise<string> {
  let heard = ''
  let wake: (() => void) | undefined
  socket.on('data', (octets: Buffer) => {
    heard += octets.toString('latin1')
    wake?.()
  })
  return async () => {
    for (;;) {
      const reply = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(heard)?.[0]
      if (reply !== undefined) {
        heard = heard.slice(reply.length)
        return reply
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
}
