// smtp.office365.com:587 and smtp.hve.mx.microsoft:587, which take their tokens from the emulated Entra.
import { setTimeout as delay } from 'node:timers/promises'
import type { Azure } from './azure.ts'
import { exampleTenant } from './azure-settings.ts'
import type { ExchangeSettings, SignInRefusal } from './exchange-settings.ts'
import { createSignIn } from './exchange-sign-in.ts'
import { createSubmission } from './exchange-submission.ts'
import { exchangeCapabilities, exchangeTexts } from './exchange-texts.ts'
import { type SmtpUpstream, type SmtpUpstreamOptions, startSmtpUpstream } from './smtp-upstream.ts'

export interface ExchangeOnlineOptions extends Partial<ExchangeSettings> {
  /** Beneath: port, certificate, clock, address that EHLO tells, how a token is refused (`tokenChallenge`). */
  readonly upstream?: SmtpUpstreamOptions
}

export interface ExchangeOnline extends SmtpUpstream {
  /** Live: assign to a field and the next command sees it. */
  readonly tenant: ExchangeSettings
  /** Why sign-ins were refused with 5.7.3. */
  readonly refusals: readonly SignInRefusal[]
}

/** Documented limits, no mailbox and no app. */
function defaultTenant(service: ExchangeSettings['service']): ExchangeSettings {
  return {
    tenant: exampleTenant,
    service,
    acceptedDomains: ['contoso.com'],
    servicePrincipals: [],
    mailboxes: [],
    permission: service === 'hve' ? 'Mail.Send' : 'SMTP.SendAsApp',
    basicAuthentication: service === 'hve' ? 'allowed' : 'disabled',
    isSmtpAuthDisabled: false,
    connectionsPerMailbox: 3,
    messagesPerMinute: 30,
    recipientsPerDay: 10_000,
    errorsBeforeStop: 20,
    stoppedMs: 4 * 60 * 60 * 1000,
    tenantBlock: undefined,
    delay: (ms) => delay(ms),
  }
}

export async function startExchangeOnline(
  azure: Azure,
  options: ExchangeOnlineOptions = {},
): Promise<ExchangeOnline> {
  const { upstream: beneath = {}, ...given } = options
  const service = given.service ?? 'mailbox'
  const tenant: ExchangeSettings = { ...defaultTenant(service), ...given }
  const refusals: SignInRefusal[] = []
  const hostname = beneath.hostname ?? 'AM0PR01CA0001.outlook.office365.com'
  const now = beneath.now ?? azure.settings.now
  const refused = (refusal: SignInRefusal): void => void refusals.push(refusal)
  const upstream = await startSmtpUpstream({
    certificateAuthority: azure.certificateAuthority,
    hostname,
    now,
    texts: exchangeTexts(hostname),
    capabilities: { ...exchangeCapabilities, size: service === 'hve' ? 10_485_760 : 157_286_400 },
    isTlsRequired: true,
    isAuthRequired: true,
    maxRecipients: service === 'hve' ? 50 : 500,
    policy: {
      ...createSignIn({ azure, settings: tenant, hostname, refused }),
      ...createSubmission({ settings: tenant, hostname, now }),
    },
    ...beneath,
  })
  return Object.assign(upstream, { tenant, refusals })
}
