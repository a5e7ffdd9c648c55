import type { Address } from '../core/address.ts'
import type { WallMs } from '../core/time.ts'
import { formatDate } from './date-field.ts'
import { type HeaderField, joinHeader, makeField } from './header.ts'
import { boundaryOf, multipart, type OwnHeader, type OwnPart, ownFields, textPart } from './own-mail.ts'
import { cutText, isPrintableAscii, oneLine } from './words.ts'

/** What became of one recipient (RFC 3464 section 2.3). */
export interface ReportedRecipient {
  readonly address: Address
  /** RFC 3461 ORCPT as said: `rfc822;anna@x.example`. */
  readonly orcpt?: string
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'
  /** RFC 3463. */
  readonly status: string
  /** In plain words: why, and what to do. */
  readonly reason: string
  readonly remedy: string
  /** What the next hop said, word for word. */
  readonly diagnostic?: string
  /** Host name of the next hop. */
  readonly remoteMta?: string
  readonly lastAttempt?: WallMs
  readonly willRetryUntil?: WallMs
}

export interface ReportFacts extends Omit<OwnHeader, 'subject'> {
  /** Host name of this box. */
  readonly reportingMta: string
  readonly device: string | undefined
  readonly originalSubject: string
  readonly arrival: WallMs
  /** RFC 3461 ENVID as said. */
  readonly envid?: string
  readonly recipients: readonly ReportedRecipient[]
  /** Header octets of the message it is about. */
  readonly originalHeader: Uint8Array
}

const maxReturnedHeader = 64 * 1024

/**
 * A delivery status notification (RFC 3464) for one or several recipients of a message: words for a person first, the
 * report for programs, the original's header. It goes out under the null reverse-path, which is the caller's to set.
 */
export function deliveryReport(facts: ReportFacts): Uint8Array {
  const fields = ownFields({ ...facts, subject: subjectOf(facts) }, 'auto-replied')
  return multipart(fields, {
    type: 'multipart/report; report-type=delivery-status',
    boundary: boundaryOf(facts.headerMessageId),
    parts: [textPart(humanText(facts)), statusPart(facts), headersPart(facts.originalHeader)],
  })
}

const hasFailed = (facts: ReportFacts): boolean => facts.recipients.some(({ action }) => action === 'failed')
const isDelayed = (facts: ReportFacts): boolean => facts.recipients.some(({ action }) => action === 'delayed')

function subjectOf(facts: ReportFacts): string {
  const what = hasFailed(facts) ? 'Not delivered' : isDelayed(facts) ? 'Delayed' : 'Delivered'
  return cutText(`${what}: ${facts.originalSubject || '(no subject)'}`, 200)
}

function humanText(facts: ReportFacts): string {
  const device = facts.device === undefined ? 'A mail' : `A mail from "${facts.device}"`
  const what = hasFailed(facts)
    ? 'could not be delivered to everyone it was meant for.'
    : isDelayed(facts)
      ? 'is delayed. Nothing has to be done now; it is tried again.'
      : 'was handed on.'
  return [
    `${device} ${what}`,
    '',
    `Subject: ${facts.originalSubject || '(none)'}`,
    `Received: ${formatDate(facts.arrival)}`,
    ...facts.recipients.flatMap(recipientText),
    '',
    `This message was written by the mail gateway ${facts.reportingMta}. Nobody reads answers to it.`,
  ].join('\n')
}

const verbs: Readonly<Record<ReportedRecipient['action'], string>> = {
  failed: 'not delivered',
  delayed: 'delayed',
  delivered: 'delivered',
  relayed: 'handed on; no further report will follow',
  expanded: 'handed on to several addresses',
}

const recipientText = (recipient: ReportedRecipient): string[] => [
  '',
  `${recipient.address}: ${verbs[recipient.action]}`,
  ...(recipient.reason === '' ? [] : [`  Why: ${oneLine(recipient.reason)}`]),
  ...(recipient.remedy === '' ? [] : [`  What to do: ${oneLine(recipient.remedy)}`]),
  ...(recipient.diagnostic === undefined ? [] : [`  Answer: ${oneLine(recipient.diagnostic)}`]),
]

function statusPart(facts: ReportFacts): OwnPart {
  const message = [
    field('Original-Envelope-Id', facts.envid),
    field('Reporting-MTA', `dns; ${facts.reportingMta}`),
    field('Arrival-Date', formatDate(facts.arrival)),
  ]
  const groups = [message, ...facts.recipients.map(statusOf)]
  return {
    fields: [makeField('Content-Type', 'message/delivery-status')],
    octets: Buffer.concat(groups.map((group) => joinHeader(group.filter((line) => line !== undefined)))),
  }
}

const statusOf = (recipient: ReportedRecipient): (HeaderField | undefined)[] => [
  field('Original-Recipient', recipient.orcpt),
  field('Final-Recipient', `rfc822; ${recipient.address}`),
  field('Action', recipient.action),
  field('Status', recipient.status),
  field('Remote-MTA', recipient.remoteMta && `dns; ${recipient.remoteMta}`),
  field(
    'Diagnostic-Code',
    recipient.diagnostic && `${diagnosticType(recipient.diagnostic)}; ${recipient.diagnostic}`,
  ),
  field('Last-Attempt-Date', recipient.lastAttempt && formatDate(recipient.lastAttempt)),
  field('Will-Retry-Until', recipient.willRetryUntil && formatDate(recipient.willRetryUntil)),
]

/** Only what an SMTP server said is `smtp` (RFC 3464 section 2.3.6). */
const diagnosticType = (diagnostic: string): string =>
  /^[245]\d\d[ -]/.test(diagnostic) ? 'smtp' : 'x-inkpost'

const maxValue = 900

/** A field of the report, in ASCII on one line; none without a value. */
function field(name: string, value: string | number | undefined): HeaderField | undefined {
  if (value === undefined || value === '' || value === 0) return undefined
  const line = oneLine(String(value))
  return makeField(
    name,
    cutText(isPrintableAscii(line) ? line : line.replace(/[^\x20-\x7e]/g, '?'), maxValue),
  )
}

/** RFC 3462 section 3: the header alone. Octets above ASCII are not repeated, the part is 7bit. */
function headersPart(header: Uint8Array): OwnPart {
  const text = Buffer.from(header.subarray(0, maxReturnedHeader)).toString('latin1')
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line) => cutText(line.replace(/[^\t\x20-\x7e]/g, '?'), maxValue))
  const end = lines.findLastIndex((line) => line !== '') + 1
  return {
    fields: [makeField('Content-Type', 'text/rfc822-headers')],
    octets: Buffer.from(`${lines.slice(0, end).join('\r\n')}\r\n`),
  }
}
