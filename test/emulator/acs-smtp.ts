// smtp.azurecomm.net:587, whose passwords are the secrets of the emulated Entra's apps
// (https://learn.microsoft.com/azure/communication-services/quickstarts/email/send-email-smtp/smtp-authentication).
// It runs on Exchange's front ends, as the links in its replies tell; its own EHLO reply has not been published.
import type { Azure } from './azure.ts'
import type { EntraApp } from './azure-settings.ts'
import { checkSecret } from './entra.ts'
import type { SignInRefusal } from './exchange-settings.ts'
import { exchangeCapabilities, exchangeTexts } from './exchange-texts.ts'
import { domainOf, fromAddresses } from './from-header.ts'
import { createQuotaWindow } from './quota-window.ts'
import type { SmtpConnection } from './smtp-ledger.ts'
import type { SmtpPolicy } from './smtp-policy.ts'
import { type SmtpUpstream, type SmtpUpstreamOptions, startSmtpUpstream } from './smtp-upstream.ts'

export const communicationResource = 'https://communication.azure.com'

/** A `smtpUsernames` child of the Communication Services resource. */
export interface SmtpUsername {
  /** Free form, or an address of a linked domain. */
  readonly username: string
  readonly clientId: string
  readonly tenant: string
}

export interface AcsSmtpSettings {
  /** Name of the Communication Services resource, first part of the long user names. */
  readonly resource: string
  usernames: readonly SmtpUsername[]
}

export interface AcsSmtpOptions extends Partial<AcsSmtpSettings> {
  readonly upstream?: SmtpUpstreamOptions
}

export interface AcsSmtp extends SmtpUpstream {
  /** Live; senders, linked domains, quotas and roles are those of `azure.settings`. */
  readonly resource: AcsSmtpSettings
  readonly refusals: readonly SignInRefusal[]
}

/** `<resource>.<app id>.<tenant id>`, in older ones with `|`. */
function longUsername(settings: AcsSmtpSettings, user: string): SmtpUsername | undefined {
  const separator = user.includes('|') ? '|' : '.'
  const [resource, clientId, tenant, ...rest] = user.split(separator)
  if (resource?.toLowerCase() !== settings.resource.toLowerCase() || rest.length > 0) return undefined
  return clientId === undefined || tenant === undefined ? undefined : { username: user, clientId, tenant }
}

function createSignIn(
  azure: Azure,
  settings: AcsSmtpSettings,
  hostname: string,
  refused: (refusal: SignInRefusal) => void,
): Required<Pick<SmtpPolicy, 'password' | 'token'>> {
  function appOf(user: string): EntraApp | undefined {
    const known = settings.usernames.find((one) => one.username.toLowerCase() === user.toLowerCase())
    const named = known ?? longUsername(settings, user)
    return azure.settings.apps.find((one) => one.tenant === named?.tenant && one.clientId === named.clientId)
  }

  function answer(connection: SmtpConnection, user: string, reason: string | undefined): string | undefined {
    if (reason === undefined) return undefined
    refused({ connectionId: connection.id, user, reason })
    return `535 5.7.3 Authentication unsuccessful [${hostname}]`
  }

  function judgePassword(user: string, given: string): string | undefined {
    const app = appOf(user)
    if (app === undefined) return 'username'
    const verdict = checkSecret(app, given, azure.settings.now())
    if (verdict.kind === 'refused') return `AADSTS${verdict.error.number}`
    return app.role === 'contributor' ? undefined : 'role'
  }

  function judgeToken(user: string, given: string): string | undefined {
    const app = appOf(user)
    if (app === undefined) return 'username'
    const verdict = azure.judgeToken(given, { audience: communicationResource, tenant: app.tenant })
    if (verdict.kind === 'refused') return verdict.reason
    if (verdict.app !== app) return 'app'
    return app.role === 'contributor' ? undefined : 'role'
  }

  return {
    password: (connection, user, given) => answer(connection, user, judgePassword(user, given)),
    token: (connection, user, given) => answer(connection, user, judgeToken(user, given)),
  }
}

function createRules(azure: Azure, now: () => number): Required<Pick<SmtpPolicy, 'mail' | 'content'>> {
  const quota = createQuotaWindow()

  function refuseSender(address: string): string | undefined {
    const { linkedDomains, senders } = azure.settings
    if (!linkedDomains.some((one) => one.toLowerCase() === domainOf(address)))
      return '501 5.1.7 The specified sender domain has not been linked.'
    const isKnown = senders.some((one) => one.toLowerCase() === address.toLowerCase())
    return isKnown ? undefined : '550 5.1.7 Invalid sender username.'
  }

  function refuseFrom(raw: Buffer): string | undefined {
    const [from, ...others] = fromAddresses(raw)
    return from === undefined || others.length > 0
      ? '550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant'
      : refuseSender(from)
  }

  return {
    mail: (_connection, mailFrom) => refuseSender(mailFrom.address),
    content: async (_connection, content) => {
      const verdict = quota.take(azure.settings.sendQuota, now())
      if (verdict.kind === 'refused')
        return '450 4.5.127 Message rejected. Excessive message rate from sender. For more information see https://aka.ms/EXOSmtpErrors.'
      return refuseFrom(content.raw)
    },
  }
}

export async function startAcsSmtp(azure: Azure, options: AcsSmtpOptions = {}): Promise<AcsSmtp> {
  const { upstream: beneath = {}, ...given } = options
  const resource: AcsSmtpSettings = { resource: 'contoso', usernames: [], ...given }
  const refusals: SignInRefusal[] = []
  const hostname = beneath.hostname ?? 'AM0PR02CA0002.azurecomm.net'
  const now = beneath.now ?? azure.settings.now
  const refused = (refusal: SignInRefusal): void => void refusals.push(refusal)
  const upstream = await startSmtpUpstream({
    certificateAuthority: azure.certificateAuthority,
    hostname,
    now,
    texts: exchangeTexts(hostname),
    capabilities: { ...exchangeCapabilities, size: azure.settings.maxRequestBytes },
    isTlsRequired: true,
    isAuthRequired: true,
    maxRecipients: azure.settings.maxRecipients,
    policy: { ...createSignIn(azure, resource, hostname, refused), ...createRules(azure, now) },
    ...beneath,
  })
  return Object.assign(upstream, { resource, refusals })
}
