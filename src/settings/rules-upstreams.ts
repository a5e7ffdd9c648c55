import { isIP } from 'node:net'
import { matchesAny } from '../core/address.ts'
import { builtInOutbox } from '../core/route.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { formatSize } from '../core/size.ts'
import { graphMaxSize, internalKinds, mailboxConnections } from '../core/upstream-kinds.ts'
import { isPrivate } from '../platform/network.ts'
import { type Row, type Rule, upstreamsOf } from './candidate.ts'
import { error, type Problem, warning } from './problem.ts'
import { kept, type UpstreamDocument } from './schema.ts'
import { credentialSecrets } from './secret-slots.ts'
import { kindFacts } from './upstream-kinds.ts'

type UpstreamRow = Row<UpstreamDocument, UpstreamSetup>

const each = (name: string, check: (row: UpstreamRow) => readonly Problem[]): Rule => ({
  name,
  check: (candidate) => upstreamsOf(candidate).flatMap(check),
})

const isAddress = (host: string): boolean => isIP(host.replace(/^\[|\]$/g, '')) !== 0
const hostOf = (url: string): string => new URL(url).hostname

/** Microsoft's addresses change without notice, and a certificate is checked by name. */
const microsoftByName = each('Microsoft is reached by name', ({ value, place }) => {
  if (!kindFacts[value.kind].isMicrosoft) return []
  const hosts = [
    ['host', value.host],
    ['endpoint', value.endpoint === '' ? '' : hostOf(value.endpoint)],
    ['authority', hostOf(value.authority)],
  ] as const
  return hosts
    .filter(([, host]) => isAddress(host))
    .map(([key]) =>
      error(
        place(key),
        `${value.kind} is reached by name: Microsoft's addresses change, and certificates name hosts`,
      ),
    )
})

/** Test mail goes to the outbox of this name, set up or not: nothing else may take it. */
const outboxIsAnOutbox = each('the name outbox is the outbox', ({ value, place }) =>
  value.name === builtInOutbox && value.kind !== 'outbox'
    ? [error(place('name'), `"${builtInOutbox}" is the name of the box's own outbox: choose another`)]
    : [],
)

/** Before there is anything at Microsoft nobody can know it: a way out that is switched off may wait for it. */
const untold = ({ kind, enabled }: UpstreamSetup, place: string, sentence: string): Problem =>
  enabled || !kindFacts[kind].isMicrosoft
    ? error(place, sentence)
    : warning(
        place,
        'is not known yet: `inkpost azure-script` finds it, and its answer switches this upstream on',
      )

const nextHopIsNamed = each('the next hop is named', ({ value, place }) => {
  const { speaks } = kindFacts[value.kind]
  if (speaks === 'smtp' && value.host === '') return [error(place('host'), `is required for ${value.kind}`)]
  if (speaks === 'https' && value.endpoint === '')
    return [untold(value, place('endpoint'), `is required for ${value.kind}`)]
  return []
})

const keysOfTheKind = each('keys belong to the kind', ({ document, value, place }) => {
  const { speaks } = kindFacts[value.kind]
  const smtpKeys = ['host', 'port', 'security', 'username'] as const
  const foreign = [
    ...(speaks === 'smtp' ? [] : smtpKeys.filter((key) => document[key] !== undefined)),
    ...(speaks !== 'https' && document.endpoint !== undefined ? ['endpoint'] : []),
    ...(value.kind !== 'acs-email' && document.reports !== undefined ? ['reports'] : []),
  ]
  return foreign.map((key) => warning(place(key), `means nothing to ${value.kind}`))
})

const encryptionIsKept = each('TLS towards the next hop', ({ value, place }) => {
  if (kindFacts[value.kind].speaks !== 'smtp' || value.security !== 'plain') return []
  if (value.kind !== 'smarthost' && value.kind !== 'exchange-direct')
    return [error(place('security'), `${value.kind} takes mail over TLS only`)]
  const isNear = isAddress(value.host) && isPrivate(value.host)
  if (value.credential.kind === 'none' || isNear) return []
  return [warning(place('security'), 'sends the credential in clear over the network')]
})

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

