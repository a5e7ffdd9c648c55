import { type Address, comparable } from '../core/address.ts'
import type { Alerts } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { reportedCode } from '../core/delivery-report.ts'
import type { Log } from '../core/log.ts'
import type { Setup } from '../core/setup.ts'
import type { DueMessage, DueRecipient, OwnMessage, Spool } from '../core/spool.ts'
import type { Step } from '../core/step-delivery.ts'
import { hour, type WallMs } from '../core/time.ts'
import { deliveryReport, type ReportedRecipient } from '../message/dsn.ts'
import { BounceSummary } from './bounce-summary.ts'
import { ownMessage } from './own-message.ts'
import { ownSender } from './own-sender.ts'
import { alertKeys } from './passing-alerts.ts'

export interface ReporterParts {
  readonly spool: Pick<Spool, 'takeId' | 'content' | 'receive'>
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Alerts
  readonly setup: () => Setup
  readonly bootId: string
}

/** A recipient whose delivery has just changed. */
export interface Reported {
  readonly recipient: DueRecipient
  readonly step: Step
}

/** Reports a device's readers get in an hour; more are one alert and one summary. */
const reportsPerHour = 10

/**
 * Writes the reports on mail that bounced or expired, for the transaction that says so. They go to the device's owner,
 * else to the postmaster: what a device calls its sender is read by nobody. The box's own mail is never reported on.
 */
export class Reporter {
  readonly #parts: ReporterParts
  /** By device: what was reported on, and when. */
  readonly #written = new Map<string, ReadonlyMap<string, WallMs>>()
  readonly #summary: BounceSummary

  constructor(parts: ReporterParts) {
    this.#parts = parts
    this.#summary = new BounceSummary(parts)
  }

  /** Writes the summaries whose hour is over, or all of them; never rejects. */
  writeSummaries(all = false): Promise<void> {
    return this.#summary.write(all)
  }

  async reportsFor(
    message: DueMessage,
    upstream: string,
    steps: readonly Reported[],
    now: WallMs,
  ): Promise<readonly OwnMessage[]> {
    const failed = steps.filter(({ step }) => step.state === 'bounced' || step.state === 'expired')
    if (failed.length === 0) return []
    if (message.kind !== 'mail' && message.kind !== 'test') return this.#tellOtherwise(message, failed)
    const wanted = failed.filter(({ recipient }) => recipient.notify?.toUpperCase() !== 'NEVER')
    const reader = this.#readerOf(message)
    if (wanted.length === 0) return []
    if (!reader) return this.#nobodyReads(message)
    if (this.#isFlood(message, wanted, now)) return this.#flood(message, wanted, reader)
    return [await this.#report(message, upstream, wanted, reader, now)]
  }

  #readerOf(message: DueMessage): Address | undefined {
    const setup = this.#parts.setup()
    const device = setup.devices.find(({ name }) => name === message.device)
    return device?.owner ?? setup.gateway.postmaster
  }

  /** A report that the disk refused is written anew, and counts once. */
  #isFlood({ id, device = '' }: DueMessage, failed: readonly Reported[], now: WallMs): boolean {
    const about = `${id}/${failed.map(({ recipient }) => recipient.number)}`
    const written = [...(this.#written.get(device) ?? [])]
    const recent = new Map(written.filter(([, at]) => now - at < hour && at <= now))
    const isFlood = recent.size >= reportsPerHour && !recent.has(about)
    this.#written.set(device, isFlood ? recent : recent.set(about, now))
    return isFlood
  }

  async #report(
    message: DueMessage,
    upstream: string,
    failed: readonly Reported[],
    reader: Address,
    now: WallMs,
  ): Promise<OwnMessage> {
    const { spool, clock, setup, bootId } = this.#parts
    const { gateway } = setup()
    const id = await spool.takeId()
    const from = ownSender(setup(), reader)
    const headerMessageId = `${id}.report@${gateway.hostname}`
    const content = deliveryReport({
      from,
      fromName: gateway.name,
      to: [reader],
      date: now,
      headerMessageId,
      reportingMta: gateway.hostname,
      device: message.device,
      originalSubject: message.subject,
      arrival: message.acceptedWall,
      ...(message.envelope.dsn.envid === undefined ? {} : { envid: message.envelope.dsn.envid }),
      recipients: failed.map((entry) => reportedRecipient(entry, upstream, now)),
      originalHeader: await this.#headerOf(message),
    })
    return ownMessage(
      {
        id,
        kind: 'dsn',
        content,
        subject: `Not delivered: ${message.subject || '(no subject)'}`.slice(0, 200),
        headerMessageId,
        from,
        to: [reader],
        reversePath: '',
        about: message.id,
        ...(message.device === undefined ? {} : { device: message.device }),
      },
      clock,
      bootId,
    )
  }

  async #headerOf(message: DueMessage): Promise<Uint8Array> {
    const content = await this.#parts.spool.content(message.id)
    if (!content) return new Uint8Array()
    return Buffer.concat(await Array.fromAsync(content.read({ start: 0, end: message.index.headerEnd })))
  }

