import type { Outcome } from '../core/outcome.ts'
import { describeSize } from '../core/size.ts'
import { minute } from '../core/time.ts'
import type { GraphReply } from './graph-reply.ts'
import { oneLine, type PauseCode, paused } from './pause-reasons.ts'
import { tooLarge } from './too-large.ts'

/** What an answer is held against. */
export interface GraphSending {
  readonly operationId: string
  /** Octets of MIME. */
  readonly size: number
  /** How many the part has. */
  readonly recipients: number
}

/** From here on a 200 in the place of the 202 was seen, and nothing was sent (microsoft-graph-docs#13979). */
const doubtfulSize = 2_200_000

type Verdict =
  /** Every mail, or every mail of this mailbox. */
  | { readonly stops: 'upstream' | 'sender'; readonly code: PauseCode }
  | { readonly refuses: 'size' | 'content' | 'recipients' }

const sender = (code: PauseCode): Verdict => ({ stops: 'sender', code })
const upstream = (code: PauseCode): Verdict => ({ stops: 'upstream', code })
const refuses = (what: 'size' | 'content' | 'recipients'): Verdict => ({ refuses: what })

/**
 * Codes that are decided whatever status they come with: Graph's own and Exchange's
 * (learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode). The mailbox is the sender, so what
 * is wrong with it stops one sender; even a missing role cannot be told from a scope that holds other mailboxes.
 */
export const graphVerdicts: ReadonlyMap<string, Verdict> = new Map([
  ['ErrorAccessDenied', sender('mailbox-access-denied')],
  ['Authorization_RequestDenied', sender('mailbox-access-denied')],
  ['ErrorSendAsDenied', sender('send-as-denied')],
  ['ErrorInvalidUser', sender('mailbox-unknown')],
  ['ErrorNonExistentMailbox', sender('mailbox-unknown')],
  ['Request_ResourceNotFound', sender('mailbox-unknown')],
  ['ResourceNotFound', sender('mailbox-unknown')],
  ['MailboxNotEnabledForRESTAPI', sender('mailbox-not-online')],
  ['MailboxNotSupportedForRESTAPI', sender('mailbox-not-online')],
  ['ErrorMailboxNotEnabledForRESTAPI', sender('mailbox-not-online')],
  ['ErrorInvalidLicense', sender('mailbox-not-online')],
  ['ErrorQuotaExceeded', sender('mailbox-full')],
  ['ErrorExceededMessageLimit', sender('daily-recipient-limit')],
  ['ErrorExceededMaxRecipientLimit', sender('daily-recipient-limit')],
  ['ErrorSubmissionQuotaExceeded', sender('daily-recipient-limit')],
  ['ErrorMessageSubmissionBlocked', sender('sending-banned')],
  ['ErrorAccountSuspend', sender('sending-banned')],
  ['ErrorOrganizationAccessBlocked', upstream('sending-banned')],
  ['OrganizationFromTenantGuidNotFound', upstream('tenant-without-exchange')],
  ['ErrorMessageSizeExceeded', refuses('size')],
  ['RequestBodyTooLarge', refuses('size')],
  ['ErrorMimeContentInvalid', refuses('content')],
  ['ErrorMimeContentInvalidBase64String', refuses('content')],
  ['ErrorMimeContentConversionFailed', refuses('content')],
  ['ErrorInvalidRecipients', refuses('recipients')],
])

/** Graph says 413 or this in a 400 (microsoft-graph-docs#11804). */
const tooLong = /maximum request length/i

/** The app's token was not taken; a fresh one may be. */
export const isTokenRefused = (reply: GraphReply): boolean =>
  reply.status === 401 && !graphVerdicts.has(reply.code)

/** The outcome of a send that was answered with anything but 202. The code counts before the status, the unknown is transient. */
export function graphOutcome(reply: GraphReply, sending: GraphSending): Outcome {
  const verdict = graphVerdicts.get(reply.code)
  if (verdict) return verdictOutcome(verdict, reply, sending)
  return tooLong.test(reply.message) ? tooLarge(reply.message) : statusOutcome(reply, sending)
}

function verdictOutcome(verdict: Verdict, reply: GraphReply, sending: GraphSending): Outcome {
  if ('stops' in verdict) return paused(verdict.stops, verdict.code, reply.message)
  switch (verdict.refuses) {
    case 'size':
      return tooLarge(reply.message)
    case 'content':
      return refused(reply, 'message', '5.6.0')
    case 'recipients':
      return refused(reply, sending.recipients === 1 ? 'recipient' : 'message', '5.1.3')
  }
}

function statusOutcome(reply: GraphReply, sending: GraphSending): Outcome {
  switch (reply.status) {
    case 200:
      return sending.size > doubtfulSize
        ? tooLarge('Graph answered 200 and not 202, as it does for mail that it does not send.')
        : indeterminate(sending, 'an answer that is not the documented one: HTTP 200')
    case 201:
    case 204:
      return indeterminate(sending, `an answer that is not the documented one: HTTP ${reply.status}`)
    case 413:
      return tooLarge(reply.message)
    case 429:
      return { kind: 'throttled', afterMs: reply.retryAfterMs ?? minute, detail: oneLine(reply.message) }
    case 408:
    case 503:
      return transient(`unreachable-http-${reply.status}`, reply)
    case 502:
    case 504:
      return indeterminate(sending, `a gateway lost the reply: HTTP ${reply.status}`)
    default:
      return transient(reply.code || `http-${reply.status}`, reply)
  }
}

export const tooLargeFor = (size: number, limit: number): Outcome =>
  tooLarge(`The mail has ${describeSize(size)}; this way out takes ${describeSize(limit)}.`)

const refused = (reply: GraphReply, scope: 'message' | 'recipient', status: string): Outcome => ({
  kind: 'permanent',
  scope,
  code: reply.code,
  status,
  detail: oneLine(reply.message),
  elsewhere: true,
})

export const transient = (code: string, reply: GraphReply): Extract<Outcome, { kind: 'transient' }> => ({
  kind: 'transient',
  code,
  detail: oneLine(reply.message),
  ...(reply.retryAfterMs === undefined ? {} : { afterMs: reply.retryAfterMs }),
})

const indeterminate = ({ operationId }: GraphSending, detail: string): Outcome => ({
  kind: 'indeterminate',
  reference: operationId,
  detail,
})
