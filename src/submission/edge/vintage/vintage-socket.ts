import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Clock } from '../../../core/clock.ts'
import type { ServerIdentity } from '../../../core/server-identity.ts'
import { lastWords } from '../last-words.ts'
import { suiteName } from '../tls-names.ts'
import { VintageSession } from './session.ts'
import { protocolName } from './versions.ts'
import { vintageIdentity } from './vintage-identity.ts'

export interface VintageParts {
  readonly identity: ServerIdentity
  readonly clock: Clock
  /** Octets of plain text in both directions after which the session ends: see decision 10. */
  readonly volume: number
}

type Callback = (error?: Error | null) => void

/**
 * Plain text over a raw socket that speaks SSL 3.0 to TLS 1.2. Emits `secure` after the handshake, like Node's TLSSocket;
 * `error` and `close` if it fails. Destroying this one destroys the socket below. Back-pressure goes through in both
 * directions: the raw socket is paused while nobody reads, a write is done when the raw socket has taken it.
 */
export class VintageSocket extends Duplex {
  readonly #raw: Socket
  readonly #clock: Clock
  readonly #session: VintageSession
  #volumeLeft: number
  #isSecured = false
  #hasEnded = false

  constructor(raw: Socket, { identity, clock, volume }: VintageParts) {
    // Half-open like the raw socket: replies go out to a client that has said everything.
    super({ allowHalfOpen: true })
    this.#raw = raw
    this.#clock = clock
    this.#volumeLeft = volume
    this.#session = new VintageSession(vintageIdentity(identity), {
      transmit: (records) => void (raw.writable && raw.write(records)),
      deliver: (data) => this.#deliver(data),
      secured: () => {
        this.#isSecured = true
        this.emit('secure')
      },
      ended: () => this.#hearEnd(),
    })
    raw
      .on('data', this.#hear)
      .on('end', this.#hearEnd)
      .on('close', this.#rawClose)
      .on('error', this.#rawError)
    if (raw.destroyed) this.destroy()
    else raw.resume()
  }

  /** `SSLv3 RC4-MD5`, for transcript and session. */
  describe(): string {
    const agreed = this.#session.agreed
    return agreed ? `${protocolName(agreed.version)} ${suiteName(agreed.suite.id)}` : 'TLS'
  }

  override _read(): void {
    if (!this.#raw.destroyed) this.#raw.resume()
  }

  override _write(data: Buffer, _encoding: string, callback: Callback): void {
    if (!this.#isSecured) {
      callback(new Error('nothing may be written before the handshake is over'))
      return
    }
    if (this.#isUsedUp(data.length)) callback(new Error(usedUp))
    else this.#raw.write(this.#session.seal(data), callback)
  }

  override _final(callback: Callback): void {
    if (this.#isSecured && this.#raw.writable) this.#raw.write(this.#session.goodbye())
    // Not before it is written: what comes after `_final` destroys the raw socket.
    this.#raw.end(() => callback())
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#raw
      .off('data', this.#hear)
      .off('end', this.#hearEnd)
      .off('close', this.#rawClose)
      .off('error', this.#rawError)
      // What was broken off keeps no listener: a late reset must not end the process.
      .on('error', ignore)
    // The client has to read the alert before the connection is gone.
    if (error) lastWords(this.#raw, this.#clock)
    else this.#raw.destroy()
    callback(error)
  }

  readonly #hear = (octets: Buffer): void => {
    const broken = this.#session.receive(octets)
    if (broken) this.destroy(new Error(broken.message))
  }

  readonly #hearEnd = (): void => {
    if (this.#isSecured) this.#end()
    else this.destroy()
  }

  readonly #rawClose = (): void => {
    this.destroy()
  }

  readonly #rawError = (error: Error): void => {
    this.destroy(error)
  }

  #deliver(data: Buffer): void {
    if (this.#hasEnded || this.destroyed) return
    if (this.#isUsedUp(data.length)) this.destroy(new Error(usedUp))
    else if (!this.push(data)) this.#raw.pause()
  }

  /** close_notify, or the end of the connection: what SMTP makes of a message that is cut off is its own affair. */
  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.push(null)
  }

  #isUsedUp(octets: number): boolean {
    this.#volumeLeft -= octets
    return this.#volumeLeft < 0
  }
}

const usedUp = 'more than these ciphers should carry in one session'
const ignore = (): void => undefined
