import { type HelloReading, longestHello, readClientHello } from '../client-hello.ts'
import { FatalAlert } from './alerts.ts'
import type { Open, Seal } from './record-protection.ts'
import { ssl30, type Version } from './versions.ts'

export const changeCipherSpecType = 20
export const alertType = 21
export const handshakeType = 22
export const applicationDataType = 23

export interface TlsRecord {
  readonly type: number
  readonly data: Buffer
}

const headerLength = 5
/** RFC 5246 section 6.2: octets of plain text in a record, and what protection may add. */
const longestPlain = 16384
const mostAdded = 2048
/** Empty records hide the IV of the next one from an attacker (OpenSSL's answer to BEAST); a stream of them is none. */
const mostEmpty = 100

type HelloFound = Extract<HelloReading, { kind: 'hello' }>

/** Octets to records and back (RFC 6101 section 5.2, RFC 5246 section 6.2), each direction protected once it has keys. */
export class RecordLayer {
  version: Version = ssl30
  #waiting: Buffer = Buffer.alloc(0)
  #open: Open | undefined
  #seal: Seal | undefined
  #empty = 0

  add(octets: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? octets : Buffer.concat([this.#waiting, octets])
  }

  protectReading(open: Open): void {
    this.#open = open
  }

  protectWriting(seal: Seal): void {
    this.#seal = seal
  }

  /** The ClientHello at the start of the stream, in either format; undefined: it is not all here. */
  hello(): HelloFound | undefined {
    const reading = readClientHello(this.#waiting)
    switch (reading.kind) {
      case 'nonsense':
        throw new FatalAlert('decode_error', reading.why)
      case 'incomplete':
        if (this.#waiting.length > 2 * longestHello) throw new FatalAlert('decode_error', 'endless hello')
        return undefined
      case 'hello':
        this.#waiting = this.#waiting.subarray(reading.length)
        return reading
    }
  }

  /** The next record with something in it; undefined: it is not all here. */
  next(): TlsRecord | undefined {
    for (;;) {
      const record = this.#take()
      if (!record || record.data.length > 0) {
        if (record) this.#empty = 0
        return record
      }
      if (record.type !== applicationDataType || ++this.#empty > mostEmpty) {
        throw new FatalAlert('unexpected_message', 'empty records')
      }
    }
  }

  /** As many records as the octets need, in one piece. */
  wrap(type: number, data: Uint8Array): Buffer {
    const pieces: Buffer[] = []
    for (let at = 0; at < data.length; at += longestPlain) {
      const part = data.subarray(at, at + longestPlain)
      const fragment = this.#seal ? this.#seal(type, part) : part
      pieces.push(this.#header(type, fragment.length), Buffer.from(fragment))
    }
    return Buffer.concat(pieces)
  }

  #header(type: number, length: number): Buffer {
    const header = Buffer.alloc(headerLength)
    header[0] = type
    header.writeUInt16BE(this.version, 1)
    header.writeUInt16BE(length, 3)
    return header
  }

  #take(): TlsRecord | undefined {
    const octets = this.#waiting
    if (octets.length < headerLength) return undefined
    const length = octets.readUInt16BE(3)
    // The minor version differs between stacks; what counts is the version that the MAC is made with.
    if (octets[1] !== 3) throw new FatalAlert('unexpected_message', 'no record of SSL 3.0 or TLS')
    if (length > longestPlain + mostAdded)
      throw new FatalAlert('record_overflow', `record of ${length} octets`)
    if (octets.length < headerLength + length) return undefined
    this.#waiting = octets.subarray(headerLength + length)
    const type = octets[0] ?? 0
    return { type, data: this.#unprotected(type, octets.subarray(headerLength, headerLength + length)) }
  }

  #unprotected(type: number, fragment: Buffer): Buffer {
    const data = this.#open ? this.#open(type, fragment) : fragment
    if (!data) throw new FatalAlert('bad_record_mac', 'a record does not verify')
    if (data.length > longestPlain)
      throw new FatalAlert('record_overflow', `${data.length} octets in a record`)
    return data
  }
}
