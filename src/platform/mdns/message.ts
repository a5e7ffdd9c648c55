// Octets of multicast DNS, in the part that a name with addresses needs (RFC 1035 section 4, RFC 6762 section 18).
import { isIP } from 'node:net'

export const recordType = { a: 1, aaaa: 28, nsec: 47, any: 255 } as const

export interface MdnsQuestion {
  /** In lower case, without the dot at its end. */
  readonly name: string
  readonly type: number
  /** RFC 6762 section 5.4. */
  readonly wantsUnicast: boolean
}

export interface MdnsRecord {
  readonly name: string
  readonly type: number
  readonly ttlS: number
  readonly data: Buffer
  /** No other machine has such records: what a cache holds of them is out of date (RFC 6762 section 10.2). */
  readonly isUnique: boolean
}

export interface MdnsMessage {
  /** Zero but in questions of plain DNS clients, who want it back. */
  readonly id: number
  readonly isResponse: boolean
  readonly questions: readonly MdnsQuestion[]
  readonly answers: readonly MdnsRecord[]
  /** In a question: what its sender is about to call its own. */
  readonly authorities: readonly MdnsRecord[]
  readonly additionals: readonly MdnsRecord[]
}

const headOctets = 12
const response = 0x8400
const inClass = 1
const topBit = 0x8000
/** RFC 6762 section 17. */
const mostOctets = 9000
/** Of a message that fits one datagram. */
const mostRecords = 400
/** RFC 1035 section 3.1. */
const mostLabelOctets = 63
const mostNameOctets = 255
/**
 * Labels and pointers of one message. Names that point to a long one cost its length each time: 9000 octets of them would
 * hold up the mail. Twenty reverse names of IPv6, the longest that honest machines say, are a third of it.
 */
const mostSteps = 2000

