import type { Outcome } from '../core/outcome.ts'
import { describeSize } from '../core/size.ts'
import type { Consignment } from '../core/upstream.ts'
import { abortTrouble } from './network-trouble.ts'
import { needsUtf8, type SmtpEnvelope } from './smtp-envelope.ts'
import type { SmtpParcel } from './smtp-parcel.ts'
import { SmtpRefusal } from './smtp-refusal.ts'
import type { SmtpSession, Transaction } from './smtp-session.ts'
import { lostOutcome, smtpTroubleOutcome } from './smtp-trouble.ts'

/** The null reverse-path stays what it is (RFC 5321 section 4.5.5): a report must not be reported on. */
export function envelopeOf({ envelope, rewrite, recipients }: Consignment, parcel: SmtpParcel): SmtpEnvelope {
  return {
    from: envelope.reversePath === '' ? '' : (rewrite.sender ?? envelope.reversePath),
    recipients,
    size: parcel.size,
    has8bit: parcel.has8bit || envelope.bodyType === '8BITMIME',
    smtputf8: envelope.smtputf8,
    dsn: envelope.dsn,
  }
}

/** One outcome for each recipient: RCPT's own refusals stand, whatever became of the others. */
export function outcomesOf(
  transaction: Transaction,
  { recipients, operationId }: Consignment,
  signal: AbortSignal,
): ReadonlyMap<number, Outcome> {
  const { failure, isContentSent, reply } = transaction
  const progress = { isContentSent, reference: operationId }
  const aborted = failure === undefined ? undefined : abortTrouble(signal)
  const accepted: Outcome = { kind: 'accepted', reference: operationId, detail: reply }
  const shared =
    failure === undefined
      ? accepted
      : aborted
        ? lostOutcome(aborted, progress)
        : smtpTroubleOutcome(failure, progress)
  const rejected = isSenderRefused(failure) ? new Map<string, unknown>() : transaction.rejected
  return new Map(
    recipients.map(({ number, address }) => {
      const refusal = rejected.get(address)
      return [
        number,
        refusal === undefined ? shared : smtpTroubleOutcome(refusal, { ...progress, isContentSent: false }),
      ]
    }),
  )
}

/** With PIPELINING the recipients after a refused MAIL are refused too, for want of a sender. */
const isSenderRefused = (failure: unknown): boolean =>
  failure instanceof SmtpRefusal
    ? failure.reply.stage === 'mail'
    : failure instanceof Error && 'command' in failure && failure.command === 'MAIL FROM'

/** What EHLO tells before anything is said. */
export function sessionVerdict(session: SmtpSession, envelope: SmtpEnvelope): Outcome | undefined {
  if (needsUtf8(envelope) && !session.hasExtension('SMTPUTF8')) {
    return refusal('needs-smtputf8', '5.6.7', 'The server takes no addresses with letters beyond ASCII.')
  }
  return sizeVerdict(envelope.size, session.maxSize)
}

/** A refusal that another way out may not share; undefined if the size fits. */
export function sizeVerdict(size: number, limit: number | undefined): Outcome | undefined {
  if (limit === undefined || size <= limit) return undefined
  return refusal(
    'too-large',
    '5.3.4',
    `The mail has ${describeSize(size)}; the server takes ${describeSize(limit)}.`,
  )
}

const refusal = (code: string, status: string, detail: string): Outcome => ({
  kind: 'permanent',
  scope: 'message',
  code,
  status,
  detail,
  elsewhere: true,
})
