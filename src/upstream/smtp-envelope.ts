import type { Envelope } from '../core/envelope.ts'
import type { NumberedRecipient } from '../core/upstream.ts'

/** What one transaction says before DATA (RFC 5321 section 3.3). */
export interface SmtpEnvelope {
  readonly from: string
  readonly recipients: readonly NumberedRecipient[]
  /** Octets of the content as it will be sent, dots not counted (RFC 1870 section 4). */
  readonly size: number
  readonly has8bit: boolean
  readonly smtputf8: boolean
  readonly dsn: Envelope['dsn']
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
const beyondAscii = /[^\u0000-\u007f]/

/** Whether the addresses themselves cannot be written in ASCII: without SMTPUTF8 they cannot be said at all. */
export const needsUtf8 = ({ from, recipients }: SmtpEnvelope): boolean =>
  beyondAscii.test(from) || recipients.some(({ address }) => beyondAscii.test(address))

/** Whether EHLO offered an extension. */
export type Offers = (extension: string) => boolean

/** The command that begins a transaction. */
export function mailCommand(envelope: SmtpEnvelope, offers: Offers): string {
  return [
    `MAIL FROM:<${envelope.from}>`,
    needsUtf8(envelope) && offers('SMTPUTF8') ? ' SMTPUTF8' : '',
    envelope.has8bit && offers('8BITMIME') ? ' BODY=8BITMIME' : '',
    offers('SIZE') ? ` SIZE=${envelope.size}` : '',
    mailParameters(envelope, offers),
  ].join('')
}

/** Parameters of MAIL beyond those that the library says by itself (SIZE, BODY, SMTPUTF8 for addresses). */
export function mailParameters(envelope: SmtpEnvelope, offers: Offers): string {
  const { ret, envid } = envelope.dsn
  const hasDsn = offers('DSN')
  return [
    envelope.smtputf8 && !needsUtf8(envelope) && offers('SMTPUTF8') ? ' SMTPUTF8' : '',
    hasDsn && ret !== undefined ? ` RET=${ret}` : '',
    hasDsn && envid !== undefined ? ` ENVID=${envid}` : '',
  ].join('')
}

/** Parameters of RCPT (RFC 3461), as the device said them for this recipient: already xtext. */
export function rcptParameters(
  recipient: Pick<NumberedRecipient, 'notify' | 'orcpt'>,
  offers: Offers,
): string {
  if (!offers('DSN')) return ''
  const { notify, orcpt } = recipient
  return [notify === undefined ? '' : ` NOTIFY=${notify}`, orcpt === undefined ? '' : ` ORCPT=${orcpt}`].join(
    '',
  )
}
