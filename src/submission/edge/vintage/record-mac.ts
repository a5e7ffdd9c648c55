import { createHash, createHmac } from 'node:crypto'
import { pad1, pad2 } from './ssl3-pads.ts'
import type { Suite } from './suites.ts'
import { ssl30, type Version } from './versions.ts'

/** The MAC of one direction's next record; each call counts one record on. */
export type RecordMac = (type: number, data: Uint8Array) => Buffer

export function recordMac(version: Version, { mac }: Suite, secret: Uint8Array): RecordMac {
  const code = version === ssl30 ? ssl3Mac(mac, secret) : tlsMac(mac, secret)
  const header = Buffer.alloc(version === ssl30 ? 11 : 13)
  if (version !== ssl30) header.writeUInt16BE(version, 9)
  // A session ends long before 2^32 records: see its volume.
  let sequence = 0
  return (type, data) => {
    header.writeUInt32BE(sequence++, 4)
    header[8] = type
    header.writeUInt16BE(data.length, header.length - 2)
    return code(header, data)
  }
}

type Code = (header: Uint8Array, data: Uint8Array) => Buffer

/** RFC 6101 section 5.2.3.1: an HMAC before there was one; the version is not in its header. */
function ssl3Mac(name: Suite['mac'], secret: Uint8Array): Code {
  const inner = createHash(name).update(secret).update(pad1(name))
  const outer = createHash(name).update(secret).update(pad2(name))
  return (header, data) => outer.copy().update(inner.copy().update(header).update(data).digest()).digest()
}

/** RFC 2246 section 6.2.3.1. */
const tlsMac =
  (name: Suite['mac'], secret: Uint8Array): Code =>
  (header, data) =>
    createHmac(name, secret).update(header).update(data).digest()
