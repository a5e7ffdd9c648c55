import type { Alerts } from '../core/alerts.ts'
import type { EventContent, QueuedEvent, QueueTrouble, ReportQueue } from '../core/delivery-report.ts'
import { alertKeys } from './passing-alerts.ts'
import { type Filed, fileReport, type ReportDeskParts } from './report-desk.ts'

export interface ReportRoundParts extends ReportDeskParts {
  readonly alerts: Alerts
  /** Late bounces were written down, in one round. */
  readonly onFailure: () => void
  readonly count: (upstream: string, what: Fate) => void
}

/** What became of one thing in the queue, for /metrics. */
export type Fate = Filed | 'other' | 'unreadable'

export type Round =
  /** `isFull`: there may be more at once, whatever these were. */
  { readonly kind: 'done'; readonly isFull: boolean } | QueueTrouble

/** As many as the queue hands out at a time. */
const fullRound = 32
/** Handed out so many times without being understood: no box will ever understand it. */
const mostDequeues = 5

/** Collects what waits in a queue, once. An entry goes off the queue only when what it says is on disk. */
export async function collectOnce(
  upstream: string,
  queue: ReportQueue,
  parts: ReportRoundParts,
  signal: AbortSignal,
): Promise<Round> {
  const collected = await queue.collect(signal)
  if (collected.kind === 'trouble') return collected
  const { events } = collected
  let failures = 0
  const onFailure = (): void => {
    failures += 1
  }
  try {
    for (const event of events) {
      if (signal.aborted) break
      if (!(await isSpent(upstream, event, { ...parts, onFailure }))) continue
      const removal = await queue.remove(event, signal)
      if (removal.kind === 'trouble') return removal
    }
  } finally {
    if (failures > 0) parts.onFailure()
  }
  return { kind: 'done', isFull: events.length >= fullRound }
}

/** Files what an entry says; whether it may go off the queue. */
async function isSpent(upstream: string, event: QueuedEvent, parts: ReportRoundParts): Promise<boolean> {
  let isSpent = true
  for (const content of event.contents) {
    const fate = await fateOf(content, parts)
    const mayGo = mayLeave(fate, event)
    if (mayGo) parts.count(upstream, fate)
    if (mayGo && fate === 'unreadable') tellUnreadable(upstream, content, parts)
    isSpent &&= mayGo
  }
  return isSpent
}

async function fateOf(content: EventContent, parts: ReportRoundParts): Promise<Fate> {
  if (content.kind !== 'report') return content.kind
  const filed = await fileReport(content.report, parts)
  if (filed === 'failed') parts.onFailure()
  return filed
}

/** The queue is this box's own: what is not for it is for nobody. */
function mayLeave(fate: Fate, { dequeues }: QueuedEvent): boolean {
  switch (fate) {
    case 'delivered':
    case 'failed':
    case 'noted':
    case 'known':
    case 'stranger':
    case 'other':
      return true
    case 'later':
      return false
    case 'unreadable':
      return dequeues >= mostDequeues
  }
}

function tellUnreadable(upstream: string, content: EventContent, { alerts, log }: ReportRoundParts): void {
  const why = content.kind === 'unreadable' ? content.why : content.kind
  log.write('warn', 'report-unreadable', { upstream, detail: why })
  alerts.raise({
    key: `${alertKeys.unreadable}${upstream}`,
    severity: 'notice',
    sentence: `The queue of the delivery reports of ${upstream} held something that is no event: ${why}. It was removed.`,
    remedy: 'See that only Event Grid may write into this queue.',
  })
}