/** Undefined: cut off, no DNS, or names that nobody honest would say. */
export function readMessage(octets: Uint8Array): MdnsMessage | undefined {
  if (octets.length > mostOctets) return undefined
  try {
    return new Reader(view(octets)).message()
  } catch (error) {
    // Buffer's own bounds are the bounds of a datagram.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * Whether it could say anything of this name (in lower case): its first label stands in there, in any case. Pointers lead to
 * labels and divide none. Nearly all that a LAN says is of other names, and need not be read.
 */
export function mayName(octets: Uint8Array, name: string): boolean {
  const [label = ''] = name.split('.')
  if (octets.length > mostOctets) return false
  return view(octets)
    .toString('latin1')
    .toLowerCase()
    .includes(`${String.fromCharCode(label.length)}${label}`)
}

const view = (octets: Uint8Array): Buffer => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)

class Reader {
  readonly #octets: Buffer
  #at = headOctets
  #steps = 0

  constructor(octets: Buffer) {
    this.#octets = octets
  }

  message(): MdnsMessage {
    const head = [0, 2, 4, 6, 8, 10].map((at) => this.#octets.readUInt16BE(at))
    const [id = 0, flags = 0, questions = 0, answers = 0, authorities = 0, additionals = 0] = head
    if (questions + answers + authorities + additionals > mostRecords)
      throw new RangeError('too many records')
    return {
      id,
      isResponse: (flags & topBit) !== 0,
      questions: Array.from({ length: questions }, () => this.#question()),
      answers: this.#records(answers),
      authorities: this.#records(authorities),
      additionals: this.#records(additionals),
    }
  }

  #question(): MdnsQuestion {
    const name = this.#name()
    const [type, klass] = [this.#number(), this.#number()]
    return { name, type, wantsUnicast: (klass & topBit) !== 0 }
  }

  #records(count: number): readonly MdnsRecord[] {
    return Array.from({ length: count }, () => {
      const name = this.#name()
      const [type, klass] = [this.#number(), this.#number()]
      const ttlS = this.#octets.readUInt32BE(this.#at)
      const length = this.#octets.readUInt16BE(this.#at + 4)
      const begin = this.#at + 6
      this.#at = begin + length
      if (this.#at > this.#octets.length) throw new RangeError('a record is cut off')
      const data = this.#octets.subarray(begin, this.#at)
      return { name, type, ttlS, data, isUnique: (klass & topBit) !== 0 }
    })
  }

  #number(): number {
    const number = this.#octets.readUInt16BE(this.#at)
    this.#at += 2
    return number
  }

  /** Follows pointers to what was said before the name (RFC 1035 section 4.1.4): never in a circle. */
  #name(): string {
    const labels: string[] = []
    let begin = this.#at
    let at = begin
    let end: number | undefined
    let left = mostNameOctets
    for (;;) {
      this.#step()
      const length = this.#octets.readUInt8(at)
      if (length === 0) {
        this.#at = end ?? at + 1
        return labels.join('.').toLowerCase()
      }
      if (length >= 0xc0) {
        end ??= at + 2
        begin = this.#earlier(at, begin)
        at = begin
      } else {
        left -= 1 + length
        labels.push(this.#label(at, left))
        at += 1 + length
      }
    }
  }

  #step(): void {
    this.#steps += 1
    if (this.#steps > mostSteps) throw new RangeError('too many labels')
  }

  #earlier(at: number, begin: number): number {
    const to = this.#octets.readUInt16BE(at) & 0x3fff
    if (to < headOctets || to >= begin) throw new RangeError('a pointer to nothing that was said before')
    return to
  }

  /** `left`: octets that the name may still have behind it, the one at its end among them. */
  #label(at: number, left: number): string {
    const length = this.#octets.readUInt8(at)
    if (length > mostLabelOctets || left < 1) throw new RangeError('a name that is too long')
    if (at + 1 + length > this.#octets.length) throw new RangeError('a label is cut off')
    return this.#octets.toString('latin1', at + 1, at + 1 + length)
  }
}

export function writeMessage(message: MdnsMessage): Buffer {
  const head = Buffer.alloc(headOctets)
  const { questions, answers, authorities, additionals } = message
  const counts = [questions, answers, authorities, additionals].map(({ length }) => length)
  for (const [n, value] of [message.id, message.isResponse ? response : 0, ...counts].entries())
    head.writeUInt16BE(value, n * 2)
  return Buffer.concat([
    head,
    ...questions.map(questionOctets),
    ...[...answers, ...authorities, ...additionals].map(recordOctets),
  ])
}

function questionOctets({ name, type, wantsUnicast }: MdnsQuestion): Buffer {
  const rest = Buffer.alloc(4)
  rest.writeUInt16BE(type, 0)
  rest.writeUInt16BE(inClass | (wantsUnicast ? topBit : 0), 2)
  return Buffer.concat([nameOctets(name), rest])
}

function recordOctets({ name, type, ttlS, data, isUnique }: MdnsRecord): Buffer {
  const rest = Buffer.alloc(10)
  rest.writeUInt16BE(type, 0)
  rest.writeUInt16BE(inClass | (isUnique ? topBit : 0), 2)
  rest.writeUInt32BE(ttlS, 4)
  rest.writeUInt16BE(data.length, 8)
  return Buffer.concat([nameOctets(name), rest, data])
}

export const nameOctets = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])),
    Buffer.alloc(1),
  ])

/** The four or sixteen octets of an address. */
export function addressOctets(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [left = '', right] = address.split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [before, behind] = [groups(left), groups(right ?? '')]
  const between = right === undefined ? 0 : 8 - before.length - behind.length
  const octets = Buffer.alloc(16)
  for (const [n, group] of [...before, ...Array<number>(between).fill(0), ...behind].entries())
    octets.writeUInt16BE(group, n * 2)
  return octets
}

/** As a person reads it. */
export const addressText = (data: Buffer): string =>
  data.length === 4
    ? data.join('.')
    : new URL(`http://[${data.toString('hex').match(/.{4}/g)?.join(':')}]`).hostname.slice(1, -1)
