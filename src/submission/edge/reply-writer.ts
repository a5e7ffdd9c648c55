import type { Duplex } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { lastWords } from './last-words.ts'
import { atEndOfTurn } from './reply-round.ts'
import type { Transcript } from './transcript.ts'

/** Characters of pipelined replies that may wait for the end of the turn: a segment's worth. */
const mostHeldBack = 1400

/** Our side of the socket: replies out, then the end. */
export class ReplyWriter {
  readonly #socket: Duplex
  readonly #transcript: Transcript
  #held = ''
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
    if (this.#held === '') atEndOfTurn(this)
    const last = lines.length - 1
    for (const [at, line] of lines.entries()) {
      const said = `${code}${at < last ? '-' : ' '}${line}`
      this.#transcript.box(said)
      this.#held += `${said}\r\n`
    }
    if (this.#held.length >= mostHeldBack) this.flush()
  }

  /** What was said leaves now; nobody hears it whose socket is gone. */
  flush(): void {
    const text = this.#held
    this.#held = ''
    if (text !== '' && this.#socket.writable && !this.#socket.write(text)) this.#isBlocked = true
  }

  end(clock: Clock): void {
    this.flush()
    lastWords(this.#socket, clock)
  }
}
