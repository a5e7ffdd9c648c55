import { comparable } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { DeliveryReport, ReportedDelivery, ReportedPart } from '../core/delivery-report.ts'
import type { LiveListener } from '../core/live.ts'
import type { Log } from '../core/log.ts'
import type { DueRecipient, OwnMessage, Spool } from '../core/spool.ts'
import type { Step } from '../core/step-delivery.ts'
import { type ReportStep, stepReport } from '../core/step-report.ts'
import type { WallMs } from '../core/time.ts'
import { changeOf } from './changes.ts'
import { tellSteps } from './delivery-news.ts'
import type { Reporter } from './reporter.ts'

export interface ReportDeskParts {
  readonly spool: Pick<Spool, 'reported' | 'settleReport'>
  readonly clock: Clock
  readonly log: Log
  readonly live: LiveListener
  readonly reporter: Pick<Reporter, 'reportsFor'>
}

/** What became of a report. */
export type Filed =
  /** Its word is on disk. */
  | 'delivered'
  | 'failed'
  | 'noted'
  /** It was here before. */
  | 'known'
  /** No operation of this box, or none of the recipients of its message. */
  | 'stranger'
  /** It has to be handed out again. */
  | 'later'

type Changed = Extract<ReportStep, { kind: 'changed' }>

/** Leads one report to its delivery and writes down what it says, with the mail to the owner where it is a late bounce. */
export async function fileReport(report: DeliveryReport, parts: ReportDeskParts): Promise<Filed> {
  const found = await parts.spool.reported(report.operationId)
  const concerned = found && concernedBy(found, report)
  if (!concerned) return 'stranger'
  const step = stepReport(concerned.delivery, report, found.part.state)
  switch (step.kind) {
    case 'known':
    case 'later':
      return step.kind
    case 'noted':
      return write(found, concerned, report, step.why, undefined, parts)
    case 'changed':
      return write(found, concerned, report, step.reason, step, parts)
  }
}

interface Concerned {
  readonly delivery: ReportedDelivery
  readonly recipient: DueRecipient
}

/** Where nobody stands in the header the sender is a recipient too: what is said of that one concerns no delivery. */
function concernedBy({ message, deliveries }: ReportedPart, report: DeliveryReport): Concerned | undefined {
  const recipient = message.recipients.find(
    ({ address }) => comparable(address) === comparable(report.recipient),
  )
  const delivery = deliveries.find((one) => one.recipient === recipient?.number)
  return recipient && delivery && { recipient, delivery }
}

async function write(
  { part, message }: ReportedPart,
  { delivery, recipient }: Concerned,
  report: DeliveryReport,
  note: string,
  changed: Changed | undefined,
  parts: ReportDeskParts,
): Promise<Filed> {
  const now = parts.clock.wall()
  const step = changed && finalStep(recipient, changed)
  const reports: readonly OwnMessage[] = step
    ? await parts.reporter.reportsFor(message, part.upstream, [{ recipient, step }], now)
    : []
  const writing = await parts.spool.settleReport({
    part,
    recipient: recipient.number,
    report,
    receivedAt: now,
    from: delivery,
    change: step && changeOf(message.id, recipient.number, part.upstream, step),
    note,
    reports,
  })
  if (writing === 'known') return 'known'
  if (writing === 'overtaken') return 'later'
  tell(`${message.id}/${recipient.number}`, report, note, changed, now, parts)
  if (!step || !changed) return 'noted'
  tellSteps(parts.live, message, part.upstream, [{ step }], now)
  return changed.state === 'confirmed' ? 'delivered' : 'failed'
}

/** Nothing is due any more; how often it was tried and how long it lived stays. */
const finalStep = (recipient: DueRecipient, { state, code, reason, status }: Changed): Step => ({
  state,
  code,
  reason,
  status,
  dueAt: undefined,
  waitingFor: undefined,
  attempts: recipient.attempts,
  lifetime: recipient.lifetime,
  refusedBy: recipient.refusedBy,
})

function tell(
  message: string,
  { status, at }: DeliveryReport,
  note: string,
  changed: Changed | undefined,
  now: WallMs,
  { log }: ReportDeskParts,
): void {
  log.write(changed?.state === 'bounced' ? 'warn' : 'info', 'delivery-reported', {
    message,
    status,
    state: changed?.state ?? 'unchanged',
    reason: note,
    lateMs: Math.max(0, now - at),
  })
}
