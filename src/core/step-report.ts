import { unreachable } from './brand.ts'
import { type DeliveryReport, type ReportedDelivery, reportedCode } from './delivery-report.ts'
import type { DeliveryState } from './outcome.ts'
import type { PartState } from './spool.ts'

/** What a report makes of a delivery. */
export type ReportStep =
  /** It was here before. */
  | { readonly kind: 'known' }
  /** Its sending is not over: the report has to come again. */
  | { readonly kind: 'later' }
  /** Kept for the history; the state stays. `why`: a sentence. */
  | { readonly kind: 'noted'; readonly why: string }
  | {
      readonly kind: 'changed'
      readonly state: Extract<DeliveryState, 'confirmed' | 'bounced'>
      readonly code: string
      readonly reason: string
      /** RFC 3463. */
      readonly status: string | undefined
    }

/**
 * The one place where a report becomes a state. Reports come more than once and in any order, so that only the set of them
 * may count: a failure is final, since its owner was told; a success gives way to a failure of a later attempt.
 */
export function stepReport(
  delivery: ReportedDelivery,
  report: DeliveryReport,
  operation: PartState,
): ReportStep {
  if (delivery.reports.some(({ status }) => status === report.status)) return { kind: 'known' }
  if (delivery.state === 'sending') return { kind: 'later' }
  switch (report.status) {
    case 'delivered':
      return stepSuccess(delivery, report)
    case 'expanded':
      return noted('the recipient is a list: its members get reports of their own')
    case 'bounced':
    case 'suppressed':
    case 'quarantined':
    case 'filtered-spam':
    case 'failed':
      return stepFailure(delivery, report, operation)
    default:
      return unreachable(report.status)
  }
}

/** It has arrived: what waits to be sent once more need not be, and a person's `hold` or `drop` came too late. */
function stepSuccess({ state }: ReportedDelivery, report: DeliveryReport): ReportStep {
  switch (state) {
    case 'bounced':
    case 'expired':
      return noted('its owner was told that it failed: that stands')
    case 'sending':
      return { kind: 'later' }
    case 'queued':
    case 'indeterminate':
    case 'deferred':
    case 'held':
    case 'collecting':
    case 'accepted':
    case 'confirmed':
    case 'dropped':
      return {
        kind: 'changed',
        state: 'confirmed',
        code: reportedCode('delivered'),
        reason: withDetail("delivered to the recipient's mail server", report.detail),
        status: undefined,
      }
    default:
      return unreachable(state)
  }
}

function stepFailure(delivery: ReportedDelivery, report: DeliveryReport, operation: PartState): ReportStep {
  switch (delivery.state) {
    case 'accepted':
    case 'indeterminate':
      return failure(report)
    case 'confirmed':
      return wasDeliveredLater(delivery, report) ? noted('a later attempt delivered it') : failure(report)
    case 'queued':
    case 'deferred':
    case 'held':
    case 'collecting':
      // The service takes a repeat of the operation for done: nothing is sent, and no second report comes.
      return mayRepeat(operation)
        ? { kind: 'later' }
        : noted('an earlier copy failed; it is to be sent again')
    case 'bounced':
    case 'expired':
      return noted('its owner was told before')
    case 'dropped':
      return noted('it was dropped by hand')
    case 'sending':
      return { kind: 'later' }
    default:
      return unreachable(delivery.state)
  }
}

const mayRepeat = (operation: PartState): boolean =>
  operation === 'sending' || operation === 'indeterminate' || operation === 'open'

const wasDeliveredLater = ({ reports }: ReportedDelivery, report: DeliveryReport): boolean =>
  reports.some(({ status, at }) => status === 'delivered' && at > report.at)

/** What each failure means, and its status where the other server named none. */
const failures = {
  bounced: { sentence: "the recipient's mail server refused it", status: '5.0.0' },
  suppressed: {
    sentence: 'not sent: the service holds the recipient back after an earlier bounce',
    status: '5.1.1',
  },
  quarantined: { sentence: 'quarantined as spam, malware or phishing', status: '5.7.1' },
  'filtered-spam': { sentence: 'filtered as spam', status: '5.7.1' },
  failed: { sentence: 'the service could not deliver it', status: '5.0.0' },
} as const

function failure(report: DeliveryReport): ReportStep {
  if (report.status === 'delivered' || report.status === 'expanded')
    throw new Error(`${report.status} is no failure`)
  const { sentence, status } = failures[report.status]
  return {
    kind: 'changed',
    state: 'bounced',
    code: reportedCode(report.status),
    reason: withDetail(sentence, report.detail),
    status: /\b5\.\d{1,3}\.\d{1,3}\b/.exec(report.detail)?.[0] ?? status,
  }
}

const noted = (why: string): ReportStep => ({ kind: 'noted', why })

const withDetail = (sentence: string, detail: string): string =>
  detail === '' ? sentence : `${sentence}: ${detail}`
