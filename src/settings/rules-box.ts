import { isIP } from 'node:net'
import { comparable, domainOf } from '../core/address.ts'
import { parseShare } from '../core/backup-target.ts'
import type { TlsFloor } from '../core/setup.ts'
import { parseSyslogTarget } from '../core/syslog-target.ts'
import { isPrivate } from '../platform/network.ts'
import { aliasesOf, type Candidate, devicesOf, listenersOf, type Rule } from './candidate.ts'
import { isPrivateBlock, isWholeInternet, networkBlock } from './network-block.ts'
import { error, type Problem, type RowTable, warning } from './problem.ts'
import { placeIn, type Readable } from './readable.ts'
import type { BackupDocument } from './schema.ts'

const quoted = (text: string): string => JSON.stringify(text)

const namesAreUnique: Rule = {
  name: 'names are unique in their table',
  check: (candidate) => [
    ...repeated(candidate, 'operator'),
    ...repeated(candidate, 'listener'),
    ...repeated(candidate, 'alias'),
    ...repeated(candidate, 'device'),
    ...repeated(candidate, 'upstream'),
    ...repeated(candidate, 'backup'),
  ],
}

/** People type names, so case makes no difference. */
function repeated(readable: Readable, table: RowTable): Problem[] {
  const rows: readonly { readonly name?: string | undefined }[] = readable.document[table] ?? []
  const seen = new Map<string, number>()
  return rows.flatMap(({ name }, index) => {
    if (name === undefined) return []
    const earlier = seen.get(name.toLowerCase())
    if (earlier === undefined) {
      seen.set(name.toLowerCase(), index)
      return []
    }
    const number = readable.position(table, earlier) + 1
    return [error(placeIn(readable, table, index, name, 'name'), `is already the name of ${table} ${number}`)]
  })
}

const trustedNetworksAreClosed: Rule = {
  name: 'trusted networks are not the internet',
  check: ({ setup }) =>
    setup.gateway.trustedNetworks.flatMap((network) => {
      const block = networkBlock(network)
      const place = 'gateway: trusted_networks'
      if (block === undefined || isPrivateBlock(block)) return []
      if (isWholeInternet(block))
        return [error(place, `${quoted(network)} is the whole internet; name the networks of your devices`)]
      return [
        warning(place, `${quoted(network)} is public: passwords may be guessed and read on the way there`),
      ]
    }),
}

const consoleNetworksAreClosed: Rule = {
  name: 'console networks are not the internet',
  check: ({ setup }) =>
    setup.console.networks.flatMap((network) => {
      const block = networkBlock(network)
      return block !== undefined && isWholeInternet(block)
        ? [error('console: networks', `${quoted(network)} is the whole internet; name your own networks`)]
        : []
    }),
}

const strength: Readonly<Record<TlsFloor, number>> = { vintage: 0, legacy: 1, modern: 2 }

const tlsIsStrongEnough: Rule = {
  name: 'nothing opens less than weakest_tls',
  check(candidate) {
    if (candidate.missing.has('gateway')) return []
    const weakest = candidate.setup.gateway.weakestTls
    const judge = (tls: TlsFloor, place: string): Problem[] =>
      strength[tls] < strength[weakest]
        ? [error(place, `${tls} is weaker than weakest_tls of [gateway], which is ${weakest}`)]
        : []
    return [
      ...listenersOf(candidate).flatMap(({ value, place }) => judge(value.tls, place('tls'))),
      ...devicesOf(candidate).flatMap(({ value, place }) =>
        value.tls === undefined || value.tls === 'plain' ? [] : judge(value.tls, place('tls')),
      ),
    ]
  },
}

interface Socket {
  readonly what: string
  readonly place: string
  readonly address: string
  readonly port: number
}

/** `::` takes IPv4 too, so it stands in the way of every address on its port. */
const isWildcard = (address: string): boolean => address === '::' || address === '0.0.0.0'

const collide = (one: Socket, other: Socket): boolean =>
  one.port !== 0 &&
  one.port === other.port &&
  (one.address === other.address || isWildcard(one.address) || isWildcard(other.address))

const socketsAreFree: Rule = {
  name: 'one listener on an address and port',
  check(candidate) {
    const { console } = candidate.setup
    const sockets: readonly Socket[] = [
      ...listenersOf(candidate).map(({ value, place }) => ({
        what: `listener ${quoted(value.name)}`,
        place: place('port'),
        address: value.address,
        port: value.port,
      })),
      ...(candidate.missing.has('console')
        ? []
        : [{ what: 'the console', place: 'console: port', address: console.address, port: console.port }]),
    ]
    return sockets.flatMap((socket, index) => {
      const other = sockets.slice(0, index).find((earlier) => collide(earlier, socket))
      return other === undefined
        ? []
        : [error(socket.place, `${socket.port} is already taken by ${other.what}`)]
    })
  },
}

/** The document's listeners take the place of the defaults: one for POP3 alone leaves devices nowhere to submit. */
const somethingTakesMail: Rule = {
  name: 'some listener takes mail',
  check: ({ setup }) =>
    setup.listeners.some(({ protocol }) => protocol === 'smtp')
      ? []
      : [warning('listener', 'none of them takes mail: add one without protocol = "pop3"')],
}

