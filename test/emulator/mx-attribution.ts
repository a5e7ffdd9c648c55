// To which tenant's connector an anonymous connection belongs, as Exchange Online decides since 1 November 2023
// (https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail).
import { BlockList, isIPv6 } from 'node:net'
import { domainOf } from './from-header.ts'
import type { ClientCertificate, SmtpConnection } from './smtp-ledger.ts'

/** `New-InboundConnector`. */
export interface InboundConnector {
  readonly name: string
  /** Only mail through `OnPremises` may be relayed to the world. */
  readonly type: 'OnPremises' | 'Partner'
  /** Addresses and networks. */
  readonly senderIpAddresses?: readonly string[]
  /** `mail.contoso.com` or `*.contoso.com`. */
  readonly tlsSenderCertificateName?: string
}

export type Attribution =
  | { readonly kind: 'connector'; readonly connector: InboundConnector }
  /** A connector matches, but neither MAIL FROM nor the certificate is of an accepted domain. */
  | { readonly kind: 'foreign'; readonly connector: InboundConnector }
  | { readonly kind: 'none' }

function addToList(list: BlockList, entry: string): void {
  const [address = '', prefix] = entry.split('/')
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (prefix === undefined) list.addAddress(address, family)
  else list.addSubnet(address, Number(prefix), family)
}

export function isAmong(address: string, entries: readonly string[]): boolean {
  const list = new BlockList()
  for (const entry of entries) addToList(list, entry)
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

function namesOf(certificate: ClientCertificate): string[] {
  return [certificate.commonName, ...certificate.names].map((one) => one.toLowerCase())
}

/** One label for the star, in either of the two. */
function isSameHost(one: string, other: string): boolean {
  if (one === other) return true
  const above = (name: string): string => name.slice(name.indexOf('.') + 1)
  return (one.startsWith('*.') || other.startsWith('*.')) && above(one) === above(other)
}

function isDomainAccepted(domain: string, accepted: readonly string[]): boolean {
  return accepted.some((one) => domain === one || domain.endsWith(`.${one}`))
}

function isMatch(connector: InboundConnector, connection: SmtpConnection): boolean {
  const { senderIpAddresses = [], tlsSenderCertificateName: wanted } = connector
  if (isAmong(connection.clientAddress, senderIpAddresses)) return true
  const certificate = connection.tls?.clientCertificate
  if (wanted === undefined || certificate === undefined || !certificate.isTrusted) return false
  return namesOf(certificate).some((name) => isSameHost(name, wanted.toLowerCase()))
}

export function attribute(
  connection: SmtpConnection,
  mailFrom: string,
  connectors: readonly InboundConnector[],
  acceptedDomains: readonly string[],
): Attribution {
  const connector = connectors.find((one) => isMatch(one, connection))
  if (connector === undefined) return { kind: 'none' }
  const certificate = connection.tls?.clientCertificate
  const isOurs =
    acceptedDomains.includes(domainOf(mailFrom)) ||
    (certificate?.isTrusted === true &&
      namesOf(certificate).some((name) => isDomainAccepted(name.replace(/^\*\./, ''), acceptedDomains)))
  return { kind: isOurs ? 'connector' : 'foreign', connector }
}
