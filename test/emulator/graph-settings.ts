// Everything about the emulated Microsoft Graph that a test may set, before the start or while it runs.
import { exampleClientId, exampleTenant } from './azure-settings.ts'

/** What an app may do; one app without a grant gets tokens all the same. */
export interface GraphGrant {
  readonly tenant: string
  readonly clientId: string
  /** Application permissions with admin consent; empty: none. */
  readonly roles: readonly string[]
  /** Mailboxes in the scope (RBAC for Applications, or an application access policy); undefined: every one of the tenant. */
  readonly mailboxes?: readonly string[]
}

export interface GraphMailbox {
  readonly userPrincipalName: string
  /** Further addresses that it may send as. */
  readonly sendAs?: readonly string[]
  readonly state?: 'online' | 'on-premises' | 'full' | 'blocked'
}

/** Read afresh at every request, so assigning to a field takes effect at once. */
export interface GraphSettings {
  /** Milliseconds since the epoch. */
  now: () => number
  audience: string
  grants: readonly GraphGrant[]
  mailboxes: readonly GraphMailbox[]
  /** Octets of a request, base64 included; 4 MB in the documentation, and nobody says which megabytes. */
  maxRequestBytes: number
  /** What larger requests hear: the documented 413, or the 200 of microsoft-graph-docs#13979. Neither is sent. */
  oversizeStatus: 413 | 200
  /** Requests of one app to one mailbox at once. */
  mailboxConcurrency: number
  /** Of a 429. */
  retryAfterSeconds: number | undefined
  /** A Retry-After beside the 202, as seen in msgraph-sdk-java#1487. */
  retryAfterOn202: number | undefined
  /** Tokens made before (seconds since the epoch) are answered with a claims challenge. */
  tokensNotBefore: number
  /** Addresses that Exchange refuses to write to, one of them refuses the whole message. */
  invalidRecipients: readonly string[]
}

export function defaultGraphSettings(): GraphSettings {
  return {
    now: Date.now,
    audience: 'https://graph.microsoft.com',
    grants: [{ tenant: exampleTenant, clientId: exampleClientId, roles: ['Mail.Send'] }],
    mailboxes: [
      { userPrincipalName: 'scanner@contoso.com' },
      { userPrincipalName: 'noreply@contoso.com', sendAs: ['office@contoso.com'] },
    ],
    maxRequestBytes: 4_194_304,
    oversizeStatus: 413,
    mailboxConcurrency: 4,
    retryAfterSeconds: 10,
    retryAfterOn202: undefined,
    tokensNotBefore: 0,
    invalidRecipients: [],
  }
}