const credentialOfTheKind = each('credentials belong to the kind', ({ value, place }) => {
  const { credentials } = kindFacts[value.kind]
  if (credentials.includes(value.credential.kind)) return []
  const given = value.credential.kind === 'none' ? 'is required: ' : ''
  const instead = value.credential.kind === 'none' ? '' : `, not ${value.credential.kind}`
  return [error(place('credential'), `${given}${value.kind} takes ${list(credentials)}${instead}`)]
})

const secretStandsOnce = each('a secret stands in one place', ({ document, place }) => {
  const secrets = credentialSecrets(document.credential)
  return secrets.flatMap(({ key, value, file }, index) => {
    const at = place(`credential.${key}`)
    if (value !== undefined && file !== undefined)
      return [error(at, `stands beside ${key}_file; keep one of them`)]
    if (index === 0 && value === undefined && file === undefined)
      return [error(at, `is required, or ${key}_file`)]
    return []
  })
})

/** The SDK signs with the key's octets; a key that lost a character at copying would only fail at the first mail. */
const accessKeyIsBase64 = each('an access key is base64', ({ document, place }) => {
  if (document.credential.kind !== 'access-key') return []
  return credentialSecrets(document.credential)
    .filter(({ value }) => value !== undefined && value !== kept && !/^[\w+/-]+={0,2}$/.test(value))
    .map(({ key }) => error(place(`credential.${key}`), 'is no access key (base64)'))
})

const identityIsComplete = each('an identity at Entra is complete', ({ document, value, place }) => {
  const { credential } = document
  const usesEntra = credential.kind === 'client-secret' || credential.kind === 'client-certificate'
  if (!usesEntra || value.kind === 'exchange-connector') return []
  const missing = (['tenant_id', 'client_id'] as const)
    .filter((key) => credential[key] === undefined)
    .map((key) => untold(value, place(`credential.${key}`), 'is required'))
  // The script makes the user name of an ACS resource.
  const mayWait = value.kind === 'acs-smtp' && !value.enabled
  const needsName = kindFacts[value.kind].speaks === 'smtp' && value.username === '' && !mayWait
  return needsName
    ? [...missing, error(place('username'), `is required for ${value.kind} with ${credential.kind}`)]
    : missing
})

/** A shared key of ACS opens nothing else; a second secret only for the queue would be one more to expire. */
const queueIsOpened = each('delivery reports need an identity at Entra', ({ value, place }) => {
  const { kind, credential, reportsQueue } = value
  const isEntra = credential.kind === 'client-secret' || credential.kind === 'client-certificate'
  if (kind !== 'acs-email' || reportsQueue === '' || isEntra || credential.kind === 'none') return []
  return [
    error(
      place('reports.queue'),
      `can't be opened with ${credential.kind}: change the credential to client-certificate or client-secret, whose app has the role "Storage Queue Data Message Processor" on the queue, or leave the reports out`,
    ),
  ]
})

/** learn.microsoft.com, "Naming queues and metadata". */
const queueName = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/

const queueIsNamed = each('the queue of delivery reports is named', ({ value: { reportsQueue }, place }) =>
  reportsQueue === '' || queueName.test(new URL(reportsQueue).pathname.split('/').at(-1) ?? '')
    ? []
    : [error(place('reports.queue'), 'must name the queue: https://ACCOUNT.queue.core.windows.net/QUEUE')],
)

const passwordHasLogin = each('a password has a user name', ({ value, place }) =>
  value.credential.kind === 'password' && value.credential.username === ''
    ? [error(place('credential.username'), 'is required')]
    : [],
)

const internalKindsKnowTheirDomains = each('what delivers inside knows its domains', ({ value, place }) =>
  internalKinds.has(value.kind) && value.acceptedDomains.length === 0
    ? [
        error(
          place('accepted_domains'),
          `is required for ${value.kind}: it takes recipients of the tenant only`,
        ),
      ]
    : [],
)

/** Exchange looks for the name in a certificate that a public authority signed, not in one that the box made up. */
const connectorCertificateIsSigned = each("a connector's certificate is signed", ({ value, place }) =>
  value.kind === 'exchange-connector' &&
  value.credential.kind === 'client-certificate' &&
  value.credential.certificateFile === ''
    ? [
        warning(
          place('credential.certificate_file'),
          `is empty: nothing is sent until it names the signed answer to "inkpost certificate ${value.name} --csr"`,
        ),
      ]
    : [],
)

