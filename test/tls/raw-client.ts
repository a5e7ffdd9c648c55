import { constants, type KeyObject, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto'
import { HandshakeHash } from '../../src/submission/edge/vintage/handshake-hash.ts'
import { keyScheduleOf } from '../../src/submission/edge/vintage/key-schedule.ts'
import { handshakeMessage } from '../../src/submission/edge/vintage/messages.ts'
import {
  type Open,
  opening,
  type Seal,
  sealing,
} from '../../src/submission/edge/vintage/record-protection.ts'
import { deriveKeys } from '../../src/submission/edge/vintage/session-keys.ts'
import { type Suite, suiteFor } from '../../src/submission/edge/vintage/suites.ts'
import { ssl30, type Version } from '../../src/submission/edge/vintage/versions.ts'

export interface Offer {
  readonly version: Version
  readonly suites: readonly number[]
  readonly format?: 'record' | 'sslv2'
  readonly compressions?: readonly number[]
}

/** A record in clear. */
export const record = (type: number, body: Uint8Array, version: number = ssl30): Buffer =>
  Buffer.concat([Buffer.from([type, ...twoOctets(version), ...twoOctets(body.length)]), body])

const twoOctets = (value: number): [number, number] => [value >> 8, value & 0xff]

/** The octets of records, cut apart; an incomplete rest is left out. */
export function cutRecords(octets: Buffer): { readonly type: number; readonly body: Buffer }[] {
  const records: { readonly type: number; readonly body: Buffer }[] = []
  for (let at = 0; at + 5 <= octets.length; ) {
    const end = at + 5 + octets.readUInt16BE(at + 3)
    if (end > octets.length) break
    records.push({ type: octets[at] ?? 0, body: octets.subarray(at + 5, end) })
    at = end
  }
  return records
}

/** 00 02, padding without a zero, 00, the secret (RFC 8017 section 7.2.1). */
export function goodBlock(length: number, premaster: Uint8Array): Buffer {
  const padding = Buffer.alloc(length - premaster.length - 3, 7)
  return Buffer.concat([Buffer.from([0, 2]), padding, Buffer.from([0]), premaster])
}

type Block = (length: number, premaster: Buffer) => Buffer

const set = (block: Buffer, at: number, value: number): Buffer => {
  block[at] = value
  return block
}

/**
 * Blocks that no server may take, nor answer in a way of their own (Bleichenbacher 1998). Each holds the secret that the
 * client goes on with: a server that let one pass would come to an agreement.
 */
export const badBlocks: Readonly<Record<string, Block>> = {
  'another block type': (length, premaster) => set(goodBlock(length, premaster), 1, 1),
  'no zero in front': (length, premaster) => set(goodBlock(length, premaster), 0, 1),
  'no zero before the secret': (length, premaster) => set(goodBlock(length, premaster), length - 49, 5),
  'a zero in the padding': (length, premaster) => set(goodBlock(length, premaster), 20, 0),
  'a secret of another version': (length, premaster) => goodBlock(length, set(premaster, 1, 0)),
  'a secret that is cut short': (length, premaster) => goodBlock(length, premaster.subarray(0, 16)),
  noise: (length) => set(randomBytes(length), 0, 0),
}

/**
 * The client's side of a handshake in single steps, made to be broken at any of them. That it is right in itself is what
 * the clients of others prove about the engine.
 */
export class RawClient {
  readonly offer: Offer
  readonly #hash = new HandshakeHash()
  readonly #random = randomBytes(32)
  #serverRandom: Buffer = Buffer.alloc(0)
  #suite: Suite | undefined
  #key: KeyObject | undefined
  #seal: Seal | undefined
  #open: Open | undefined

  constructor(offer: Offer) {
    this.offer = offer
  }

  /** The first octets on the wire. */
  hello(): Buffer {
    const message = this.offer.format === 'sslv2' ? this.#version2Hello() : this.#hello()
    this.#hash.add(message)
    if (this.offer.format !== 'sslv2') return record(22, message)
    return Buffer.concat([Buffer.from([0x80 | (message.length >> 8), message.length & 0xff]), message])
  }

  /** Takes ServerHello, Certificate, ServerHelloDone. */
  hear(flight: Buffer): void {
    const messages = cutRecords(flight).map(({ body }) => body)
    for (const message of messages) this.#hash.add(message)
    const [hello, certificate] = messages
    if (!hello || !certificate) throw new Error(`no flight: ${flight.toString('hex')}`)
    this.#serverRandom = hello.subarray(6, 38)
    this.#suite = suiteFor([hello.readUInt16BE(39 + (hello[38] ?? 0))])
    this.#key = new X509Certificate(certificate.subarray(10, 10 + certificate.readUIntBE(7, 3))).publicKey
  }

  /** Octets of the server's modulus. */
  get blockLength(): number {
    return (this.#key?.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  }

  /** ClientKeyExchange with this block in it, or with a good one; ChangeCipherSpec; Finished with what `prove` makes of it. */
  answer(
    makeBlock: (premaster: Buffer) => Buffer = (secret) => goodBlock(this.blockLength, secret),
    prove: (proof: Buffer) => Buffer = (proof) => proof,
  ): Buffer {
    const { version } = this.offer
    const premaster = Buffer.concat([Buffer.from(twoOctets(version)), randomBytes(46)])
    const exchange = this.#keyExchange(makeBlock(premaster))
    this.#hash.add(exchange)
    const master = this.#deriveKeys(premaster)
    const proof = keyScheduleOf(version).finished(master, 'client', this.#hash)
    const finished = handshakeMessage(20, prove(proof))
    return Buffer.concat([
      record(22, exchange, version),
      record(20, Buffer.from([1]), version),
      this.seal(22, finished),
    ])
  }

  /** One protected record. */
  seal(type: number, data: Uint8Array): Buffer {
    if (!this.#seal) throw new Error('no keys yet')
    return record(type, this.#seal(type, data), this.offer.version)
  }

  /** What the server's protected records say; undefined in the place of one that does not verify. */
  open(octets: Buffer): (Buffer | undefined)[] {
    return cutRecords(octets).map(({ type, body }) => this.#open?.(type, body))
  }

  #hello(): Buffer {
    const { version, suites, compressions = [0] } = this.offer
    const list = suites.flatMap(twoOctets)
    const head = [...twoOctets(version), ...this.#random, 0, ...twoOctets(list.length), ...list]
    return handshakeMessage(1, Buffer.from([...head, compressions.length, ...compressions]))
  }

  #version2Hello(): Buffer {
    const { version, suites } = this.offer
    const specs = suites.flatMap((suite) => [0, ...twoOctets(suite)])
    const head = [1, ...twoOctets(version), ...twoOctets(specs.length), 0, 0, 0, 32]
    return Buffer.from([...head, ...specs, ...this.#random])
  }

  /** TLS puts the length in front, SSL 3.0 does not. */
  #keyExchange(block: Buffer): Buffer {
    if (!this.#key) throw new Error('no certificate yet')
    const encrypted = publicEncrypt({ key: this.#key, padding: constants.RSA_NO_PADDING }, block)
    const length = this.offer.version === ssl30 ? [] : twoOctets(encrypted.length)
    return handshakeMessage(16, Buffer.concat([Buffer.from(length), encrypted]))
  }

  #deriveKeys(premaster: Buffer): Buffer {
    if (!this.#suite) throw new Error('no suite in common')
    const { version } = this.offer
    const randoms = { clientRandom: this.#random, serverRandom: this.#serverRandom }
    const keys = deriveKeys({ ...randoms, version, suite: this.#suite, clientVersion: version }, premaster)
    this.#seal = sealing(keys.client)
    this.#open = opening(keys.server)
    return keys.master
  }
}
