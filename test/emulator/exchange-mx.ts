// `<tenant>.mail.protection.outlook.com:25`: Direct Send, and relay through an inbound connector.
import { type CertificateAuthority, createCertificateAuthority } from './certificate-authority.ts'
import { exchangeCapabilities, exchangeTexts } from './exchange-texts.ts'
import { domainOf, fromAddresses } from './from-header.ts'
import { type Attribution, attribute, type InboundConnector, isAmong } from './mx-attribution.ts'
import type { SmtpConnection } from './smtp-ledger.ts'
import type { SmtpEnvelope, SmtpPolicy } from './smtp-policy.ts'
import { type SmtpUpstream, type SmtpUpstreamOptions, startSmtpUpstream } from './smtp-upstream.ts'

export interface MxSettings {
  acceptedDomains: readonly string[]
  /** `undefined`: every address of an accepted domain exists. */
  recipients: readonly string[] | undefined
  connectors: readonly InboundConnector[]
  /** `Set-OrganizationConfig -RejectDirectSend $true`. */
  isDirectSendRejected: boolean
  /** Networks on the block list. */
  banned: readonly string[]
  /** Networks without a sending history. */
  greyListed: readonly string[]
  /** A whole reply to every recipient, such as 5.7.750. */
  block: string | undefined
}

export interface ExchangeMxOptions extends Partial<MxSettings> {
  /** PEM of the authority whose client certificates are trusted; default: that of the run. */
  readonly clientCaPem?: string
  /** Beneath: port, certificate, `clientAddress` to be seen. */
  readonly upstream?: SmtpUpstreamOptions
}

export interface MxDelivery {
  readonly connectionId: number
  readonly recipient: string
  readonly attribution: Attribution
}

export interface ExchangeMx extends SmtpUpstream {
  /** Live. */
  readonly tenant: MxSettings
  /** Recipients taken, and how their connection was seen. */
  readonly deliveries: readonly MxDelivery[]
}

function createRules(
  settings: MxSettings,
  hostname: string,
  delivered: (delivery: MxDelivery) => void,
): Required<Pick<SmtpPolicy, 'recipient' | 'content'>> {
  /** The filters of the service, before any tenant is looked at. */
  function refuseClient(connection: SmtpConnection): string | undefined {
    const address = connection.clientAddress
    if (isAmong(address, settings.banned))
      return `550 5.7.606 Access denied, banned sending IP [${address}]. To request removal from this list please visit https://sender.office.com/ and follow the directions. [${hostname}]`
    // Documented as the client's naming itself as the server that it connects to.
    const name = (connection.greeting ?? '').toLowerCase()
    if (name === hostname.toLowerCase() || settings.acceptedDomains.includes(name))
      return `550 5.7.506 Access Denied, Bad HELO [${hostname}]`
    if (isAmong(address, settings.greyListed))
      return `451 4.7.500 Server busy. Please try again later from [${address}]. (AS77713181) [${hostname}]`
    return settings.block
  }

  /** RejectDirectSend looks at MAIL FROM alone, and only at mail from a domain of the tenant to itself. */
  function refuseInternal(address: string, mailFrom: string, attribution: Attribution): string | undefined {
    const isFromWithin = settings.acceptedDomains.includes(domainOf(mailFrom))
    if (settings.isDirectSendRejected && isFromWithin && attribution.kind === 'none')
      return `550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources [${hostname}]`
    const isKnown =
      settings.recipients === undefined ||
      settings.recipients.some((one) => one.toLowerCase() === address.toLowerCase())
    return isKnown
      ? undefined
      : `550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [${hostname}]`
  }

  /** Nobody documents when it is 5.7.54 and when 5.7.64; here the latter tells of a connector that did not apply. */
  function refuseExternal(attribution: Attribution): string | undefined {
    if (attribution.kind === 'connector' && attribution.connector.type === 'OnPremises') return undefined
    return settings.connectors.length === 0
      ? `550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain [${hostname}]`
      : `550 5.7.64 TenantAttribution; Relay Access Denied [${hostname}]`
  }

  function recipient(
    connection: SmtpConnection,
    { address }: { readonly address: string },
    envelope: SmtpEnvelope,
  ): string | undefined {
    const mailFrom = envelope.mailFrom.address
    const { connectors, acceptedDomains } = settings
    const attribution = attribute(connection, mailFrom, connectors, acceptedDomains)
    const refusal =
      refuseClient(connection) ??
      (acceptedDomains.includes(domainOf(address))
        ? refuseInternal(address, mailFrom, attribution)
        : refuseExternal(attribution))
    if (refusal === undefined) delivered({ connectionId: connection.id, recipient: address, attribution })
    return refusal
  }

  return {
    recipient,
    content: async (_connection, { raw }) =>
      fromAddresses(raw).length > 0
        ? undefined
        : `550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant and include a valid From address [${hostname}]`,
  }
}

export async function startExchangeMx(options: ExchangeMxOptions = {}): Promise<ExchangeMx> {
  const { upstream: beneath = {}, clientCaPem, ...given } = options
  const tenant: MxSettings = {
    acceptedDomains: ['contoso.com'],
    recipients: undefined,
    connectors: [],
    isDirectSendRejected: false,
    banned: [],
    greyListed: [],
    block: undefined,
    ...given,
  }
  const deliveries: MxDelivery[] = []
  const hostname = beneath.hostname ?? 'AM0EUR01FT001.mail.protection.outlook.com'
  const authority: CertificateAuthority = beneath.certificateAuthority ?? (await createCertificateAuthority())
  const upstream = await startSmtpUpstream({
    certificateAuthority: authority,
    wantsClientCertificate: true,
    clientCaPem: clientCaPem ?? authority.caPem,
    hostname,
    texts: {
      ...exchangeTexts(hostname),
      queued: (id, _hostname, octets) =>
        `250 2.6.0 <${id}@${hostname}> [InternalId=${id}, Hostname=${hostname}] ${octets} bytes in 0.100, 10.000 KB/sec Queued mail for delivery`,
    },
    capabilities: { ...exchangeCapabilities, auth: [] },
    maxRecipients: 500,
    policy: createRules(tenant, hostname, (delivery) => void deliveries.push(delivery)),
    ...beneath,
  })
  return Object.assign(upstream, { tenant, deliveries })
}
