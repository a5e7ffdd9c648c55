import { connect as connectSocket, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** A line that never comes fails the test instead of hanging it. */
const longestWaitMs = 8000

/** The other end of a socket as a transcript tells it: `C:` what the device says, `S:` what it must hear. */
export class Peer implements Disposable {
  #socket: Socket
  #heard = ''
  #isClosed = false
  #wake = Promise.withResolvers<void>()

  constructor(socket: Socket) {
    this.#socket = socket
    this.#listen(socket)
  }

  static connect(
    port: number,
    options: { readonly localAddress?: string; readonly host?: string } = {},
  ): Peer {
    return new Peer(connectSocket({ port, host: '127.0.0.1', ...options }))
  }

  static connectTls(port: number, options: ConnectionOptions = {}): Peer {
    return new Peer(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }))
  }

  get socket(): Socket {
    return this.#socket
  }

  /** Everything heard so far that no line took. */
  get rest(): string {
    return this.#heard
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  says(octets: string | Uint8Array): void {
    this.#socket.write(octets)
  }

  /** The next line; `(closed)` when there is none to come. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#heard.indexOf('\r\n')
      if (end >= 0) {
        const line = this.#heard.slice(0, end)
        this.#heard = this.#heard.slice(end + 2)
        return line
      }
      if (this.#isClosed) return '(closed)'
      await this.#stirred()
    }
  }

  /** The lines of the next reply. */
  async reply(): Promise<string[]> {
    const lines = [await this.line()]
    while (/^\d{3}-/.test(lines.at(-1) ?? '')) lines.push(await this.line())
    return lines
  }

  /** Says a line, hears the reply. */
  async ask(line: string): Promise<string> {
    this.says(`${line}\r\n`)
    return (await this.reply()).join('\n')
  }

  /**
   * Plays a transcript. `S:` lines are compared whole, `*` stands for anything; `S: (closed)` is the end of the
   * connection. In `C:` lines `\r`, `\n`, `\0` and `\xNN` mean those octets and `\` at the end leaves the line end out.
   */
  async play(transcript: string): Promise<void> {
    for (const row of transcript.split('\n').map((line) => line.trim())) {
      if (row.startsWith('C:')) this.says(spoken(row.slice(2).replace(/^ /, '')))
      else if (row.startsWith('S:')) expectLine(await this.line(), row.slice(2).trim())
      else if (row !== '') throw new Error(`no C: or S: in ${row}`)
    }
  }

  /** STARTTLS from this side, after its 220. */
  async startTls(options: ConnectionOptions = {}): Promise<void> {
    this.#socket.removeAllListeners('data')
    const secured = connectTls({ socket: this.#socket, rejectUnauthorized: false, ...options })
    this.#listen(secured)
    this.#socket = secured
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve)
      secured.once('error', reject)
    })
  }

  async closed(): Promise<void> {
    while (!this.#isClosed) await this.#stirred()
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #listen(socket: Socket): void {
    socket.on('data', (octets: Buffer) => {
      this.#heard += octets.toString('latin1')
      this.#stir()
    })
    socket.on('error', () => undefined)
    const close = (): void => {
      this.#isClosed = true
      this.#stir()
    }
    socket.on('end', close).on('close', close)
  }

  async #stirred(): Promise<void> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error(`silence after "${this.#heard}"`)), longestWaitMs)
    try {
      await Promise.race([this.#wake.promise, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #stir(): void {
    const { resolve } = this.#wake
    this.#wake = Promise.withResolvers()
    resolve()
  }
}

const escapes: Readonly<Record<string, string>> = { r: '\r', n: '\n', '0': '\0', t: '\t' }

function spoken(text: string): Buffer {
  const isOpen = text.endsWith('\\')
  const line = isOpen ? text.slice(0, -1) : `${text}\r\n`
  const octets = line.replace(
    /\\(?:x([0-9a-f]{2})|([rn0t]))/gi,
    (_all, hex: string | undefined, name: string) =>
      hex === undefined ? (escapes[name] ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(octets, 'latin1')
}

function expectLine(heard: string, wanted: string): void {
  const pattern = wanted.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  if (!new RegExp(`^${pattern.join('.*')}$`).test(heard)) {
    throw new Error(`heard "${heard}", wanted "${wanted}"`)
  }
}
