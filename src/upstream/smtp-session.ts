import type { SecureContext } from 'node:tls'
import { minute, second } from '../core/time.ts'
import { sendByChunks } from './smtp-chunking.ts'
import type { ParameterConnection } from './smtp-connection.ts'
import type { SmtpEnvelope } from './smtp-envelope.ts'
import { type SmtpSignIn, signIn } from './smtp-sign-in.ts'
import { connectSocket } from './smtp-socket.ts'
import { Upload } from './upload.ts'

export interface SmtpServer {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'implicit' | 'plain'
  /** Our name in EHLO. */
  readonly hostname: string
  /** Roots to trust and the certificate to show; undefined: the runtime's own, and none. */
  readonly context: SecureContext | undefined
  readonly signIn: SmtpSignIn | undefined
}

/** How one transaction ended. */
export interface Transaction {
  /** Undefined: the server took it, saying `reply`. */
  readonly failure: unknown
  readonly reply: string
  /** The error for each recipient that RCPT refused. */
  readonly rejected: ReadonlyMap<string, unknown>
  /** The content went, or was going, by BDAT. */
  readonly isChunked: boolean
  /** All octets and the final dot were handed over. */
  readonly isContentSent: boolean
}

/** No session came about: `cause` says why, `dialogue` what was said until then. */
export class SessionNotOpened extends Error {
  readonly dialogue: string

  constructor(cause: unknown, dialogue: string) {
    super('no session came about', { cause })
    this.dialogue = dialogue
  }
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

  /** Connects, greets, secures the connection and signs in. Rejects with SessionNotOpened once there is a connection. */
  static async open(server: SmtpServer, signal: AbortSignal): Promise<SmtpSession> {
    // With nodemailer, which a box that never sends by SMTP does not need.
    const { ParameterConnection } = await import('./smtp-connection.ts')
    const socket = await connectSocket(server.host, server.port, signal)
    const session = new SmtpSession(new ParameterConnection({ ...optionsFor(server), connection: socket }))
    try {
      await session.#run<void>((done) => session.#connection.connect((error) => done(error)), signal)
      await session.#signIn(server, signal)
      return session
    } catch (error) {
      session.close()
      throw new SessionNotOpened(error, session.dialogue)
    }
  }

  /** What was said since the connection and the transaction under way began; see SmtpDialogue. */
  get dialogue(): string {
    return this.#connection.dialogue.text
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** EHLO's SIZE in octets; undefined if it sets no limit. */
  get maxSize(): number | undefined {
    return this.#connection.maxSize === 0 ? undefined : this.#connection.maxSize
  }

  hasExtension(name: 'SMTPUTF8' | '8BITMIME' | 'DSN' | 'SIZE' | 'CHUNKING'): boolean {
    return this.#connection.hasExtension(name)
  }

  /** Whether a connection that stood idle still answers. */
  async isAlive(signal: AbortSignal): Promise<boolean> {
    if (!this.#isOpen) return false
    try {
      this.#connection.dialogue.begin()
      await this.#run<boolean>((done) => this.#connection.reset(done), signal)
      return true
    } catch {
      this.close()
      return false
    }
  }

  /**
   * One transaction; the content goes by BDAT where `mayChunk` and the server offers it, else by DATA, where nodemailer
   * stuffs the dots and ends with the dot. It holds one piece at a time. If `content` throws, the end is never sent.
   */
  async transact(
    envelope: SmtpEnvelope,
    content: AsyncGenerator<Uint8Array, void, undefined>,
    mayChunk: boolean,
    signal: AbortSignal,
  ): Promise<Transaction> {
    this.messages += 1
    using upload = new Upload(content)
    return mayChunk && this.hasExtension('CHUNKING')
      ? await this.#byChunk(envelope, upload, signal)
      : await this.#byData(envelope, upload, signal)
  }

  async #byData(envelope: SmtpEnvelope, upload: Upload, signal: AbortSignal): Promise<Transaction> {
    const connection = this.#connection
    connection.announce(envelope)
    const sending = (done: Done<{ readonly response: string }>): void =>
      connection.send(libraryEnvelope(envelope), upload.stream, done)
    const end = await this.#ended(this.#run(sending, signal).then(({ response }) => response))
    const rejected = new Map(connection.rejected.map((error) => [error.recipient ?? '', error]))
    return { ...end, rejected, isChunked: false, isContentSent: upload.isComplete }
  }

  async #byChunk(envelope: SmtpEnvelope, upload: Upload, signal: AbortSignal): Promise<Transaction> {
    const rejected = new Map<string, unknown>()
    const sending = (done: Done<string>): void =>
      void sendByChunks(this.#connection, envelope, upload, rejected).then((reply) => done(null, reply), done)
    const end = await this.#ended(this.#run(sending, signal))
    return { ...end, rejected, isChunked: upload.isBegun, isContentSent: upload.isComplete }
  }

  async #ended(reply: Promise<string>): Promise<Pick<Transaction, 'failure' | 'reply'>> {
    try {
      return { failure: undefined, reply: await reply }
    } catch (failure) {
      this.close()
      return { failure, reply: '' }
    }
  }

  async #signIn({ signIn: credential }: SmtpServer, signal: AbortSignal): Promise<void> {
    if (credential) {
      await this.#run<void>(
        (done) => void signIn(this.#connection, credential).then(() => done(), done),
        signal,
      )
    }
    this.#connection.dialogue.begin()
  }

  /** The library reports by callback, by `error` and sometimes by `end` alone: whichever comes first counts. */
  #run<T>(start: (done: Done<T>) => void, signal: AbortSignal): Promise<T> {
    const connection = this.#connection
    return new Promise<T>((resolve, reject) => {
      const done: Done<T> = (error, value) => {
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

type Done<T> = (error?: unknown, value?: T) => void

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
