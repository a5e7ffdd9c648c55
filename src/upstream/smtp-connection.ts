import type { Writable } from 'node:stream'
import SMTPConnection, {
  type SMTPConnectionEnvelope,
  type SMTPConnectionOptions,
} from 'nodemailer/lib/smtp-connection'
import { SmtpDialogue } from './smtp-dialogue.ts'
import { mailParameters, rcptParameters, type SmtpEnvelope } from './smtp-envelope.ts'

/**
 * What nodemailer (pinned exactly) keeps out of its types and we need: each name has a test in smtp-driver.test.ts that
 * fails without it.
 */
interface Internals {
  /** EHLO's reply without its first line; undefined after HELO. */
  readonly _ehloLines: readonly string[] | undefined
  /** EHLO's SIZE; 0 if it said none. */
  readonly _maxAllowedSize: number
  /** Recipients refused so far, kept also when the transaction fails later. */
  readonly _envelope: SMTPConnectionEnvelope | false
  readonly _socket: Writable
  /** Takes the replies, in order. */
  readonly _responseActions: ((reply: string) => void)[]
  /** Whole replies that wait to be read, octet by octet as characters. */
  readonly _responseQueue: string[]
  /** What came of a line that has not ended. */
  _remainder: string
  /** Hands the first reply of the queue to its action. */
  _processResponse(): unknown
  /** Reads what is left as a last reply. */
  _onClose(): unknown
  /** Writes one command line. */
  _sendCommand(line: string, logged?: string): void
}

// The one seam at which the library's private names get a type.
const Base = SMTPConnection as unknown as new (options: SMTPConnectionOptions) => SMTPConnection & Internals

/** nodemailer's SMTP client, with commands of our own and the parameters that it cannot say for each recipient. */
export class ParameterConnection extends Base {
  readonly dialogue: SmtpDialogue
  /** A chunk was taken here: CHUNKING is not only offered. */
  knowsChunks = false
  #envelope: SmtpEnvelope | undefined

  constructor(options: SMTPConnectionOptions) {
    const dialogue = new SmtpDialogue()
    super({
      ...options,
      transactionLog: true,
      logger: { debug: taking(dialogue), info() {}, warn() {}, error() {} },
    })
    this.dialogue = dialogue
  }

  hasExtension(name: string): boolean {
    const lines = this._ehloLines ?? []
    return lines.some((line) => line.split(/\s/)[0]?.toUpperCase() === name)
  }

  /** What AUTH of EHLO names, in upper case; some servers write `AUTH=`. */
  get mechanisms(): readonly string[] {
    const lines = (this._ehloLines ?? []).flatMap((line) => /^AUTH[\s=](.*)/i.exec(line)?.[1] ?? [])
    return [...new Set(lines.flatMap((line) => line.toUpperCase().split(/[\s=]+/)))].filter(
      (name) => name !== '',
    )
  }

  get maxSize(): number {
    return this._maxAllowedSize
  }

  get rejected(): SMTPConnectionEnvelope['rejectedErrors'] {
    return this._envelope ? this._envelope.rejectedErrors : []
  }

  /** Where content goes between commands. */
  get wire(): Writable {
    return this._socket
  }

  /**
   * Says one line and resolves to its reply, whatever it is; commands may be said before earlier replies are there. Never
   * rejects: a lost connection is told by the events.
   */
  command(line: string, shown = line): Promise<string> {
    return new Promise((resolve) => {
      this._responseActions.push(resolve)
      super._sendCommand(line, shown)
    })
  }

  /** The envelope whose parameters the next transaction of the library says. */
  announce(envelope: SmtpEnvelope): void {
    this.#envelope = envelope
  }

  /** The one way by which replies come in: no outcome, alert or log has a secret that the server says back. */
  override _processResponse(): unknown {
    const [reply] = this._responseQueue
    if (reply !== undefined) this._responseQueue[0] = this.#unsaid(reply)
    return super._processResponse()
  }

  override _onClose(): unknown {
    this._remainder = this.#unsaid(this._remainder)
    return super._onClose()
  }

  /** Codes stay what they are, whatever the secret. */
  #unsaid(octets: string): string {
    const said = Buffer.from(octets, 'latin1').toString()
    const lines = said.split('\n').map((line) => line.slice(0, 4) + this.dialogue.masked(line.slice(4)))
    const masked = lines.join('\n')
    return masked === said ? octets : Buffer.from(masked).toString('latin1')
  }

  override _sendCommand(line: string, logged?: string): void {
    super._sendCommand(line + this.#parametersOf(line), logged)
  }

  #parametersOf(line: string): string {
    const envelope = this.#envelope
    if (!envelope) return ''
    const has = (name: string): boolean => this.hasExtension(name)
    if (line.startsWith('MAIL FROM:')) return mailParameters(envelope, has)
    const path = /^RCPT TO:<(.*)>$/.exec(line)?.[1]
    const recipient = envelope.recipients.find(({ address }) => address === path)
    return recipient ? rcptParameters(recipient, has) : ''
  }
}

/** The library's record of commands and replies; content is not in it. */
const taking =
  (dialogue: SmtpDialogue) =>
  (entry: { readonly tnx?: string }, text: string): void => {
    if (entry.tnx === 'client') dialogue.sent(text)
    if (entry.tnx === 'server') dialogue.received(text)
  }