  /**
   * A report that can't be delivered makes no report (RFC 3461 section 6.1): of an owner's the postmaster is told, of the
   * postmaster's own mail everybody but them.
   */
  #tellOtherwise(message: DueMessage, failed: readonly Reported[]): readonly OwnMessage[] {
    const { alerts, setup } = this.#parts
    const postmaster = comparable(setup().gateway.postmaster ?? '')
    const isOwner = failed.every(({ recipient }) => comparable(recipient.address) !== postmaster)
    const reason = failed[0]?.step.reason ?? ''
    if (isOwner && message.device !== undefined) {
      alerts.raise({
        key: `${alertKeys.ownerMail}${message.device}`,
        severity: 'warning',
        sentence: `A report for the owner of ${message.device} (${message.id}) could not be delivered: ${reason}`,
        remedy: `Check the owner of ${message.device}: nobody reads that its mail came back.`,
      })
      return []
    }
    alerts.raise({
      key: alertKeys.ownMail,
      severity: 'warning',
      sentence: `A mail of the box itself (${message.id}) could not be delivered: ${reason}`,
      remedy: 'Check gateway.postmaster and the owners of the devices.',
      notBy: 'mail',
    })
    return []
  }

  #nobodyReads(message: DueMessage): readonly OwnMessage[] {
    this.#parts.alerts.raise({
      key: `${alertKeys.nobodyReads}${message.device ?? ''}`,
      severity: 'warning',
      sentence: `Mail of ${message.device ?? 'the box'} bounced and nobody could be told.`,
      remedy: "Set gateway.postmaster, or the device's owner.",
    })
    return []
  }

  #flood(message: DueMessage, failed: readonly Reported[], reader: Address): readonly OwnMessage[] {
    this.#summary.collect(
      message.device ?? '',
      { reader, from: ownSender(this.#parts.setup(), reader) },
      failed.map(({ recipient: { address }, step }) => ({
        message: message.id,
        recipient: address,
        reason: step.reason,
      })),
    )
    this.#parts.alerts.raise({
      key: `${alertKeys.manyBounces}${message.device ?? ''}`,
      severity: 'warning',
      sentence: `More than ${reportsPerHour} mails of ${message.device ?? 'the box'} bounced within an hour: the others come in one summary.`,
      remedy: 'See `inkpost queue --all` for them.',
    })
    return []
  }
}

const reportedRecipient = (
  { recipient, step }: Reported,
  upstream: string,
  now: WallMs,
): ReportedRecipient => ({
  address: recipient.address,
  ...(recipient.orcpt === undefined ? {} : { orcpt: recipient.orcpt }),
  action: 'failed',
  status: step.status ?? '5.0.0',
  reason: step.reason,
  remedy: remedyFor(step),
  diagnostic: step.reason,
  remoteMta: upstream,
  lastAttempt: now,
})

/** What a person can do, by the class of the status (RFC 3463 section 3). */
function remedyFor(step: Step): string {
  if (step.state === 'expired')
    return 'Nothing took it for too long. See the status of the box, then scan it again.'
  if (step.code === reportedCode('suppressed'))
    return 'The address bounced before, so the service holds it back for days: correct or remove it in the address book of the device. If it is right, the administrator takes it off the suppression list of the Communication Services resource.'
  if (step.status?.startsWith('5.1.')) return 'Check the address in the address book of the device.'
  if (step.status?.startsWith('5.2.')) return 'The mailbox does not take it: ask the recipient.'
  if (step.status === '5.3.4') return 'It is too large: scan with fewer dots per inch, or in several parts.'
  return 'Show this to the administrator of the box.'
}
