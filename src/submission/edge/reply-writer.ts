import type { Duplex } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { lastWords } from './last-words.ts'
import type { Transcript } from './transcript.ts'

/** Our side of the socket: replies out, then the end. */
export class ReplyWriter {
  readonly #socket: Duplex
  readonly #transcript: Transcript
  #isBlocked = false

  constructor(socket: Duplex, transcript: Transcript) {
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
    let text = ''
    const last = lines.length - 1
    for (const [at, line] of lines.entries()) {
      const said = `${code}${at < last ? '-' : ' '}${line}`
      this.#transcript.box(said)
      text += `${said}\r\n`
    }
    if (!this.#socket.write(text)) this.#isBlocked = true
  }

  end(clock: Clock): void {
    lastWords(this.#socket, clock)
  }
}
