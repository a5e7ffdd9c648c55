import { type Alert, alertOctets, alertText, FatalAlert, fatalLevel, warningLevel } from './alerts.ts'
import { Handshake } from './handshake.ts'
import { clientHelloType, MessageAssembly } from './messages.ts'
import {
  alertType,
  applicationDataType,
  changeCipherSpecType,
  handshakeType,
  RecordLayer,
  type TlsRecord,
} from './record-layer.ts'
import type { Agreement } from './session-keys.ts'
import { ssl30 } from './versions.ts'
import type { VintageIdentity } from './vintage-identity.ts'

/** What a session does to the sides of it. */
export interface SessionSides {
  /** Records for the client. */
  transmit(records: Buffer): void
  /** What the client said, in clear. */
  deliver(data: Buffer): void
  /** The handshake is over. */
  secured(): void
  /** close_notify: the client says nothing more. */
  ended(): void
}

/** Warnings and vain wishes for a new handshake, together. */
const mostNoise = 5
const changeCipherSpec = 1

/** One TLS session without its socket: octets of the client in, records and plain text out. */
export class VintageSession {
  readonly #sides: SessionSides
  readonly #records = new RecordLayer()
  readonly #handshake: Handshake
  readonly #assembly = new MessageAssembly()
  #agreed: Agreement | undefined
  #noise = 0
  #isOver = false

  constructor(identity: VintageIdentity, sides: SessionSides) {
    this.#sides = sides
    this.#handshake = new Handshake(identity, this.#records)
  }

  /** Version and suite, once both hellos are known. */
  get agreed(): Agreement | undefined {
    return this.#agreed
  }

  /** Takes what the client sent. A broken protocol is answered with its alert, and returned: the session is over then. */
  receive(octets: Buffer): FatalAlert | undefined {
    if (this.#isOver) return undefined
    try {
      this.#records.add(octets)
      if (!this.#agreed) this.#greet()
      if (this.#agreed) this.#readRecords()
      return undefined
    } catch (error) {
      if (!(error instanceof FatalAlert)) throw error
      this.#isOver = true
      if (error.alert) this.#sides.transmit(this.#alert(fatalLevel, error.alert))
      return error
    }
  }

  /** Plain text for the client, as records. Only after the handshake. */
  seal(data: Uint8Array): Buffer {
    return this.#records.wrap(applicationDataType, data)
  }

  /** RFC 5246 section 7.2.1. */
  goodbye(): Buffer {
    return this.#alert(warningLevel, 'close_notify')
  }

  #alert(level: number, alert: Alert): Buffer {
    return this.#records.wrap(alertType, alertOctets(level, alert))
  }

  #greet(): void {
    const found = this.#records.hello()
    if (!found) return
    const { agreed, answer } = this.#handshake.begin(found.hello, found.message)
    this.#agreed = agreed
    this.#sides.transmit(answer)
  }

  #readRecords(): void {
    while (!this.#isOver) {
      const record = this.#records.next()
      if (!record) return
      this.#take(record)
    }
  }

  #take({ type, data }: TlsRecord): void {
    switch (type) {
      case applicationDataType:
        if (!this.#handshake.isDone) throw new FatalAlert('unexpected_message', 'data before Finished')
        this.#sides.deliver(data)
        return
      case handshakeType:
        this.#takeHandshake(data)
        return
      case changeCipherSpecType:
        if (data.length !== 1 || data[0] !== changeCipherSpec || !this.#assembly.isEmpty) {
          throw new FatalAlert('unexpected_message', 'ChangeCipherSpec out of place')
        }
        this.#handshake.changeCipherSpec()
        return
      case alertType:
        this.#takeAlert(data)
        return
      default:
        throw new FatalAlert('unexpected_message', `record of type ${type}`)
    }
  }

  #takeHandshake(data: Buffer): void {
    this.#assembly.add(data)
    for (let message = this.#assembly.next(); message; message = this.#assembly.next()) {
      if (this.#handshake.isDone) {
        this.#refuseRenegotiation(message.type)
        continue
      }
      const answer = this.#handshake.take(message)
      if (!answer) continue
      this.#sides.transmit(answer)
      this.#sides.secured()
    }
  }

  /** RFC 5246 section 7.2.2: a warning, and the session goes on as it is. SSL 3.0 has no such alert. */
  #refuseRenegotiation(type: number): void {
    if (type !== clientHelloType) throw new FatalAlert('unexpected_message', `handshake message ${type} late`)
    if (this.#agreed?.version === ssl30) throw new FatalAlert('handshake_failure', 'renegotiation refused')
    this.#noted('it wants to renegotiate again and again')
    this.#sides.transmit(this.#alert(warningLevel, 'no_renegotiation'))
  }

  #takeAlert(data: Buffer): void {
    const [level, code] = data
    if (code === undefined) throw new FatalAlert('decode_error', 'half an alert')
    if (code === 0) {
      this.#isOver = true
      this.#sides.ended()
    } else if (level === fatalLevel) {
      throw new FatalAlert(undefined, `the device sent alert ${alertText(code)}`)
    } else this.#noted(`the device sent warning ${alertText(code)} again and again`)
  }

  #noted(what: string): void {
    if (++this.#noise > mostNoise) throw new FatalAlert('unexpected_message', what)
  }
}
