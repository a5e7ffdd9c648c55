import SMTPConnection, {
  type SMTPConnectionEnvelope,
  type SMTPConnectionOptions,
} from 'nodemailer/lib/smtp-connection'
import { mailParameters, rcptParameters, type SmtpEnvelope } from './smtp-envelope.ts'

/**
 * What nodemailer (pinned exactly) keeps out of its types and we need: each name has a test in smarthost.test.ts that
 * fails without it.
 */
interface Internals {
  /** As EHLO said. */
  readonly _supportedExtensions: readonly string[]
  /** EHLO's SIZE; 0 if it said none. */
  readonly _maxAllowedSize: number
  /** Recipients refused so far, kept also when the transaction fails later. */
  readonly _envelope: SMTPConnectionEnvelope | false
  /** Writes one command line. */
  _sendCommand(line: string, logged?: string): void
}

// The one seam at which the library's private names get a type.
const Base = SMTPConnection as unknown as new (options: SMTPConnectionOptions) => SMTPConnection & Internals

/** nodemailer's SMTP client, with the parameters of SMTPUTF8 and DSN that it cannot say for each recipient. */
export class ParameterConnection extends Base {
  #envelope: SmtpEnvelope | undefined

  get extensions(): readonly string[] {
    return this._supportedExtensions
  }

  get maxSize(): number {
    return this._maxAllowedSize
  }

  get rejected(): SMTPConnectionEnvelope['rejectedErrors'] {
    return this._envelope ? this._envelope.rejectedErrors : []
  }

  /** The envelope whose parameters the next transaction says. */
  announce(envelope: SmtpEnvelope): void {
    this.#envelope = envelope
  }

  override _sendCommand(line: string, logged?: string): void {
    super._sendCommand(line + this.#parametersOf(line), logged)
  }

  #parametersOf(line: string): string {
    const envelope = this.#envelope
    if (!envelope) return ''
    if (line.startsWith('MAIL FROM:')) return mailParameters(envelope, this.extensions)
    const path = /^RCPT TO:<(.*)>$/.exec(line)?.[1]
    const recipient = envelope.recipients.find(({ address }) => address === path)
    return recipient ? rcptParameters(recipient, this.extensions) : ''
  }
}
