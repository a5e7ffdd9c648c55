import { Readable } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { minute, second } from '../core/time.ts'
import { ParameterConnection } from './smtp-connection.ts'
import type { SmtpEnvelope } from './smtp-envelope.ts'
import { connectSocket } from './smtp-socket.ts'

export interface SmtpServer {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'implicit' | 'plain'
  /** Our name in EHLO. */
  readonly hostname: string
  /** Roots to trust; undefined: the runtime's own. */
  readonly context: SecureContext | undefined
  readonly signIn: { readonly username: string; readonly password: string } | undefined
}

/** How one transaction ended. */
export interface Transaction {
  /** Undefined: the server took it, saying `reply`. */
  readonly failure: unknown
  readonly reply: string
  /** The library's error for each recipient that RCPT refused. */
  readonly rejected: ReadonlyMap<string, unknown>
  /** All octets and the final dot were handed over. */
  readonly isContentSent: boolean
}

/** One signed-in SMTP connection. Everything rejects with the library's error, or the signal's reason. */
export class SmtpSession implements Disposable {
  readonly #connection: ParameterConnection
  #isOpen = true
  /** Transactions begun. */
  messages = 0

  private constructor(connection: ParameterConnection) {
    this.#connection = connection
    connection.on('error', () => this.close())
    connection.on('end', () => this.close())
  }

  static async open(server: SmtpServer, signal: AbortSignal): Promise<SmtpSession> {
    const socket = await connectSocket(server.host, server.port, signal)
    const session = new SmtpSession(new ParameterConnection({ ...optionsFor(server), connection: socket }))
    try {
      await session.#run<void>((done) => session.#connection.connect((error) => done(error)), signal)
      await session.#signIn(server, signal)
      return session
    } catch (error) {
      session.close()
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** EHLO's SIZE in octets; undefined if it sets no limit. */
  get maxSize(): number | undefined {
    return this.#connection.maxSize === 0 ? undefined : this.#connection.maxSize
  }

  hasExtension(name: 'SMTPUTF8' | '8BITMIME' | 'DSN' | 'SIZE'): boolean {
    return this.#connection.extensions.includes(name)
  }

  /** Whether a connection that stood idle still answers. */
  async isAlive(signal: AbortSignal): Promise<boolean> {
    if (!this.#isOpen) return false
    try {
      await this.#run<boolean>((done) => this.#connection.reset(done), signal)
      return true
    } catch {
      this.close()
      return false
    }
  }

  /**
   * One transaction. nodemailer stuffs the dots, turns bare CR and LF into CRLF and ends with the dot; it holds one piece
   * at a time. If `content` throws, the dot is never sent.
   */
  async transact(
    envelope: SmtpEnvelope,
    content: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<Transaction> {
    this.messages += 1
    const upload = new Upload(content)
    this.#connection.announce(envelope)
    try {
      const info = await this.#run<{ readonly response: string }>(
        (done) => this.#connection.send(libraryEnvelope(envelope), upload.stream, done),
        signal,
      )
      return this.#ended(upload, { failure: undefined, reply: info.response })
    } catch (failure) {
      const ended = this.#ended(upload, { failure, reply: '' })
      this.close()
      return ended
    }
  }

  #ended(upload: Upload, end: Pick<Transaction, 'failure' | 'reply'>): Transaction {
    const rejected = new Map(this.#connection.rejected.map((error) => [error.recipient ?? '', error]))
    return { ...end, rejected, isContentSent: upload.isComplete }
  }

  async #signIn({ signIn }: SmtpServer, signal: AbortSignal): Promise<void> {
    if (!signIn) return
    const { username: user, password: pass } = signIn
    await this.#run<boolean>((done) => this.#connection.login({ user, pass }, done), signal)
  }

  /** The library reports by callback, by `error` and sometimes by `end` alone: whichever comes first counts. */
  #run<T>(start: (done: (error?: unknown, value?: T) => void) => void, signal: AbortSignal): Promise<T> {
    const connection = this.#connection
    return new Promise<T>((resolve, reject) => {
      const done = (error?: unknown, value?: T): void => {
        connection.removeListener('error', fail)
        connection.removeListener('end', lost)
        signal.removeEventListener('abort', giveUp)
        if (error) reject(error)
        else resolve(value as T) // the callback's contract: no error, then the value
      }
      const fail = (error: unknown): void => done(error)
      // The callback of what was being sent comes after `end`, and says more.
      const lost = (): void => void setImmediate(() => done(new Error('the server closed the connection')))
      const giveUp = (): void => {
        done(signal.reason)
        this.close()
      }
      if (signal.aborted) return giveUp()
      connection.once('error', fail)
      connection.once('end', lost)
      signal.addEventListener('abort', giveUp, { once: true })
      start(done)
    })
  }

  /** Says QUIT and lets the server close. */
  quit(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#connection.quit()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#connection.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** The content as the library reads it, and whether all of it was read: only then can the final dot have left. */
class Upload {
  readonly stream: Readable
  isComplete = false

  constructor(content: AsyncIterable<Uint8Array>) {
    this.stream = Readable.from(this.#read(content), { objectMode: false, highWaterMark: 65_536 })
  }

  async *#read(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    yield* content
    this.isComplete = true
  }
}

const libraryEnvelope = ({ from, recipients, size, has8bit }: SmtpEnvelope) => ({
  from: from === '' ? (false as const) : from,
  to: recipients.map(({ address }) => address),
  size,
  use8BitMime: has8bit,
})

function optionsFor({ host, port, security, hostname, context }: SmtpServer) {
  return {
    host,
    port,
    name: hostname,
    secure: security === 'implicit',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'plain',
    tls: {
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2' as const,
      ...(context ? { secureContext: context } : {}),
    },
    greetingTimeout: 30 * second,
    // RFC 5321 section 4.5.3.2.6: ten minutes for the reply to the final dot.
    socketTimeout: 10 * minute,
    socketCloseTimeout: 0,
  }
}
