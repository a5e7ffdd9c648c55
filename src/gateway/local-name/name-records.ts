// What a box says of its name in one link.
import { isIP } from 'node:net'
import {
  addressOctets,
  type MdnsMessage,
  type MdnsRecord,
  nameOctets,
  recordType,
} from '../../platform/mdns/message.ts'

/** RFC 6762 section 10: what an address depends on. */
export const hostTtlS = 120
/** For plain DNS clients, who watch nothing (RFC 6762 section 6.7). */
export const legacyTtlS = 10

export const silence: MdnsMessage = {
  id: 0,
  isResponse: true,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
}

/** One that a link gives itself is of use to nobody who has another one: without its zone it leads nowhere. */
export function addressRecords(name: string, addresses: readonly string[]): readonly MdnsRecord[] {
  const told = addresses.filter((address) => !isLinkLocal(address))
  const has6 = told.some((address) => isIP(address) === 6)
  return [...told, ...(has6 ? [] : addresses.filter(isLinkLocal))].map((address) => ({
    name,
    type: isIP(address) === 4 ? recordType.a : recordType.aaaa,
    ttlS: hostTtlS,
    data: addressOctets(address),
    isUnique: true,
  }))
}

const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address)

/** That it has addresses of these families and no other: nobody waits for the rest (RFC 6762 section 6.1). */
export function restDenied(name: string, records: readonly MdnsRecord[]): MdnsRecord {
  const bitmap = Buffer.alloc(4)
  for (const { type } of records) bitmap[type >> 3] = (bitmap[type >> 3] ?? 0) | (0x80 >> (type & 7))
  const data = Buffer.concat([nameOctets(name), Buffer.from([0, bitmap.length]), bitmap])
  return { name, type: recordType.nsec, ttlS: hostTtlS, data, isUnique: true }
}

export const isSame = (a: MdnsRecord, b: MdnsRecord): boolean => a.type === b.type && a.data.equals(b.data)

/** Positive: the first one has the greater records, and with them the name (RFC 6762 section 8.2). */
export function compareClaims(a: readonly MdnsRecord[], b: readonly MdnsRecord[]): number {
  const [mine, theirs] = [a.toSorted(inOrder), b.toSorted(inOrder)]
  for (const [n, record] of mine.entries()) {
    const other = theirs[n]
    const order = other === undefined ? 1 : inOrder(record, other)
    if (order !== 0) return order
  }
  return mine.length - theirs.length
}

const inOrder = (a: MdnsRecord, b: MdnsRecord): number => a.type - b.type || Buffer.compare(a.data, b.data)
