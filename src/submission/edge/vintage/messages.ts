import { FatalAlert } from './alerts.ts'
import type { Suite } from './suites.ts'
import type { Version } from './versions.ts'

/** Handshake types (RFC 5246 section 7.4). */
export const clientHelloType = 1
export const clientKeyExchangeType = 16
export const finishedType = 20

export interface HandshakeMessage {
  readonly type: number
  readonly body: Buffer
  /** With its header, as the handshake's hashes take it. */
  readonly octets: Buffer
}

const headerLength = 4
/** The longest that a client has to send is the key exchange, 514 octets for RSA-4096. */
const longestMessage = 4096

/** Handshake messages out of records: one may be spread over several, one record may hold several. */
export class MessageAssembly {
  #waiting: Buffer = Buffer.alloc(0)

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  add(data: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, data])
  }

  next(): HandshakeMessage | undefined {
    const octets = this.#waiting
    if (octets.length < headerLength) return undefined
    const length = octets.readUIntBE(1, 3)
    if (length > longestMessage) throw new FatalAlert('illegal_parameter', `message of ${length} octets`)
    const end = headerLength + length
    if (octets.length < end) return undefined
    this.#waiting = octets.subarray(end)
    return {
      type: octets[0] ?? 0,
      body: octets.subarray(headerLength, end),
      octets: octets.subarray(0, end),
    }
  }
}

export function handshakeMessage(type: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(headerLength)
  header.writeUInt32BE(body.length)
  header[0] = type
  return Buffer.concat([header, body])
}

/** RFC 5746 section 3.6: no renegotiation has taken place. Said to nobody who does not know the extension. */
const renegotiationInfo = Buffer.from([0, 5, 0xff, 0x01, 0, 1, 0])
const noSession = 0
const noCompression = 0

/** RFC 5246 section 7.4.1.3. The session gets no id: none is resumed. */
export function serverHello(
  version: Version,
  random: Uint8Array,
  suite: Suite,
  knowsRenegotiation: boolean,
): Buffer {
  const fixed = Buffer.from([noSession, suite.id >> 8, suite.id & 0xff, noCompression])
  const extensions = knowsRenegotiation ? renegotiationInfo : Buffer.alloc(0)
  const body = Buffer.concat([Buffer.from([version >> 8, version & 0xff]), random, fixed, extensions])
  return handshakeMessage(2, body)
}

/** RFC 5246 section 7.4.2: leaf first, in DER. */
export function certificateMessage(chain: readonly Uint8Array[]): Buffer {
  const list = Buffer.concat(chain.flatMap((each) => [threeOctets(each.length), each]))
  return handshakeMessage(11, Buffer.concat([threeOctets(list.length), list]))
}

export const serverHelloDone = (): Buffer => handshakeMessage(14, Buffer.alloc(0))

function threeOctets(value: number): Buffer {
  const octets = Buffer.alloc(3)
  octets.writeUIntBE(value, 0, 3)
  return octets
}
