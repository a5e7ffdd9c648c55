import type { Outcome } from '../core/outcome.ts'
import { describeSize } from '../core/size.ts'
import { minute } from '../core/time.ts'
import type { AcsReply } from './acs-reply.ts'
import { connectionOutcome, isBeforeRequest, type NetworkTrouble } from './network-trouble.ts'
import { oneLine, paused } from './pause-reasons.ts'
import { tooLarge } from './too-large.ts'

export interface Sending {
  readonly operationId: string
  /** The part was handed to a socket before: a 400 may answer the repeat of a mail that was taken. */
  readonly isRepeat: boolean
  /** How many the part has. */
  readonly recipients: number
  /** Refused as it is, it may be taken in another form (`unlisted types`). */
  readonly hasOtherForm: boolean
}

/** The reply alone does not tell: ask for the operation; if the service does not know it, `unknown` holds. */
export interface AskFirst {
  readonly kind: 'ask-first'
  readonly unknown: Outcome
}

const skewText = /time difference between the originating client and the server/i

/** 401 because our clock is more than 5 minutes off. */
export const isSkew = (reply: AcsReply): boolean => reply.status === 401 && skewText.test(reply.message)

/** 401 or 403 that says 'not you', and not 'not from this sender'. */
export const isDenial = (reply: AcsReply): boolean =>
  (reply.status === 401 || reply.status === 403) && !isSkew(reply) && !senderCodes.has(reply.code)

const senderCodes = new Map([
  ['DomainNotLinked', 'domain-not-linked'],
  ['InvalidSenderUserName', 'sender-unknown'],
] as const satisfies [string, string][]) as ReadonlyMap<string, 'domain-not-linked' | 'sender-unknown'>

const throttlingCodes = new Set(['TooManyRequests', 'QuotaExceeded'])

/** The outcome of a send that was answered with anything but 202. The code counts before the status. */
export function sendReplyOutcome(reply: AcsReply, sending: Sending): Outcome | AskFirst {
  const senderTrouble = senderCodes.get(reply.code)
  if (senderTrouble) return paused('sender', senderTrouble, reply.message)
  if (throttlingCodes.has(reply.code)) return throttled(reply)
  if (reply.code === 'RequestBodyTooLarge') return tooLarge(reply.message)
  if (isSkew(reply)) return transient('clock-skew', reply)
  return statusOutcome(reply, sending)
}

function statusOutcome(reply: AcsReply, sending: Sending): Outcome | AskFirst {
  switch (reply.status) {
    case 400:
      return sending.isRepeat
        ? { kind: 'ask-first', unknown: refused(reply, sending) }
        : refused(reply, sending)
    case 401:
    case 403:
      return transient('denied', reply)
    case 408:
    case 503:
      return transient(`unreachable-http-${reply.status}`, reply)
    case 409:
      return { kind: 'ask-first', unknown: indeterminate(sending, 'the service knows this operation') }
    case 413:
      return tooLarge(reply.message)
    case 429:
      return throttled(reply)
    case 200:
    case 201:
    case 204:
      return indeterminate(sending, `an answer that is not the service's own: HTTP ${reply.status}`)
    case 502:
    case 504:
      return indeterminate(sending, `a gateway lost the reply: HTTP ${reply.status}`)
    default:
      return transient(reply.code || `http-${reply.status}`, reply)
  }
}

/** The outcome of a send whose connection failed. Before the last octet left, nothing can have been taken. */
export function sendTroubleOutcome(
  trouble: NetworkTrouble,
  isBodySent: boolean,
  operationId: string,
): Outcome {
  if (!isBodySent || isBeforeRequest(trouble)) return connectionOutcome(trouble)
  return { kind: 'indeterminate', reference: operationId, detail: oneLine(trouble.message) }
}

export interface OperationResult {
  readonly status: string
  readonly error?: { readonly code?: string; readonly message?: string } | undefined
}

/** The outcome of a status query that was answered with 200. `Succeeded` means: on its way to the recipients. */
export function operationOutcome(operationId: string, result: OperationResult): Outcome {
  switch (result.status) {
    case 'NotStarted':
    case 'Running':
      return { kind: 'accepted', reference: operationId, detail: result.status }
    case 'Succeeded':
      return { kind: 'confirmed', reference: operationId }
    case 'Failed':
    case 'Canceled':
      return failedOperation(result)
    default:
      return { kind: 'transient', code: 'unreadable', detail: 'the answer is not a status of the service' }
  }
}

/** Failures of the service itself deserve one re-send under a new generation; any other is final. */
function failedOperation(result: OperationResult): Outcome {
  const code = result.error?.code ?? result.status
  const detail = oneLine(result.error?.message ?? `the operation ended as ${result.status}`)
  if (code === 'EmailDroppedAllRecipientsSuppressed') {
    return { kind: 'permanent', scope: 'recipient', code, status: '5.1.1', detail, elsewhere: false }
  }
  if (/internal|timeout|unavailable|transient|server/i.test(code)) {
    return { kind: 'transient', code: 'operation-failed-internally', detail: `${code}: ${detail}` }
  }
  return { kind: 'permanent', scope: 'message', code, status: '5.6.0', detail, elsewhere: true }
}

/** The outcome of a status query that was not answered with 200. It never says anything final about the mail. */
export function askReplyOutcome(reply: AcsReply): Extract<Outcome, { kind: 'transient' | 'throttled' }> {
  if (reply.status === 429 || throttlingCodes.has(reply.code)) return throttled(reply)
  if (reply.status === 404) return { ...transient('not-found', reply), afterMs: minute }
  if (isSkew(reply)) return transient('clock-skew', reply)
  if (isDenial(reply)) return transient('denied', reply)
  return transient(reply.code || `http-${reply.status}`, reply)
}

export const tooLargeFor = (size: number, limit: number): Outcome =>
  tooLarge(`The request has ${describeSize(size)}; this way out takes ${describeSize(limit)}.`)

/** Of several recipients a single one may be to blame: another way out is tried once the mail stands alone. */
function refused(reply: AcsReply, sending: Sending): Outcome {
  const detail = reply.target === '' ? reply.message : `${reply.message} (${reply.target})`
  return {
    kind: 'permanent',
    scope: 'message',
    code: reply.code || 'BadRequest',
    status: '5.6.0',
    detail: oneLine(detail),
    elsewhere: sending.recipients === 1,
    ...(sending.hasOtherForm && { hasOtherForm: true }),
  }
}

/** Without Retry-After a minute, the shortest of the service's windows. */
const throttled = (reply: AcsReply): Extract<Outcome, { kind: 'throttled' }> => ({
  kind: 'throttled',
  afterMs: reply.retryAfterMs ?? minute,
  detail: oneLine(reply.message),
})

const indeterminate = (sending: Sending, detail: string): Outcome => ({
  kind: 'indeterminate',
  reference: sending.operationId,
  detail,
})

const transient = (code: string, reply: AcsReply): Extract<Outcome, { kind: 'transient' }> => ({
  kind: 'transient',
  code,
  detail: oneLine(reply.message),
  ...(reply.retryAfterMs === undefined ? {} : { afterMs: reply.retryAfterMs }),
})
