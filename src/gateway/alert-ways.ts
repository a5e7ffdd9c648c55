import type { AlertChannel, ChannelAnswer } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import type { Setup } from '../core/setup.ts'
import type { OwnMessage, QueueCounts, Spool } from '../core/spool.ts'
import { parseSyslogTarget } from '../core/syslog-target.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { plainOwnMail } from '../delivery/own-letter.ts'
import { ownSender } from '../delivery/own-sender.ts'
import type { TellingWays } from '../health/alert-teller.ts'
import type { Notice } from '../health/notice.ts'
import { alertMail } from '../papers/alert-mail.ts'
import { build } from '../platform/build.ts'
import { httpsAgent, loadTrust } from '../upstream/trust.ts'

export interface AlertWaysParts {
  readonly spool: Pick<Spool, 'takeId'>
  readonly clock: Clock
  readonly setup: () => Setup
  readonly bootId: string
  readonly isVaultOpen: () => boolean
  readonly delivery: Pick<Delivery, 'status' | 'poke'>
}

/** What the settings say of how people are told. The code of a way that is not set up is never loaded. */
export function alertWays(parts: AlertWaysParts): TellingWays {
  const { setup, clock, delivery } = parts
  return {
    open: () => openChannels(setup()),
    mayMail: () =>
      clock.isBelievable() &&
      parts.isVaultOpen() &&
      delivery.status(nothingWaits).some(({ state }) => state !== 'paused' && state !== 'retired'),
    mail: (notices) => mailOf(parts, notices),
    call: (channel, notices, signal) => callChannel(parts, channel, notices, signal, false),
    onMail: () => delivery.poke(),
  }
}

const nothingWaits: QueueCounts = { byState: {}, oldestOpen: undefined, waitingByUpstream: {}, bytes: 0 }

export function openChannels({ gateway, alerts }: Setup): readonly AlertChannel[] {
  return [
    ...(gateway.postmaster === undefined ? [] : (['mail'] as const)),
    ...(alerts.webhook === '' ? [] : (['webhook'] as const)),
    ...(alerts.syslog === '' ? [] : (['syslog'] as const)),
  ]
}

/** Throws without a postmaster: `open` says that there is none. */
export async function mailOf(parts: AlertWaysParts, notices: readonly Notice[]): Promise<OwnMessage> {
  const { gateway } = parts.setup()
  if (gateway.postmaster === undefined) throw new Error('gateway.postmaster is not set')
  const { subject, text } = alertMail(gateway.name, gateway.timezone, notices)
  const { postmaster: to } = gateway
  return plainOwnMail(parts, { to, from: ownSender(parts.setup(), to), subject, text, mark: 'alert' })
}

/** `isTest`: one try, so that the person who waits learns what was answered. */
export function callChannel(
  parts: Pick<AlertWaysParts, 'setup' | 'clock'>,
  channel: Exclude<AlertChannel, 'mail'>,
  notices: readonly Notice[],
  signal: AbortSignal,
  isTest: boolean,
): Promise<ChannelAnswer> {
  switch (channel) {
    case 'webhook':
      return postAll(parts, notices, signal, isTest)
    case 'syslog':
      return logAll(parts.setup(), notices, signal)
  }
}

async function postAll(
  { setup, clock }: Pick<AlertWaysParts, 'setup' | 'clock'>,
  notices: readonly Notice[],
  signal: AbortSignal,
  isTest: boolean,
): Promise<ChannelAnswer> {
  const { gateway, alerts } = setup()
  if (alerts.webhook === '') return { kind: 'off', detail: 'alerts.webhook is not set' }
  const trust = loadTrust(alerts.caFile)
  if (trust.kind === 'unreadable') return { kind: 'failed', detail: `alerts.ca_file: ${trust.detail}` }
  const [{ callWebhook, tryWebhook }, { alertDocument }] = await Promise.all([
    import('../health/webhook.ts'),
    import('../health/alert-document.ts'),
  ])
  const isSecure = alerts.webhook.startsWith('https:')
  const agent = isSecure ? httpsAgent(trust.context, gateway.proxy) : undefined
  const post = isTest ? tryWebhook : callWebhook
  const userAgent = `inkpost/${build.version}`
  let answer: ChannelAnswer = { kind: 'off', detail: 'nothing to tell' }
  try {
    for (const notice of notices) {
      const body = alertDocument(gateway.name, notice)
      answer = await post({ url: alerts.webhook, body, agent, userAgent, clock, signal })
      if (answer.kind === 'failed') break
    }
    return answer
  } finally {
    agent?.destroy()
  }
}

async function logAll(
  { gateway, alerts }: Setup,
  notices: readonly Notice[],
  signal: AbortSignal,
): Promise<ChannelAnswer> {
  const target = parseSyslogTarget(alerts.syslog)
  if (alerts.syslog === '') return { kind: 'off', detail: 'alerts.syslog is not set' }
  if (!target) return { kind: 'failed', detail: 'it is no server such as udp://host:514' }
  const trust = loadTrust(target.transport === 'tls' ? alerts.caFile : '')
  if (trust.kind === 'unreadable') return { kind: 'failed', detail: `alerts.ca_file: ${trust.detail}` }
  const [{ callSyslog }, { syslogMessage }] = await Promise.all([
    import('../health/syslog.ts'),
    import('../health/syslog-message.ts'),
  ])
  const origin = { hostname: gateway.hostname, pid: process.pid }
  const messages = notices.map((notice) => syslogMessage(origin, notice))
  return callSyslog({ target, messages, context: trust.context, signal })
}
