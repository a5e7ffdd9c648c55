// Everything about the emulated Azure that a test may set, before the start or while it runs.
import { randomBytes } from 'node:crypto'
import type { StoredMail } from './mail-ledger.ts'
import type { QuotaLimits } from './quota-window.ts'

export interface ClientSecret {
  readonly value: string
  /** Milliseconds since the epoch, by the emulator's clock; before it the secret is unknown. */
  readonly startsAt?: number
  /** Milliseconds since the epoch, by the emulator's clock. */
  readonly expiresAt?: number
}

/** An app registration in one tenant and its role on the Communication Services resource. */
export interface EntraApp {
  readonly tenant: string
  readonly clientId: string
  secrets: readonly ClientSecret[]
  /** Registered public certificates, PEM; any of them proves the app. */
  certificates: string[]
  /** Object id of the Enterprise application, the `oid` of its tokens; default: the client id. */
  readonly objectId?: string
  /** Application permissions with admin consent, by resource (without `/.default`): the `roles` of its tokens. */
  permissions?: Readonly<Record<string, readonly string[]>>
  /** `contributor` may send; `none` gets tokens, but ACS refuses them. */
  role: 'contributor' | 'none'
}

export type OperationIdPolicy =
  /** The same request again is answered 202 once more; another body under a known id is 409. */
  | 'replay202'
  /** A known id is 409. */
  | 'conflict409'
  /** A known id is 400, although the first was taken (azure-sdk-for-net#50889). */
  | 'bad400'
  /** Ids mean nothing: a repeat is a second mail. */
  | 'naive-duplicate'

export interface RefusedTypes {
  readonly contentTypes: readonly string[]
  /** With the dot, lower case. */
  readonly extensions: readonly string[]
}

/** How an operation ends if not with `Succeeded`. */
export interface OperationFailure {
  readonly status: 'Failed' | 'Canceled'
  readonly code: string
  readonly message: string
}

export type EntraOutage = 'none' | '503' | '429' | 'hang' | 'reset'
export type Outage = 'none' | 'refuse' | 'reset' | '503'

/** Read afresh at every request, so assigning to a field takes effect at once. */
export interface AzureSettings {
  /** Milliseconds since the epoch: signature skew, token life, quotas, the `Date` header. */
  now: () => number
  /** By which the times of client assertions are held; `undefined`: `now`. Microsoft's library dates them by the machine's. */
  assertionNow: (() => number) | undefined
  /** Base64, as the portal shows them; either is taken. */
  accessKeys: readonly string[]
  apps: readonly EntraApp[]
  /** Resources known in the tenant (the scope without `/.default`). */
  resources: readonly string[]
  tokenLifetimeSeconds: number
  /** `undefined`: the token reply has no `refresh_in`. */
  refreshInSeconds: number | undefined
  entraOutage: EntraOutage
  /** `msgraph_host` of the discovery document; `undefined`: it names none. */
  graphHost: string | undefined
  /** MailFrom addresses. */
  senders: readonly string[]
  linkedDomains: readonly string[]
  suppressed: readonly string[]
  sendQuota: QuotaLimits
  statusQuota: QuotaLimits
  /** Bytes of the raw request body. */
  maxRequestBytes: number
  /** to + cc + bcc. */
  maxRecipients: number
  refusedTypes: RefusedTypes
  /** The schema requires `to`; Microsoft's samples leave it out beside bcc. */
  isToRequired: boolean
  /** An empty subject, or text and html both empty, are refused like missing ones. Nobody has documented it. */
  isEmptyContentRefused: boolean
  operationIdPolicy: OperationIdPolicy
  /** How long a new operation is `Running`. */
  runningForMs: number
  /** How long a status query still finds nothing after the 202. */
  statusHiddenForMs: number
  /** `Retry-After` of a 202 and of an unfinished operation. */
  pollAfterSeconds: number
  /** 401 or 403 for an app without the role. */
  roleRefusalStatus: 401 | 403
  /** Decides how an accepted mail ends; `undefined` means `Succeeded`. */
  failOperation: (mail: StoredMail) => OperationFailure | undefined
}

export const exampleTenant = '11111111-1111-4111-8111-111111111111'
export const exampleClientId = '22222222-2222-4222-8222-222222222222'
export const exampleSecret = 'example~secret~value'

/** The documented limits of a subscription with its own domain, one app, one sender, no certificates. */
export function defaultSettings(): AzureSettings {
  return {
    now: Date.now,
    assertionNow: undefined,
    accessKeys: [randomBytes(64).toString('base64'), randomBytes(64).toString('base64')],
    apps: [
      {
        tenant: exampleTenant,
        clientId: exampleClientId,
        secrets: [{ value: exampleSecret }],
        certificates: [],
        role: 'contributor',
      },
    ],
    resources: [
      'https://communication.azure.com',
      'https://outlook.office365.com',
      'https://storage.azure.com',
    ],
    tokenLifetimeSeconds: 3599,
    refreshInSeconds: undefined,
    entraOutage: 'none',
    graphHost: undefined,
    senders: ['scanner@contoso.com', 'noreply@contoso.com'],
    linkedDomains: ['contoso.com'],
    suppressed: [],
    sendQuota: { perMinute: 30, perHour: 100 },
    statusQuota: { perMinute: 60, perHour: 200 },
    maxRequestBytes: 10_000_000,
    maxRecipients: 50,
    refusedTypes: {
      contentTypes: ['application/vnd.ms-xpsdocument', 'application/oxps', 'message/rfc822'],
      extensions: ['.xps', '.oxps', '.eml'],
    },
    isToRequired: true,
    isEmptyContentRefused: true,
    operationIdPolicy: 'replay202',
    runningForMs: 0,
    statusHiddenForMs: 0,
    pollAfterSeconds: 30,
    roleRefusalStatus: 403,
    failOperation: () => undefined,
  }
}
