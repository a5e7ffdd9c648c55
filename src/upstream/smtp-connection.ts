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
