import { isIP } from 'node:net'
import type { Finding, NameAnswer } from '../../core/diagnosis.ts'
import { isPrivate } from '../../platform/network.ts'
import { type Contact, dialledHost } from './contact.ts'
import { about, notChecked, ok, trouble } from './finding.ts'

export interface NameFacts {
  readonly servers: readonly string[]
  readonly contacts: readonly Contact[]
  /** What was answered for a name that can't exist (RFC 6761 section 6.4). */
  readonly impossible: NameAnswer<string>
}

const subject = about('network', 'dns')
const portal =
  'Open a web page from this network and sign in to its portal, exempt this box from it, or give the box another DNS server.'

/** Services of Microsoft are public: an address of a private network is somebody else's answer. */
const publicServices =
  /(^|\.)(azurecomm\.net|communication\.azure\.com|office365\.com|office\.com|outlook\.com|microsoftonline\.com|graph\.microsoft\.com|mx\.microsoft)$/i

/** Whether the DNS answers, and whether it tells the truth. */
export function dnsFinding(facts: NameFacts): Finding {
  const asked = facts.contacts.filter((contact) => isIP(dialledHost(contact)) === 0)
  const servers = serverWords(facts.servers)
  const evidence = asked.map((contact) => `${dialledHost(contact)}: ${answerWords(contact.names)}`)
  if (asked.length === 0) return ok(subject, 'No way out needs the DNS.', [])
  return (
    liar(facts, evidence) ??
    denial(facts, evidence) ??
    silence(facts, asked, evidence) ??
    ok(subject, `${servers} answers.`, evidence)
  )
}

function liar({ impossible, contacts }: NameFacts, evidence: readonly string[]): Finding | undefined {
  if (impossible.kind === 'found') {
    return trouble(
      subject,
      `The DNS answers every name, even one that can't exist, with ${impossible.values[0]}: a guest portal or a filter.`,
      portal,
      evidence,
    )
  }
  const hidden = contacts.find(
    (contact) =>
      publicServices.test(dialledHost(contact)) &&
      contact.names.kind === 'found' &&
      contact.names.values.every(isPrivate),
  )
  if (hidden?.names.kind !== 'found') return undefined
  return trouble(
    subject,
    `The DNS says that ${hidden.destination.host} is at ${hidden.names.values[0]}, in a private network: a guest portal or a filter.`,
    portal,
    evidence,
  )
}

/** These have been there for a decade: a resolver that does not know them is cut off, or filters. */
const certainNames =
  /^(login\.microsoftonline\.com|graph\.microsoft\.com|smtp\.office365\.com|smtp\.azurecomm\.net)$/i

const isDenied = (contact: Contact): boolean =>
  certainNames.test(dialledHost(contact)) && contact.names.kind === 'no-name'

function denial({ servers, contacts }: NameFacts, evidence: readonly string[]): Finding | undefined {
  const denied = contacts.find(isDenied)
  if (!denied) return undefined
  return trouble(
    subject,
    `${serverWords(servers)} says that there is no ${denied.destination.host}: it is cut off from the Internet, or filters.`,
    'Ask who runs that DNS server to let it through, or give the box another one.',
    evidence,
  )
}

function silence(
  { servers, impossible }: NameFacts,
  asked: readonly Contact[],
  evidence: readonly string[],
): Finding | undefined {
  const answers = asked.map(({ names }) => names)
  if (answers.some(({ kind }) => kind === 'found')) return undefined
  const failed = answers.find((answer) => answer.kind === 'failed')
  if (failed) {
    return trouble(
      subject,
      `${serverWords(servers)} answers that it can't look up names now (${failed.code}).`,
      'Ask who runs that DNS server, or give the box another one.',
      evidence,
    )
  }
  // Names that do not exist were answered too.
  if (impossible.kind !== 'silent' || answers.every(({ kind }) => kind !== 'silent')) return undefined
  return trouble(
    subject,
    `${serverWords(servers)} does not answer: no name can be looked up.`,
    'Check the cable and the router; compare the DNS server with that of another machine in this network.',
    evidence,
  )
}

/** Names of ways out that the DNS, which answers, does not have. */
export function nameFindings(contacts: readonly Contact[]): readonly Finding[] {
  if (contacts.some(isDenied)) return []
  const byHost = new Map(contacts.map((contact) => [contact.destination.host, contact]))
  return [...byHost.values()].flatMap(({ destination: { host, uses }, names, proxy }) => {
    // Through a proxy it is the proxy that looks names up.
    if (proxy !== '' || (names.kind !== 'no-name' && names.kind !== 'no-record')) return []
    const sentence =
      names.kind === 'no-name'
        ? `There is no host ${host} (needed for ${uses.join(', ')}).`
        : `${host} has no address (needed for ${uses.join(', ')}).`
    return [
      trouble(
        about('network', `name/${host}`),
        sentence,
        'Look for a slip in host, endpoint or authority of the setup.',
      ),
    ]
  })
}

/** Whether the box has an address in any network at all. */
export function networkFinding(attached: readonly string[], isNeeded: boolean): Finding {
  const network = about('network', 'network')
  if (attached.length > 0) return ok(network, `The box is in ${attached.join(' and ')}.`)
  if (!isNeeded) return notChecked(network, 'The box has no address but its own; no way out needs one.')
  return trouble(
    network,
    'The box is in no network: it has no address but its own.',
    'Plug the cable in, or look why the router (DHCP) gives it no address.',
  )
}

const serverWords = (servers: readonly string[]): string =>
  servers.length === 0 ? 'No DNS server is set up; none' : `The DNS server ${servers.join(', ')}`

function answerWords(answer: NameAnswer<string>): string {
  switch (answer.kind) {
    case 'found':
      return answer.values.slice(0, 2).join(', ')
    case 'no-name':
      return 'no such name'
    case 'no-record':
      return 'no address'
    case 'failed':
      return answer.code
    case 'silent':
      return 'no answer'
  }
}
