// Questions and answers of the DNS on the wire (RFC 1035 section 4), as little as an authoritative server needs.
import { isIPv4, isIPv6 } from 'node:net'

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME'; readonly target: string }
  | { readonly type: 'MX'; readonly priority: number; readonly exchange: string }
  /** Longer text is cut into strings of 255 octets. */
  | { readonly type: 'TXT'; readonly text: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }

export type DnsType = DnsRecord['type']

export const typeNumbers: Readonly<Record<DnsType, number>> = {
  A: 1,
  CNAME: 5,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
}

export const responseCodes = { answered: 0, servfail: 2, nxdomain: 3, notimp: 4, refused: 5 } as const
export type DnsResponse = keyof typeof responseCodes

export interface DnsQuery {
  readonly id: number
  readonly isRecursionDesired: boolean
  /** Lower case, without the dot at its end. */
  readonly name: string
  /** Its number for types that are not served. */
  readonly type: DnsType | number
  /** The question section as it came, to be repeated. */
  readonly question: Buffer
  /** Octets that the client takes by UDP: 512, or what EDNS says (RFC 6891). */
  readonly udpOctets: number
}

const headerOctets = 12
const optType = 41

function readName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = []
  let at = start
  for (let length = message.readUInt8(at); length !== 0; length = message.readUInt8(at)) {
    if (length > 63) throw new Error('a question with a compressed name')
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

/** An OPT record directly after the question: root name, type 41, the class is the size. */
function readUdpOctets(message: Buffer, end: number): number {
  const hasOpt = message.readUInt16BE(10) > 0 && message.length >= end + 11
  const isOpt = hasOpt && message.readUInt8(end) === 0 && message.readUInt16BE(end + 1) === optType
  return isOpt ? Math.max(512, message.readUInt16BE(end + 3)) : 512
}

/** `undefined` for what is no query with one question of class IN. */
export function parseQuery(message: Buffer): DnsQuery | undefined {
  try {
    const flags = message.readUInt16BE(2)
    const isQuery = (flags & 0xf800) === 0 && message.readUInt16BE(4) === 1
    const { name, end } = readName(message, headerOctets)
    const number = message.readUInt16BE(end)
    if (!isQuery || message.readUInt16BE(end + 2) !== 1) return undefined
    const [type] = Object.entries(typeNumbers).find(([, one]) => one === number) ?? []
    return {
      id: message.readUInt16BE(0),
      isRecursionDesired: (flags & 0x0100) !== 0,
      name,
      type: isDnsType(type) ? type : number,
      question: message.subarray(headerOctets, end + 4),
      udpOctets: readUdpOctets(message, end + 4),
    }
  } catch {
    // Too short, or no question at all: whoever sends that gets no answer.
    return undefined
  }
}

function isDnsType(type: string | undefined): type is DnsType {
  return type !== undefined && type in typeNumbers
}

function nameOctets(name: string): Buffer {
  const labels = name.split('.').filter((one) => one !== '')
  return Buffer.concat([...labels.map(stringOctets), Buffer.from([0])])
}

function stringOctets(text: string | Buffer): Buffer {
  const octets = Buffer.from(text)
  return Buffer.concat([Buffer.from([octets.length]), octets])
}

function numbers(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) octets.writeUInt16BE(value, index * 2)
  return octets
}

function ipv6Octets(address: string): Buffer {
  if (!isIPv6(address)) throw new Error(`no IPv6 address: ${address}`)
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((one) => Number.parseInt(one, 16))
  const missing = 8 - groups(head).length - groups(tail).length
  return numbers(...groups(head), ...Array.from({ length: missing }, () => 0), ...groups(tail))
}

function ipv4Octets(address: string): Buffer {
  if (!isIPv4(address)) throw new Error(`no IPv4 address: ${address}`)
  return Buffer.from(address.split('.').map(Number))
}

function textOctets(text: string): Buffer {
  const octets = Buffer.from(text)
  const strings: Buffer[] = []
  for (let at = 0; at === 0 || at < octets.length; at += 255) strings.push(octets.subarray(at, at + 255))
  return Buffer.concat(strings.map(stringOctets))
}

function dataOctets(record: DnsRecord): Buffer {
  switch (record.type) {
    case 'A':
      return ipv4Octets(record.address)
    case 'AAAA':
      return ipv6Octets(record.address)
    case 'CNAME':
      return nameOctets(record.target)
    case 'MX':
      return Buffer.concat([numbers(record.priority), nameOctets(record.exchange)])
    case 'TXT':
      return textOctets(record.text)
    case 'SRV':
      return Buffer.concat([numbers(record.priority, record.weight, record.port), nameOctets(record.target)])
  }
}

/** Name and record, as they go into the answer section; all live a minute. */
export type DnsAnswer = readonly [name: string, record: DnsRecord]

function answerOctets([name, record]: DnsAnswer): Buffer {
  const data = dataOctets(record)
  const fixed = numbers(typeNumbers[record.type], 1, 0, 60, data.length)
  return Buffer.concat([nameOctets(name), fixed, data])
}

const responseFlags = 0x8400 // response, authoritative
const truncatedFlag = 0x0200
const recursionFlags = 0x0180

function message(query: DnsQuery, code: number, flags: number, answers: readonly DnsAnswer[]): Buffer {
  const recursion = query.isRecursionDesired ? recursionFlags : 0
  const header = numbers(query.id, responseFlags | recursion | flags | code, 1, answers.length, 0, 0)
  return Buffer.concat([header, query.question, ...answers.map(answerOctets)])
}

/** With `maxOctets` a longer answer is empty and marked as truncated. */
export function encodeAnswer(
  query: DnsQuery,
  response: DnsResponse,
  answers: readonly DnsAnswer[],
  maxOctets = Number.POSITIVE_INFINITY,
): Buffer {
  const code = responseCodes[response]
  const whole = message(query, code, 0, answers)
  return whole.length <= maxOctets ? whole : message(query, code, truncatedFlag, [])
}