const aliasesLeadOut: Rule = {
  name: 'aliases lead out of the box',
  check: (candidate) =>
    aliasesOf(candidate).flatMap(({ value, place }) => {
      const { name, hostname } = candidate.setup.gateway
      const own = [`${name}.local`, hostname]
      const isTest = comparable(value.name) === 'test'
      return [
        ...(isTest ? [error(place('name'), "test is the box's own address for trying a device")] : []),
        ...value.to
          .filter((address) => own.includes(domainOf(address)) && mayLoop(candidate, domainOf(address)))
          .map((address) => error(place('to'), `${quoted(address)} leads back into this box`)),
      ]
    }),
}

/** A box may be called like the mail domain that it sends to. */
const mayLoop = ({ setup, missing }: Candidate, domain: string): boolean =>
  !missing.has('gateway') &&
  !missing.has('upstream') &&
  domain !== setup.gateway.defaultDomain &&
  setup.upstreams.every(({ acceptedDomains }) => !acceptedDomains.includes(domain))

const consoleHasItsFile: Rule = {
  name: 'the console has its certificate',
  check: ({ setup }) =>
    setup.console.tls === 'file' && setup.console.certificateFile === ''
      ? [error('console: certificate_file', 'is required with tls = "file"')]
      : [],
}

/** What an alert says is nobody else's business; beyond the own network only TLS keeps it. */
const webhookIsClosed: Rule = {
  name: 'a webhook in clear stays in the own network',
  check({ setup }) {
    const { webhook } = setup.alerts
    if (!/^http:/i.test(webhook)) return []
    const host = new URL(webhook).hostname.replace(/^\[|\]$/g, '')
    const isNear = host === 'localhost' || (isIP(host) !== 0 && isPrivate(host))
    return isNear
      ? []
      : [error('alerts: webhook', 'goes in clear: use https://, or http:// to a private IP address')]
  },
}

const syslogIsAServer: Rule = {
  name: 'syslog is a server',
  check({ setup }) {
    const { syslog } = setup.alerts
    if (syslog === '' || parseSyslogTarget(syslog) !== undefined) return []
    return [
      error(
        'alerts: syslog',
        `${quoted(syslog)} is no syslog server such as udp://host:514, tcp://host:514 or tls://host:6514`,
      ),
    ]
  },
}

/** What each kind of target needs, and may not have. */
const backupsHaveAPlace: Rule = {
  name: 'backups have a place',
  check: (candidate) =>
    candidate.document.backup.flatMap((row, index) => {
      const at = (key: string): string => placeIn(candidate, 'backup', index, row.name, key)
      return wrongPlace(row, at)
    }),
}

function wrongPlace(row: BackupDocument, at: (key: string) => string): Problem[] {
  switch (row.kind) {
    case 'https':
      return wrongHttps(row, at)
    case 'smb':
      return wrongShare(row, at)
    case 'usb':
      return wrongStick(row, at)
  }
}

const hasSecret = (row: BackupDocument): boolean => row.secret !== undefined || row.secret_file !== undefined

function wrongHttps(row: BackupDocument, at: (key: string) => string): Problem[] {
  return [
    ...(row.url === undefined ? [error(at('url'), 'is required with kind = "https"')] : []),
    ...(row.share === '' ? [] : [error(at('share'), 'belongs to kind = "smb"')]),
    ...(row.auth === 'basic' && row.username === undefined
      ? [error(at('username'), 'is required with auth = "basic"')]
      : []),
    ...((row.auth === 'none') === hasSecret(row)
      ? [
          error(
            at('secret'),
            row.auth === 'none'
              ? 'needs auth: basic, bearer or sas'
              : `is required with auth = "${row.auth}"`,
          ),
        ]
      : []),
  ]
}

function wrongShare(row: BackupDocument, at: (key: string) => string): Problem[] {
  return [
    ...(parseShare(row.share) === undefined
      ? [error(at('share'), `${quoted(row.share)} is no share such as "//nas/backups/inkpost"`)]
      : []),
    ...(row.url === undefined ? [] : [error(at('url'), 'belongs to kind = "https"')]),
    ...(row.username === undefined ? [error(at('username'), 'is required with kind = "smb"')] : []),
    ...(hasSecret(row) ? [] : [error(at('secret'), 'is required with kind = "smb"')]),
    ...(row.auth === 'none' ? [] : [error(at('auth'), 'belongs to kind = "https"')]),
  ]
}

function wrongStick(row: BackupDocument, at: (key: string) => string): Problem[] {
  const foreign = { url: row.url, share: row.share, username: row.username, ca_file: row.ca_file }
  return [
    ...Object.entries(foreign).flatMap(([key, value]) =>
      (value ?? '') === '' ? [] : [error(at(key), 'belongs to a place in the network, not to kind = "usb"')],
    ),
    ...(hasSecret(row) || row.auth !== 'none'
      ? [error(at('secret'), 'is of no use with kind = "usb": the copy is sealed already')]
      : []),
  ]
}

export const boxRules: readonly Rule[] = [
  backupsHaveAPlace,
  namesAreUnique,
  trustedNetworksAreClosed,
  consoleNetworksAreClosed,
  tlsIsStrongEnough,
  socketsAreFree,
  somethingTakesMail,
  aliasesLeadOut,
  consoleHasItsFile,
  webhookIsClosed,
  syslogIsAServer,
]
