// A device as a test plays it: lines out, replies in, over a plain socket; sends as fast as the answers come.
import { connect, type Socket } from 'node:net'

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly content: string | Buffer
}

/** One SMTP session. Rejects where the connection breaks; a reply of any code is a result. */
export class SmtpClient implements Disposable {
  readonly #socket: Socket
  #received = ''
  #waiting: { readonly resolve: (reply: string) => void; readonly reject: (error: Error) => void } | undefined
  #broken: Error | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay()
    socket.on('data', (octets: Buffer) => {
      this.#received += octets.toString('latin1')
      this.#deliver()
    })
    const fail = (error?: Error): void => {
      this.#broken = error ?? new Error('the connection was closed')
      this.#waiting?.reject(this.#broken)
    }
    socket.on('error', fail)
    socket.on('close', () => fail(this.#broken))
  }

  /** Connects and reads the greeting. */
  static async connect(port: number, host = '127.0.0.1', localAddress?: string): Promise<SmtpClient> {
    const client = new SmtpClient(
      connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) }),
    )
    await client.reply()
    return client
  }

  /** Sends one line and gives the whole reply, lines joined by LF. */
  command(line: string): Promise<string> {
    this.#socket.write(`${line}\r\n`)
    return this.reply()
  }

  write(octets: string | Buffer): void {
    this.#socket.write(octets)
  }

  reply(): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken)
      this.#waiting = { resolve, reject }
      this.#deliver()
    })
  }

  async signIn(username: string, password: string): Promise<string> {
    return this.command(`AUTH PLAIN ${Buffer.from(`\0${username}\0${password}`).toString('base64')}`)
  }

  /** One mail; the reply to its last octet. */
  async send(mail: Mail): Promise<string> {
    await this.command(`MAIL FROM:<${mail.from}>`)
    for (const to of mail.to) await this.command(`RCPT TO:<${to}>`)
    await this.command('DATA')
    this.#socket.write(mail.content)
    return this.command('\r\n.')
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  #deliver(): void {
    const end = /^\d{3} .*\r\n|^\d{3}\r\n/m.exec(this.#received)
    if (!end || !this.#waiting) return
    const length = end.index + end[0].length
    const reply = this.#received.slice(0, length).trimEnd().replaceAll('\r\n', '\n')
    this.#received = this.#received.slice(length)
    const { resolve } = this.#waiting
    this.#waiting = undefined
    resolve(reply)
  }
}
