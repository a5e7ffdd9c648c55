import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { ClientHello } from '../client-hello.ts'
import { FatalAlert } from './alerts.ts'
import { HandshakeHash } from './handshake-hash.ts'
import { keyScheduleOf, type Sender } from './key-schedule.ts'
import {
  certificateMessage,
  clientKeyExchangeType,
  finishedType,
  type HandshakeMessage,
  handshakeMessage,
  serverHello,
  serverHelloDone,
} from './messages.ts'
import { premasterOf } from './premaster.ts'
import { changeCipherSpecType, handshakeType, type RecordLayer } from './record-layer.ts'
import { opening, sealing } from './record-protection.ts'
import { type Agreement, deriveKeys, type SessionKeys } from './session-keys.ts'
import { suiteFor } from './suites.ts'
import { ssl30, tls12, versionFor } from './versions.ts'
import type { VintageIdentity } from './vintage-identity.ts'

/** What is waited for next. */
type Step =
  | { readonly kind: 'hello' }
  | { readonly kind: 'key-exchange'; readonly agreed: Agreement }
  | { readonly kind: 'change-cipher-spec'; readonly keys: SessionKeys }
  | { readonly kind: 'finished'; readonly keys: SessionKeys }
  | { readonly kind: 'done' }

/**
 * The server's side of a full handshake with RSA key exchange (RFC 6101 section 5.5, RFC 5246 section 7.3): no
 * resumption, no client certificate, no compression. Every message is allowed at one place only; what is to be sent is
 * returned as records.
 */
export class Handshake {
  readonly #identity: VintageIdentity
  readonly #records: RecordLayer
  readonly #hash = new HandshakeHash()
  #step: Step = { kind: 'hello' }

  constructor(identity: VintageIdentity, records: RecordLayer) {
    this.#identity = identity
    this.#records = records
  }

  get isDone(): boolean {
    return this.#step.kind === 'done'
  }

  /** ServerHello, Certificate and ServerHelloDone, each in a record of its own: old stacks read them so. */
  begin(hello: ClientHello, message: Uint8Array): { readonly agreed: Agreement; readonly answer: Buffer } {
    const agreed = agree(hello)
    const { version, suite, serverRandom } = agreed
    this.#records.version = version
    this.#hash.add(message)
    const answers = [
      serverHello(version, serverRandom, suite, hello.opening.knowsRenegotiation),
      certificateMessage(this.#identity.chain),
      serverHelloDone(),
    ]
    for (const answer of answers) this.#hash.add(answer)
    this.#step = { kind: 'key-exchange', agreed }
    return { agreed, answer: Buffer.concat(answers.map((each) => this.#records.wrap(handshakeType, each))) }
  }

  /** ChangeCipherSpec and Finished after the client's Finished, else nothing. */
  take(message: HandshakeMessage): Buffer | undefined {
    const step = this.#step
    if (step.kind === 'key-exchange' && message.type === clientKeyExchangeType) {
      const premaster = premasterOf(message.body, this.#identity, step.agreed.clientVersion)
      this.#hash.add(message.octets)
      this.#step = { kind: 'change-cipher-spec', keys: deriveKeys(step.agreed, premaster) }
      premaster.fill(0)
      return undefined
    }
    if (step.kind === 'finished' && message.type === finishedType) return this.#finish(step.keys, message)
    throw new FatalAlert('unexpected_message', `handshake message ${message.type} at ${step.kind}`)
  }

  /** From here on the client's records are protected. */
  changeCipherSpec(): void {
    if (this.#step.kind !== 'change-cipher-spec') {
      throw new FatalAlert('unexpected_message', `ChangeCipherSpec at ${this.#step.kind}`)
    }
    const { keys } = this.#step
    this.#records.protectReading(opening(keys.client))
    this.#step = { kind: 'finished', keys }
  }

  #finish(keys: SessionKeys, message: HandshakeMessage): Buffer {
    const wanted = this.#proof(keys, 'client')
    if (wanted.length !== message.body.length || !timingSafeEqual(wanted, message.body)) {
      // RFC 6101 has no decrypt_error.
      const alert = keys.version === ssl30 ? 'handshake_failure' : 'decrypt_error'
      throw new FatalAlert(alert, 'the client saw another handshake')
    }
    this.#hash.add(message.octets)
    const change = this.#records.wrap(changeCipherSpecType, Buffer.from([1]))
    this.#records.protectWriting(sealing(keys.server))
    const finished = handshakeMessage(finishedType, this.#proof(keys, 'server'))
    const answer = Buffer.concat([change, this.#records.wrap(handshakeType, finished)])
    keys.master.fill(0)
    this.#step = { kind: 'done' }
    return answer
  }

  #proof({ version, master }: SessionKeys, sender: Sender): Buffer {
    return keyScheduleOf(version).finished(master, sender, this.#hash)
  }
}

function agree({ suites, opening: said }: ClientHello): Agreement {
  const version = versionFor(said.clientVersion)
  if (version === undefined) throw new FatalAlert('protocol_version', 'it knows SSL 2.0 only')
  // RFC 7507 section 3: whoever falls back although we could do better has an attacker between.
  if (said.isFallback && said.clientVersion < tls12) {
    throw new FatalAlert('inappropriate_fallback', 'it fell back from a better version')
  }
  if (!said.compressions.includes(0)) throw new FatalAlert('illegal_parameter', 'it insists on compression')
  const suite = suiteFor(suites)
  if (!suite) throw new FatalAlert('handshake_failure', 'no suite in common')
  const { clientVersion, random } = said
  return {
    version,
    suite,
    clientVersion,
    // A copy: the hello's buffer belongs to the socket.
    clientRandom: Buffer.from(random),
    serverRandom: randomBytes(32),
  }
}
