import { domainOf } from '../core/address.ts'
import type { CredentialSetup, Quota, UpstreamSetup } from '../core/setup.ts'
import type { CredentialDocument, UpstreamDocument } from './schema.ts'
import { credentialSecrets, upstreamSecret } from './secret-slots.ts'
import { octetsOf } from './units.ts'
import { azureDomainQuota, defaultPort, kindFacts } from './upstream-kinds.ts'

/** One upstream as a value; also for those that left the document and only live until they are settled. */
export function upstreamOf(row: UpstreamDocument): UpstreamSetup {
  const facts = kindFacts[row.kind]
  const security = row.security ?? 'starttls'
  const isSmtp = facts.speaks === 'smtp'
  const size = row.max_message_size
  return {
    name: row.name,
    kind: row.kind,
    enabled: row.enabled,
    endpoint: facts.speaks === 'https' ? (row.endpoint ?? facts.endpoint) : '',
    authority: row.authority,
    host: isSmtp ? (row.host ?? facts.host) : '',
    port: isSmtp ? (row.port ?? defaultPort(row.kind, security)) : 0,
    security,
    username: row.username ?? '',
    senders: row.senders,
    sender: row.sender,
    quota: sharedQuota({ ...presetQuota(row), ...writtenQuota(row) }, row.share),
    connections: row.connections,
    maxMessageSize: size === undefined ? facts.maxMessageSize : octetsOf(size),
    acceptedDomains: row.accepted_domains,
    licences: row.licences,
    price: row.price && {
      perMessage: row.price.per_message,
      perMegabyte: row.price.per_megabyte,
      currency: row.price.currency,
    },
    caFile: row.ca_file,
    reportsQueue: row.reports?.queue ?? '',
    credential: credentialOf(row.name, row.credential, row.username),
  }
}

const isAzureDomain = (domain: string): boolean =>
  domain === 'azurecomm.net' || domain.endsWith('.azurecomm.net')

/** Azure's own sender domains have a tenth of the quota: one sender there is enough to hit it. */
function presetQuota(row: UpstreamDocument): Quota {
  const preset = kindFacts[row.kind].quota
  const domains = row.senders.map((pattern) => pattern.slice(pattern.lastIndexOf('@') + 1).toLowerCase())
  const all = row.sender === undefined ? domains : [...domains, domainOf(row.sender)]
  const isAzureKind = row.kind === 'acs-email' || row.kind === 'acs-smtp'
  return isAzureKind && all.some(isAzureDomain) ? azureDomainQuota : preset
}

function writtenQuota(row: UpstreamDocument): Quota {
  const quota = row.quota ?? {}
  return {
    ...(quota.per_minute !== undefined && { perMinute: quota.per_minute }),
    ...(quota.per_hour !== undefined && { perHour: quota.per_hour }),
    ...(quota.per_day !== undefined && { perDay: quota.per_day }),
    ...(quota.recipients_per_day !== undefined && { recipientsPerDay: quota.recipients_per_day }),
    ...(quota.external_per_day !== undefined && { externalPerDay: quota.external_per_day }),
    ...(quota.queries_per_minute !== undefined && { queriesPerMinute: quota.queries_per_minute }),
    ...(quota.queries_per_hour !== undefined && { queriesPerHour: quota.queries_per_hour }),
  }
}

/** This box's part, rounded down; never nothing, or its mail would wait for ever. */
function sharedQuota(quota: Quota, share: string): Quota {
  const [part = 1, whole = 1] = share.split('/').map(Number)
  return Object.fromEntries(
    Object.entries(quota).map(([window, amount]: [string, number]) => [
      window,
      Math.max(1, Math.floor((amount * part) / whole)),
    ]),
  )
}

function credentialOf(
  upstream: string,
  credential: CredentialDocument,
  username: string | undefined,
): CredentialSetup {
  const names = credentialSecrets(credential)
    .filter(({ value, file }) => value !== undefined || file !== undefined)
    .map(({ key }) => upstreamSecret(upstream, key))
  switch (credential.kind) {
    case 'none':
      return { kind: 'none' }
    case 'access-key':
      return { kind: 'access-key', keys: names, expires: credential.expires }
    case 'client-secret':
      return { ...entraOf(credential), kind: 'client-secret', secrets: names }
    case 'client-certificate':
      return {
        ...entraOf(credential),
        kind: 'client-certificate',
        certificateFile: credential.certificate_file,
      }
    case 'password':
      return {
        kind: 'password',
        username: credential.username ?? username ?? '',
        password: upstreamSecret(upstream, 'password'),
        expires: credential.expires,
      }
  }
}

const entraOf = (credential: {
  readonly tenant_id?: string | undefined
  readonly client_id?: string | undefined
  readonly object_id?: string | undefined
  readonly expires: string
}): Pick<
  Extract<CredentialSetup, { kind: 'client-secret' }>,
  'tenantId' | 'clientId' | 'objectId' | 'expires'
> => ({
  tenantId: credential.tenant_id ?? '',
  clientId: credential.client_id ?? '',
  ...(credential.object_id !== undefined && { objectId: credential.object_id }),
  expires: credential.expires,
})
