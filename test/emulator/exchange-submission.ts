// What the emulated smtp.office365.com decides about a mail after its end: rights, quotas, blocks. The service hands it
// to the mailbox's store at that moment, and refusals of the store (STOREDRV) come in answer to the final dot.

import type { ContinuousError, ExchangeSettings, Mailbox } from './exchange-settings.ts'
import { findMailbox } from './exchange-sign-in.ts'
import { domainOf, fromAddresses } from './from-header.ts'
import type { SmtpContent } from './smtp-content.ts'
import type { SmtpConnection } from './smtp-ledger.ts'
import type { SmtpEnvelope, SmtpPolicy } from './smtp-policy.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const stopCodes: Record<ContinuousError, string> = {
  'mailbox full': '5.2.251',
  'send as denied': '5.2.252',
  'invalid license': '5.2.253',
  'too many recipients': '5.2.254',
  'invalid recipients': '5.2.255',
}

/** What the service remembers of a mailbox. */
interface Memory {
  readonly sessions: SmtpConnection[]
  errors: { readonly at: number; readonly kind: ContinuousError }[]
  stopped: { readonly kind: ContinuousError; readonly until: number } | undefined
  sent: { readonly at: number; readonly recipients: number }[]
}

export interface SubmissionOptions {
  readonly settings: ExchangeSettings
  readonly hostname: string
  readonly now: () => number
}

export function createSubmission(
  options: SubmissionOptions,
): Required<Pick<SmtpPolicy, 'mail' | 'recipient' | 'content'>> {
  const { settings, hostname, now } = options
  const memories = new Map<string, Memory>()

  function memoryOf(user: string): Memory {
    const key = user.toLowerCase()
    const memory = memories.get(key) ?? { sessions: [], errors: [], stopped: undefined, sent: [] }
    memories.set(key, memory)
    return memory
  }

  function permanent(text: string, exception: string): string {
    const message = 'Failed to process message due to a permanent exception with message'
    const diagnostics = '[BeginDiagnosticData]Cannot submit message.[EndDiagnosticData]'
    return `554 ${text}STOREDRV.Submission.Exception:${exception}; ${message} ${diagnostics} [Hostname=${hostname}]`
  }

  function refuseStopped(mailbox: Mailbox, memory: Memory): string | undefined {
    const counted =
      memory.stopped !== undefined && memory.stopped.until > now() ? memory.stopped.kind : undefined
    const kind = mailbox.stoppedFor ?? counted
    return kind === undefined
      ? undefined
      : `550 ${stopCodes[kind]} Sender throttled due to continuous ${kind} errors. [Hostname=${hostname}]`
  }

  /** A session sends from its first MAIL until it is closed. */
  function mail(connection: SmtpConnection): undefined {
    const { sessions } = memoryOf(connection.user ?? '')
    if (!sessions.includes(connection)) sessions.push(connection)
  }

  function refuseConcurrent(connection: SmtpConnection, memory: Memory): string | undefined {
    const open = memory.sessions.filter((one) => one.isOpen)
    if (settings.service === 'hve' || open.indexOf(connection) < settings.connectionsPerMailbox)
      return undefined
    const visit = 'Visit https://aka.ms/concurrent_sending for more information.'
    return `432 4.3.2 Concurrent connections limit exceeded. ${visit} [Hostname=${hostname}]`
  }

  function noteError(memory: Memory, kind: ContinuousError): void {
    memory.errors = [...memory.errors, { at: now(), kind }].filter((one) => one.at > now() - hourMs)
    if (memory.errors.filter((one) => one.kind === kind).length >= settings.errorsBeforeStop)
      memory.stopped = { kind, until: now() + settings.stoppedMs }
  }

  function refuseSender(mailbox: Mailbox, content: SmtpContent, envelope: SmtpEnvelope): string | undefined {
    const own = [mailbox.address, ...(mailbox.sendAs ?? [])].map((one) => one.toLowerCase())
    const stranger = [...fromAddresses(content.raw), envelope.mailFrom.address.toLowerCase()].find(
      (one) => one !== '' && !own.includes(one),
    )
    if (stranger === undefined) return undefined
    return permanent(
      `5.2.252 SendAsDenied; ${mailbox.address} not allowed to send as ${stranger}; `,
      'SendAsDeniedException.MapiExceptionSendAsDenied',
    )
  }

  function refuseQuota(memory: Memory, recipients: number): string | undefined {
    const today = memory.sent.filter((one) => one.at > now() - dayMs)
    const total = today.reduce((sum, one) => sum + one.recipients, recipients)
    if (settings.service === 'hve' || total <= settings.recipientsPerDay) return undefined
    return permanent('5.2.0 ', 'SubmissionQuotaExceededException')
  }

  /** Excess is carried over to the following minutes
   * (https://learn.microsoft.com/exchange/troubleshoot/send-emails/smtp-submission-improvements). */
  async function pace(memory: Memory): Promise<void> {
    const recent = memory.sent.filter((one) => one.at > now() - minuteMs)
    const mustLeave = recent.at(-settings.messagesPerMinute)
    if (settings.service === 'mailbox' && mustLeave !== undefined)
      await settings.delay(mustLeave.at + minuteMs - now())
  }

  function refuseMailbox(
    mailbox: Mailbox,
    memory: Memory,
    content: SmtpContent,
    envelope: SmtpEnvelope,
  ): string | undefined {
    const sender = refuseSender(mailbox, content, envelope)
    if (sender !== undefined) {
      noteError(memory, 'send as denied')
      return sender
    }
    if (mailbox.isFull !== true) return undefined
    noteError(memory, 'mailbox full')
    return permanent('5.2.2 mailbox full; ', 'QuotaExceededException.MapiExceptionShutoffQuotaExceeded')
  }

  async function content(
    connection: SmtpConnection,
    given: SmtpContent,
    envelope: SmtpEnvelope,
  ): Promise<string | undefined> {
    const mailbox = findMailbox(settings, connection.user ?? '')
    if (mailbox === undefined) return permanent('5.2.0 ', 'MailboxNotFoundException')
    const memory = memoryOf(mailbox.address)
    const refusal =
      settings.tenantBlock ??
      refuseStopped(mailbox, memory) ??
      refuseConcurrent(connection, memory) ??
      refuseMailbox(mailbox, memory, given, envelope) ??
      refuseQuota(memory, envelope.recipients.length)
    if (refusal !== undefined) return refusal
    await pace(memory)
    memory.sent = memory.sent.filter((one) => one.at > now() - dayMs)
    memory.sent.push({ at: now(), recipients: envelope.recipients.length })
    return undefined
  }

  function recipient(_connection: SmtpConnection, path: { readonly address: string }): string | undefined {
    const isInternal = settings.acceptedDomains.includes(domainOf(path.address))
    if (settings.service === 'mailbox' || isInternal) return undefined
    return `550 5.5.105 External sending is not supported for High Volume Email accounts. [${hostname}]`
  }

  return { mail, recipient, content }
}
