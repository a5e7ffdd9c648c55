import type { DeliveryReport, EventContent, ReportStatus } from '../core/delivery-report.ts'
import { wallMs } from '../core/time.ts'
import { oneLine } from './pause-reasons.ts'

/** A message of a storage queue has at most 64 KiB, in base64 too (learn.microsoft.com, "Scalability targets for Queue Storage"). */
const longestText = 65_536
/** Event Grid writes one event into a message; its samples show lists. */
const mostEvents = 32
const longestAddress = 320
const reportType = 'Microsoft.Communication.EmailDeliveryReportReceived'

/** Values of `status` as they were documented and seen, in lower case. */
const statuses: ReadonlyMap<string, ReportStatus> = new Map([
  ['delivered', 'delivered'],
  ['bounced', 'bounced'],
  ['suppressed', 'suppressed'],
  ['quarantined', 'quarantined'],
  ['filteredspam', 'filtered-spam'],
  ['failed', 'failed'],
  ['expanded', 'expanded'],
])

/**
 * Reads a message of the queue that Event Grid writes into: base64 of JSON or the JSON itself, in the Event Grid schema or as
 * CloudEvents 1.0 (learn.microsoft.com, "Azure Communication Services - Email events"). Anybody who may write into the queue
 * can have written it: nothing is taken that is not of the expected form.
 */
export function readEvents(text: string): readonly EventContent[] {
  if (text.length > longestText) return [unreadable(`it has ${text.length} characters`)]
  const json = jsonOf(text)
  if (json === undefined) return [unreadable('it is no JSON')]
  const events: readonly unknown[] = Array.isArray(json) ? json : [json]
  if (events.length === 0 || events.length > mostEvents)
    return [unreadable(`it is a list of ${events.length}`)]
  return events.map(contentOf)
}

function jsonOf(text: string): unknown {
  const trimmed = text.trim()
  const plain = /^[[{]/.test(trimmed) ? trimmed : Buffer.from(trimmed, 'base64').toString('utf8')
  try {
    return JSON.parse(plain.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

function contentOf(event: unknown): EventContent {
  if (!isRecord(event)) return unreadable('an event is no object')
  // `type` in CloudEvents 1.0.
  const type = textOf(event, 'eventType') ?? textOf(event, 'type')
  if (type === undefined) return unreadable('an event has no type')
  if (type !== reportType) return { kind: 'other', what: oneLine(type) }
  const { data } = event
  if (!isRecord(data)) return unreadable('a report has no data')
  return reportOf(data, textOf(event, 'eventTime') ?? textOf(event, 'time'))
}

function reportOf(data: Readonly<Record<string, unknown>>, eventTime: string | undefined): EventContent {
  const operationId = textOf(data, 'messageId')
  const recipient = textOf(data, 'recipient')
  const said = textOf(data, 'status')
  // The documentation writes TimeStamp, the service Timestamp.
  const time = textOf(data, 'deliveryAttemptTimestamp') ?? textOf(data, 'deliveryAttemptTimeStamp')
  const at = timeOf(time) ?? timeOf(eventTime)
  if (operationId === undefined || !/^[\w-]{1,64}$/.test(operationId))
    return unreadable('a report has no messageId')
  if (recipient === undefined || recipient.length > longestAddress)
    return unreadable('a report has no recipient')
  if (said === undefined) return unreadable('a report has no status')
  if (at === undefined) return unreadable('a report has no time')
  const status = statuses.get(said.toLowerCase())
  // Unknown is not a failure (promise 3), whatever the SDK's own page says of it.
  if (status === undefined) return { kind: 'other', what: oneLine(`status ${said}`) }
  const report: DeliveryReport = {
    operationId: operationId.toLowerCase(),
    recipient,
    status,
    detail: detailOf(data['deliveryStatusDetails']),
    at,
  }
  return { kind: 'report', report }
}

/** An object by the documentation; a text has been seen. */
function detailOf(details: unknown): string {
  if (typeof details === 'string') return oneLine(details)
  if (!isRecord(details)) return ''
  const host = textOf(details, 'recipientMailServerHostName')
  const message = textOf(details, 'statusMessage')
  return oneLine([message, host].filter((text) => text !== undefined).join(' at '))
}

/** Undefined: none, or one that no clock of ours can mean. */
function timeOf(text: string | undefined) {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) || ms < 0 ? undefined : wallMs(ms)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function textOf(record: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = Object.hasOwn(record, key) ? record[key] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

const unreadable = (why: string): EventContent => ({ kind: 'unreadable', why })
