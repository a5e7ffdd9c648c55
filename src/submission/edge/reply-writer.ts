import type { Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import { second } from '../../core/time.ts'
import type { Transcript } from './transcript.ts'

const lingerMs = 5 * second

/** Our side of the socket: replies out, then the end. */
export class ReplyWriter {
  readonly #socket: Socket
  readonly #transcript: Transcript
  #isBlocked = false

  constructor(socket: Socket, transcript: Transcript) {
    this.#socket = socket
    this.#transcript = transcript
  }

  /** The client does not read: nothing more is done for it until it does. */
  get isBlocked(): boolean {
    return this.#isBlocked
  }

  drained(): void {
    this.#isBlocked = false
  }

  write(code: number, lines: readonly string[]): void {
    const said = lines.map((line, at) => `${code}${at < lines.length - 1 ? '-' : ' '}${line}`)
    for (const line of said) this.#transcript.box(line)
    if (!this.#socket.write(`${said.join('\r\n')}\r\n`)) this.#isBlocked = true
  }

  /** Ends our side and lets the client read the last reply; whatever it still says is thrown away. */
  end(clock: Clock): void {
    this.#socket.end()
    this.#socket.resume()
    const cancel = clock.after(lingerMs, () => this.#socket.destroy())
    this.#socket.once('close', cancel)
  }
}
