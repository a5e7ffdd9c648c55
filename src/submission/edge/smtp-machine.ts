import { createHash, timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerAuthentication,
  type SMTPServerSession,
} from 'smtp-server'
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js'
import { type Reply, replies, replyText } from '../../core/reply.ts'
import { withStatus } from './machine-replies.ts'
import { type AddressCommand, readAddressCommand } from './path.ts'

export interface SignInAttempt {
  readonly mechanism: string
  readonly username: string
  /** Whether this is the password that the client proves to know; compares in constant time. */
  readonly isPassword: (password: string) => boolean
}

/** What SMTP asks of the session behind it; `undefined` means yes. */
export interface Mailroom {
  /** Asked before an AUTH exchange begins. */
  maySignIn(mechanism: string): Reply | undefined
  /** Does not reject for anything that can be expected. */
  signIn(attempt: SignInAttempt): Promise<Reply | undefined>
  sender(command: AddressCommand): Reply | undefined
  recipient(command: AddressCommand): Reply | undefined
  hasRecipients(): boolean
  /** The command holds nothing that could be an address; it is refused. */
  misaddressed(verb: 'MAIL FROM' | 'RCPT TO'): void
  /** The transaction was given up (RSET, EHLO). */
  reset(): void
}

/** What the machine says to the edge. */
export interface Mouth {
  /** One whole reply, without line ends. */
  say(code: number, lines: readonly string[]): void
  /** DATA was asked for and is in order; 354 is not said yet. */
  wantsData(): void
  hangUp(): void
}

/** Commands of the library that a device has no business with; STARTTLS is the edge's own. */
const disabledCommands = ['WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD', 'LHLO', 'STARTTLS']

type Callback = (error?: Error | null) => void
type SignInCallback = (error: Error | null | undefined, response?: { user?: string }) => void

const refusal = (reply: Reply): Error =>
  Object.assign(new Error(replyText(reply)), { responseCode: reply.code })

/** The library's callbacks know only its session; this leads to ours. */
const mailrooms = new WeakMap<SMTPServerSession, Mailroom>()

/** The library's server. It never listens: sockets, TLS, limits and deadlines are the edge's. */
export class MachineServer extends SMTPServer {
  constructor() {
    super({
      authMethods: ['LOGIN', 'PLAIN', 'CRAM-MD5'],
      authOptional: true,
      allowInsecureAuth: true,
      disableReverseLookup: true,
      hideENHANCEDSTATUSCODES: true,
      hideDSN: true,
      hideSTARTTLS: true,
      disabledCommands,
      banner: 'inkpost',
      heloResponse: '%s',
      logger: false,
    })
  }

  override onConnect(_session: SMTPServerSession, callback: Callback): void {
    callback()
  }

  override onSecure(_socket: unknown, _session: SMTPServerSession, callback: Callback): void {
    callback()
  }

  override onMailFrom(address: SMTPServerAddress, session: SMTPServerSession, callback: Callback): void {
    const reply = mailrooms.get(session)?.sender(commandOf(address))
    callback(reply && refusal(reply))
  }

  override onRcptTo(address: SMTPServerAddress, session: SMTPServerSession, callback: Callback): void {
    const reply = mailrooms.get(session)?.recipient(commandOf(address))
    callback(reply && refusal(reply))
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    callback: SignInCallback,
  ): void {
    const username = auth.username ?? ''
    const attempt = { mechanism: auth.method, username, isPassword: passwordCheck(auth) }
    const answer = mailrooms.get(session)?.signIn(attempt) ?? Promise.resolve(replies.temporaryAuthFailure)
    answer.then(
      (reply) => (reply ? callback(refusal(reply)) : callback(null, { user: username || 'device' })),
      () => callback(refusal(replies.temporaryAuthFailure)),
    )
  }
}

const commandOf = ({ address, args }: SMTPServerAddress): AddressCommand => ({
  path: address,
  parameters: args || {},
})

/** CRAM-MD5 brings its own check (RFC 2195); what was said in clear is compared by digest, so that length tells nothing. */
function passwordCheck(auth: SMTPServerAuthentication): (password: string) => boolean {
  if (auth.method === 'CRAM-MD5') return (password) => auth.validatePassword(password)
  const said = digest(auth.password ?? '')
  return (password) => timingSafeEqual(said, digest(password))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

export interface MachineOptions {
  readonly hostname: string
  readonly isSecure: boolean
  readonly mailroom: Mailroom
  readonly mouth: Mouth
}

/**
 * The library's SMTP machine with its hands off the socket: it gets one command at a time and says one reply to each.
 * It does the order of commands, SASL, and the grammar of parameters. Each override is a hook with a test of its own;
 * the library's version is pinned.
 */
export class SmtpMachine extends SMTPConnection {
  readonly #mouth: Mouth
  readonly #mailroom: Mailroom

  constructor(server: MachineServer, socket: Socket, options: MachineOptions) {
    super(server, socket)
    this.#mouth = options.mouth
    this.#mailroom = options.mailroom
    this.name = options.hostname
    this.secure = this.session.secure = options.isSecure
    mailrooms.set(this.session, options.mailroom)
  }

  /** EHLO or HELO was taken. */
  get hasGreeted(): boolean {
    return this.hostNameAppearsAs !== false && this.hostNameAppearsAs !== ''
  }

  /** MAIL was taken, and what it began is not over. */
  get hasSender(): boolean {
    return Boolean(this.session.envelope.mailFrom)
  }

  /** Says the 220. No listeners on the socket, no 100 ms for early talkers: the edge has waited already. */
  override init(): void {
    this.connectionReady()
  }

  /** Takes one command line, or one line of an AUTH exchange. The reply comes through the mouth, now or later. */
  command(line: string): void {
    // Probing panels are normal: how many bad commands are too many is the edge's to say.
    this._unrecognizedCommands = 0
    this._onCommand(Buffer.from(line), () => undefined)
  }

  /** DATA is over: the transaction ends with this reply. */
  finishData(code: number, text: string): void {
    this._transactionCounter++
    this._resetSession()
    this.send(code, text)
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const lines = Array.isArray(data) ? data : [data ?? '']
    this.#mouth.say(code, context === false ? lines : lines.map((line) => withStatus(code, line, context)))
    if (code === 421) this.close()
  }

  override close(): void {
    this.#mouth.hangUp()
  }

  override handler_DATA(_command: Buffer, callback: () => void): void {
    if (this.#mailroom.hasRecipients()) this.#mouth.wantsData()
    else this.send(503, '5.5.1 Recipient first')
    callback()
  }

  override handler_AUTH(command: Buffer, callback: () => void): void {
    const mechanism = command.toString().trim().split(/\s+/)[1]?.toUpperCase() ?? ''
    const reply = this.session.user ? undefined : this.#mailroom.maySignIn(mechanism)
    if (!reply) {
      super.handler_AUTH(command, callback)
      return
    }
    this.send(reply.code, replyText(reply))
    callback()
  }

  /** Ours leaves addresses as they are said; the library's knows no name without a domain and decodes punycode. */
  override _parseAddressCommand(
    name: string,
    command: Buffer | string,
  ): ReturnType<SMTPConnection['_parseAddressCommand']> {
    const verb = name.toUpperCase() === 'MAIL FROM' ? 'MAIL FROM' : 'RCPT TO'
    const read = readAddressCommand(verb, command.toString())
    if (read) return { address: read.path, args: read.parameters }
    this.#mailroom.misaddressed(verb)
    return false
  }

  override _resetSession(): void {
    super._resetSession()
    this.#mailroom.reset()
  }
}
