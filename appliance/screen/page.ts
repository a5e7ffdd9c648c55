import type { RunningWord } from '../../src/core/lamp.ts'
import type { ScreenFacts } from '../../src/core/screen.ts'
import type { Link, NetworkSight } from './network-sight.ts'
import { qrLines } from './qr-lines.ts'

export const columns = 80
export const rows = 25
/** Of the text beside the code. */
const textColumns = 46
const labelColumns = 12
/** A code of 33 dots, of the longest URL by IPv6, fits beside it. */
const codeColumn = textColumns + 1

export interface PageFacts {
  readonly network: NetworkSight
  /** Undefined: the gateway does not answer. */
  readonly box: ScreenFacts | undefined
  /** UTC. */
  readonly now: Date
  /** Somebody may type here. */
  readonly hasKeyboard?: boolean
}

/** What the screen shows: 25 lines of at most 80 characters that every console font has. */
export function pageOf(facts: PageFacts): readonly string[] {
  const url = consoleUrl(facts)
  const text = [...stateLines(facts), '', ...accessLines(facts, url), '', ...networkLines(facts)]
  const code = codeOf(url)
  const height = Math.max(text.length, code.length)
  const body = Array.from({ length: height }, (_, n) =>
    `${(text[n] ?? '').padEnd(codeColumn)}${code[n] ?? ''}`.trimEnd(),
  )
  return [...headLines(facts), '', ...withHint(body, facts)].slice(0, rows)
}

export const headLines = (facts: Omit<PageFacts, 'network'>): readonly string[] => [
  headLine(facts),
  '-'.repeat(columns),
]

/** In the last line; left out where the page needs it. */
function withHint(body: readonly string[], { box, hasKeyboard }: PageFacts): readonly string[] {
  const room = rows - 3 - body.length
  if (hasKeyboard !== true || box === undefined || room < 1) return body
  const how = box.claimCode === undefined ? 'press Enter' : 'type the claim code'
  return [
    ...body,
    ...Array.from({ length: room - 1 }, () => ''),
    `With a keyboard: ${how} to set the network.`,
  ]
}

/** None that would not fit: the text says the same. */
function codeOf(url: string | undefined): readonly string[] {
  const code = url === undefined ? [] : qrLines(url)
  return (code[0]?.length ?? 0) > columns - codeColumn ? [] : code
}

function headLine({ box, now }: Omit<PageFacts, 'network'>): string {
  const name = `inkpost ${box?.name ?? ''}`.trim()
  const time = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const doubt = box?.isClockBelievable === false ? ' (the clock is not set)' : ''
  const right = `${time}${doubt}`
  return `${name.slice(0, columns - right.length - 2).padEnd(columns - right.length)}${right}`
}

const stateWords: Readonly<Record<RunningWord, string>> = {
  unclaimed: 'READY: NOBODY HAS CLAIMED IT YET',
  working: 'WORKING',
  attention: 'NEEDS ATTENTION',
  trouble: 'IN TROUBLE',
  'no-storage': 'NO STORAGE',
}

function stateLines({ box }: PageFacts): readonly string[] {
  if (box === undefined)
    return wrapped(
      'NOT RUNNING: the gateway does not answer. It starts by itself, unless the box was decommissioned; if this stays for five minutes, restart it.',
    )
  return [stateWords[box.state], ...(box.trouble === '' ? [] : wrapped(plain(box.trouble)).slice(0, 5))]
}

function accessLines({ box }: PageFacts, url: string | undefined): readonly string[] {
  if (box === undefined) return []
  return [
    ...field(
      'Console',
      url === undefined ? [box.console === undefined ? 'closed' : 'no address yet'] : pieces(url),
    ),
    ...(url === undefined || box.localName === undefined
      ? []
      : field('', [`or ${schemeOf(box)}://${box.localName}${portOf(box)}/`])),
    ...(box.claimCode === undefined ? [] : field('Claim code', [grouped(box.claimCode)])),
  ]
}

export function networkLines({ network }: Pick<PageFacts, 'network'>): readonly string[] {
  const trouble = networkTrouble(network)
  const addresses = network.links.flatMap(({ name, addresses: its }) => its.map((one) => `${one} (${name})`))
  return [
    ...field('Address', addresses.slice(0, 4)),
    ...field('Gateway', network.gateway === undefined ? [] : [network.gateway]),
    ...field('DNS', network.nameServers.slice(0, 3)),
    ...(trouble === undefined ? [] : ['', ...wrapped(trouble)]),
  ]
}

/** Why nobody reaches the box, as far as it can see from here; undefined: they may. */
export function networkTrouble({ links, gateway, nameServers }: NetworkSight): string | undefined {
  if (links.length === 0) return 'NO NETWORK: this machine has no network port that works.'
  const joined = links.filter(({ hasCarrier }) => hasCarrier)
  if (joined.length === 0) return `NO NETWORK: ${links.map(unjoined).join('; ')}.`
  if (joined.every(({ addresses }) => addresses.length === 0))
    return `NO ADDRESS: ${joined.map(({ name }) => name).join(', ')} is connected, but no DHCP server or router gave an address.`
  if (gateway === undefined)
    return 'NO WAY OUT: the network names no router. Devices reach this box; mail waits in it.'
  return nameServers.length === 0
    ? 'NO NAMES: the network names no DNS server. Mail waits in this box.'
    : undefined
}

const unjoined = ({ name, isRadio }: Link): string =>
  isRadio ? `no Wi-Fi is joined (${name})` : `no cable, or nobody at its other end (${name})`

/** By an address: names need a network that works. */
export function consoleUrl({ network, box }: PageFacts): string | undefined {
  const address = network.links.flatMap(({ addresses }) => addresses)[0]
  if (box?.console === undefined || address === undefined) return undefined
  const host = address.includes(':') ? `[${address}]` : address
  return `${schemeOf(box)}://${host}${portOf(box)}/`
}

const schemeOf = ({ console: page }: ScreenFacts): string => (page?.isSecure === false ? 'http' : 'https')

function portOf({ console: page }: ScreenFacts): string {
  if (page === undefined || page.port === (page.isSecure ? 443 : 80)) return ''
  return `:${page.port}`
}

/** `ABCD-2345`: read off a screen and typed on a phone. */
const grouped = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1-')

/** Whole, where it is too long for its line. */
const pieces = (url: string): readonly string[] =>
  url.match(new RegExp(`.{1,${textColumns - labelColumns}}`, 'g')) ?? []

const field = (label: string, values: readonly string[]): readonly string[] =>
  values.map((value, n) => `${(n === 0 ? label : '').padEnd(labelColumns)}${value}`.slice(0, textColumns))

/** Consoles know few letters, and an escape in a name is no order. */
export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, '?')

export function wrapped(text: string, width: number = textColumns): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word.slice(0, width))
  }
  return lines
}
