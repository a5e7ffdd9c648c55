import type { Quota, UpstreamKind } from '../core/setup.ts'
import { graphMaxSize } from '../core/upstream-kinds.ts'
import type { CredentialDocument } from './schema.ts'

/** What a kind of upstream is by itself; the document's keys come over it. */
export interface KindFacts {
  readonly isMicrosoft: boolean
  readonly speaks: 'smtp' | 'https' | 'nothing'
  /** Empty: the document must name it. */
  readonly host: string
  readonly endpoint: string
  readonly port: number
  readonly maxMessageSize: number | undefined
  readonly quota: Quota
  readonly credentials: readonly CredentialDocument['kind'][]
}

const megabyte = 1e6
const nothing = { host: '', endpoint: '', port: 0, maxMessageSize: undefined, quota: {} } as const
const smtp = { ...nothing, speaks: 'smtp', port: 587 } as const
const https = { ...nothing, speaks: 'https' } as const

/** Azure's limits for a subscription (learn.microsoft.com, "Service limits for Azure Communication Services"). */
export const ownDomainQuota: Quota = {
  perMinute: 30,
  perHour: 100,
  queriesPerMinute: 60,
  queriesPerHour: 200,
}
/** For senders at `*.azurecomm.net`; Microsoft does not raise these. */
export const azureDomainQuota: Quota = {
  perMinute: 5,
  perHour: 10,
  queriesPerMinute: 10,
  queriesPerHour: 20,
}
/** For a mailbox (learn.microsoft.com, "Exchange Online limits"). */
const mailboxQuota: Quota = { perMinute: 30, recipientsPerDay: 10_000 }

const entra = ['client-secret', 'client-certificate'] as const

export const kindFacts: Readonly<Record<UpstreamKind, KindFacts>> = {
  outbox: { ...nothing, isMicrosoft: false, speaks: 'nothing', credentials: ['none'] },
  'acs-email': {
    ...https,
    isMicrosoft: true,
    maxMessageSize: 10 * megabyte,
    quota: ownDomainQuota,
    credentials: ['access-key', ...entra],
  },
  'acs-smtp': {
    ...smtp,
    isMicrosoft: true,
    host: 'smtp.azurecomm.net',
    maxMessageSize: 10 * megabyte,
    quota: ownDomainQuota,
    credentials: ['password', ...entra],
  },
  'exchange-smtp': {
    ...smtp,
    isMicrosoft: true,
    host: 'smtp.office365.com',
    quota: mailboxQuota,
    credentials: [...entra, 'password'],
  },
  'exchange-hve': {
    ...smtp,
    isMicrosoft: true,
    host: 'smtp.hve.mx.microsoft',
    maxMessageSize: 10 * megabyte,
    credentials: [...entra, 'password'],
  },
  'exchange-direct': { ...smtp, isMicrosoft: true, port: 25, credentials: ['none'] },
  'exchange-connector': {
    ...smtp,
    isMicrosoft: true,
    port: 25,
    credentials: ['none', 'client-certificate'],
  },
  graph: {
    ...https,
    isMicrosoft: true,
    endpoint: 'https://graph.microsoft.com',
    maxMessageSize: graphMaxSize,
    quota: mailboxQuota,
    credentials: entra,
  },
  smarthost: { ...smtp, isMicrosoft: false, credentials: ['none', 'password', ...entra] },
}

/** Ports by what is spoken first, where the document names none (RFC 8314 for 465). */
export function defaultPort(kind: UpstreamKind, security: 'starttls' | 'implicit' | 'plain'): number {
  if (kindFacts[kind].speaks !== 'smtp') return 0
  if (security === 'implicit') return 465
  return security === 'plain' ? 25 : kindFacts[kind].port
}
