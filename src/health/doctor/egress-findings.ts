import type { Finding } from '../../core/diagnosis.ts'
import { isLoopback } from '../../platform/network.ts'
import { type Contact, isConnected } from './contact.ts'
import { placeOf } from './destinations.ts'
import { about, notChecked, ok, trouble } from './finding.ts'

/** What each place said, or did not: blocked, refused, intercepted, a proxy or a portal told apart. */
export function egressFindings(contacts: readonly Contact[]): readonly Finding[] {
  const outside = contacts.filter(({ destination: { host } }) => !isLocal(host))
  if (outside.length > 1 && outside.every(isSilenced)) return [noInternet(outside)]
  return contacts.map((contact) => egressFinding(contact, contacts))
}

export const isLocal = (host: string): boolean => host === 'localhost' || isLoopback(host)

/** Nothing at all came back. */
const isSilenced = ({ end }: Contact): boolean => end.kind === 'dropped' || end.kind === 'unreachable'

const noInternet = (contacts: readonly Contact[]): Finding =>
  trouble(
    about('network', 'internet'),
    'Nothing outside answers, on no port: the way to the Internet is down or closed for this box.',
    'Check the router and its line. If other machines here reach the Internet, let the firewall pass this box.',
    contacts.map(({ destination, end }) => `${placeOf(destination)}: ${end.kind}`),
  )

function egressFinding(contact: Contact, all: readonly Contact[]): Finding {
  const { destination, end } = contact
  const { host, port, uses } = destination
  const place = placeOf(destination)
  const subject = about('network', `egress/${place}`)
  const evidence = [`needed for ${uses.join(', ')}`]
  const bad = (sentence: string, remedy: string): Finding => trouble(subject, sentence, remedy, evidence)
  switch (end.kind) {
    case 'unresolved':
      return notChecked(subject, `${place} can't be tried: ${unresolvedWords(contact)}.`)
    case 'ca-unreadable':
      return bad(
        `The extra trust for ${place} can't be read: ${end.detail}.`,
        'Correct ca_file, or remove it.',
      )
    case 'refused':
      return bad(`${capital(dialledWords(contact))} refuses connections.`, refusedRemedy(contact))
    case 'dropped':
      return bad(
        `${capital(dialledWords(contact))} does not answer${elsewhere(contact, all)}.`,
        openRemedy(contact),
      )
    case 'unreachable':
      return bad(
        `There is no way to ${dialledWords(contact)} (${end.code}).`,
        'Check the network and the router of the box.',
      )
    case 'proxy-refused':
      return bad(
        end.status === 407
          ? `The proxy ${contact.proxy} wants a sign-in before it lets the box to ${place}.`
          : `The proxy ${contact.proxy} does not let the box to ${place}: ${end.said}.`,
        end.status === 407
          ? 'Let the proxy pass this box without a sign-in: the setup keeps no account for it.'
          : `Let the proxy pass CONNECT to ${place}.`,
      )
    case 'silent':
      return bad(
        `${place} takes the connection and says nothing: something on the way holds it.`,
        `Let the firewall pass port ${port} to ${host} without inspection.`,
      )
    case 'closed':
      return bad(
        `${place} takes the connection and closes it at once${end.code === '' ? '' : ` (${end.code})`}: a firewall, or the service does not want this address.`,
        `Let the firewall pass port ${port} to ${host} without inspection; ask whether the public address of this site is blocked.`,
      )
    case 'foreign':
      return bad(
        `Somebody else answers for ${place}: ${end.said}`,
        'Open a web page from this network and sign in to its portal, or exempt this box from it.',
      )
    case 'turned-away':
      return bad(
        `${place} turns this box away: ${end.said}`,
        'Do what the reply says; often the public address of this site is on a block list.',
      )
    case 'no-starttls':
    case 'tls-failed':
    case 'reached':
      return ok(
        subject,
        `${place} answers${contact.proxy === '' ? '' : ` through the proxy ${contact.proxy}`}.`,
        evidence,
      )
  }
}

/** The proxy is what is dialled, where there is one. */
const dialledWords = ({ destination, proxy }: Contact): string =>
  proxy === '' ? `${destination.host} on port ${destination.port}` : `the proxy ${proxy}`

const capital = (text: string): string =>
  text.startsWith('the ') ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text

const unresolvedWords = ({ names, destination, proxy }: Contact): string =>
  names.kind === 'silent' || names.kind === 'failed'
    ? 'no name can be looked up'
    : `${proxy === '' ? destination.host : proxy} has no address`

/** Whether another port gets through: then it is this port that is blocked, not the line. */
function elsewhere({ destination: { port }, proxy }: Contact, all: readonly Contact[]): string {
  if (proxy !== '') return ''
  const open = [...new Set(all.filter(isConnected).map(({ destination }) => destination.port))].filter(
    (each) => each !== port,
  )
  if (open.length === 0) return ''
  return `, while port ${open.toSorted((a, b) => a - b).join(' and ')} gets through: port ${port} is blocked`
}

function openRemedy({ destination: { host, port, speaks }, proxy }: Contact): string {
  if (proxy !== '') return 'Compare gateway.proxy with what other machines here use.'
  if (port === 25)
    return `Ask the Internet provider to open outgoing port 25 for this site, or use a way out on port 587 or 443.`
  const proxyHint =
    speaks === 'https' ? ' If this network has a proxy for HTTPS, name it in gateway.proxy.' : ''
  return `Let the firewall pass outgoing TCP port ${port} to ${host}.${proxyHint}`
}

function refusedRemedy({ destination: { host, port }, proxy }: Contact): string {
  if (proxy !== '') return 'Compare gateway.proxy with what other machines here use.'
  return `Compare host and port with what the service says; a firewall that rejects port ${port} to ${host} looks the same.`
}