const connectionsOfAMailbox = each('a mailbox takes few connections', ({ value, place }) =>
  value.kind === 'exchange-smtp' && value.connections > mailboxConnections
    ? [
        warning(
          place('connections'),
          `is above ${mailboxConnections}: Exchange allows no more for a mailbox, no more are used`,
        ),
      ]
    : [],
)

/** A mailbox is part of the address that Graph is called by, and nothing else may name it safely. */
const graphKnowsItsMailboxes = each('Graph knows its mailboxes', ({ value, place }) =>
  value.kind === 'graph' && value.sender === undefined && value.senders.length === 0
    ? [
        error(
          place('sender'),
          'is required for graph, or senders: mail leaves from a mailbox of the tenant, and they say which',
        ),
      ]
    : [],
)

const graphTakesSmallMail = each('Graph takes small mail', ({ value, place }) =>
  value.kind === 'graph' && (value.maxMessageSize ?? 0) > graphMaxSize
    ? [
        error(
          place('max_message_size'),
          `cannot be above ${formatSize(graphMaxSize)} for graph: its requests have at most 4 MB, with the mail in base64`,
        ),
      ]
    : [],
)

/** Exchange answers 429 to the fifth request at once (learn.microsoft.com/graph/throttling-limits). */
const graphConnections = 4

const graphTakesFewAtOnce = each('Graph takes few at once', ({ value, place }) =>
  value.kind === 'graph' && value.connections > graphConnections
    ? [
        warning(
          place('connections'),
          `is above ${graphConnections}: Graph takes no more requests at once for a mailbox, and says 'too many' to the rest`,
        ),
      ]
    : [],
)

/** Exchange picks the connector by address or certificate, not by what we meant. */
const directAndConnector: Rule = {
  name: 'Direct Send and a connector share a host',
  check(candidate) {
    const rows = upstreamsOf(candidate)
    const direct = rows.filter(({ value }) => value.kind === 'exchange-direct')
    return rows
      .filter(({ value }) => value.kind === 'exchange-connector')
      .flatMap(({ value, place }) =>
        direct
          .filter((other) => other.value.host === value.host)
          .map((other) =>
            warning(
              place('host'),
              `is also the host of upstream ${JSON.stringify(other.value.name)}: Exchange tells Direct Send and the connector apart by address or certificate only`,
            ),
          ),
      )
  },
}

const shareIsEnough = each('a share is enough to work with', ({ document, value, place }) => {
  const [part = 1, whole = 1] = document.share.split('/').map(Number)
  const { perHour = 60 } = value.quota
  return part < whole && perHour <= 1
    ? [warning(place('share'), 'leaves one mail an hour or less, and every box takes at least one')]
    : []
})

const someWayOut: Rule = {
  name: 'there is a way out',
  check: ({ setup }) =>
    setup.upstreams.some(({ enabled }) => enabled)
      ? []
      : [warning('upstream', 'there is none in use: mail is taken and waits until its lifetime ends')],
}

const ownMailHasSender: Rule = {
  name: "the box's own mail has a sender",
  check({ setup }) {
    const { sender } = setup.gateway
    const ways = setup.upstreams.filter(({ enabled, kind }) => enabled && kind !== 'outbox')
    if (ways.length === 0 || ways.some(({ sender: instead }) => instead !== undefined)) return []
    if (sender === undefined)
      return [warning('gateway: sender', 'is empty: reports and alerts have no address to come from')]
    if (ways.some(({ senders }) => senders.length === 0 || matchesAny(sender, senders))) return []
    return [warning('gateway: sender', `${JSON.stringify(sender)} is accepted by no upstream`)]
  },
}

export const upstreamRules: readonly Rule[] = [
  microsoftByName,
  outboxIsAnOutbox,
  nextHopIsNamed,
  keysOfTheKind,
  encryptionIsKept,
  credentialOfTheKind,
  secretStandsOnce,
  accessKeyIsBase64,
  identityIsComplete,
  queueIsOpened,
  queueIsNamed,
  passwordHasLogin,
  graphKnowsItsMailboxes,
  graphTakesSmallMail,
  graphTakesFewAtOnce,
  internalKindsKnowTheirDomains,
  connectorCertificateIsSigned,
  connectionsOfAMailbox,
  directAndConnector,
  shareIsEnough,
  someWayOut,
  ownMailHasSender,
]
