import type { Duplex } from 'node:stream'

/** Far more than any greeting or header: what goes on and on is not what we came for. */
const mostOctets = 65_536

/** Why a conversation ended: the other side closed it, or its error's code. */
export class TalkEnded extends Error {
  readonly code: string

  constructor(code: string) {
    super(code === '' ? 'closed' : code)
    this.code = code
  }
}

/** Lines to and from somebody, one question at a time. */
export class Talk {
  readonly stream: Duplex
  #text = ''
  #ended: TalkEnded | undefined
  #wake: () => void = () => {}

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('data', this.#onData)
    stream.on('error', this.#onError)
    stream.on('close', this.#onClose)
  }

  /** Everything that was said and not read yet. */
  get rest(): string {
    return this.#text
  }

  send(text: string): void {
    this.stream.write(text)
  }

  /** The next line without its end. Rejects with `TalkEnded`, or the signal's reason. */
  async line(signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted()
      const end = this.#text.indexOf('\n')
      if (end >= 0) {
        const line = this.#text.slice(0, end).replace(/\r$/, '')
        this.#text = this.#text.slice(end + 1)
        return line
      }
      if (this.#ended) throw this.#ended
      await this.#more(signal)
    }
  }

  /** A reply of SMTP with all its lines (RFC 5321 section 4.2.1); whatever else is said is a reply of one line. */
  async reply(signal: AbortSignal): Promise<readonly string[]> {
    const lines: string[] = []
    do lines.push(await this.line(signal))
    while (/^\d{3}-/.test(lines.at(-1) ?? ''))
    return lines
  }

  /** The head of an HTTP answer, up to the empty line. */
  async head(signal: AbortSignal): Promise<readonly string[]> {
    const lines: string[] = []
    for (;;) {
      const line = await this.line(signal)
      if (line === '') return lines
      lines.push(line)
    }
  }

  /** Leaves the stream to somebody else, TLS for instance. */
  release(): Duplex {
    this.stream.off('data', this.#onData).off('error', this.#onError).off('close', this.#onClose)
    return this.stream
  }

  readonly #onData = (octets: Uint8Array): void => {
    if (this.#text.length < mostOctets) this.#text += Buffer.from(octets).toString('latin1')
    this.#wake()
  }

  readonly #onError = (error: Error): void => {
    this.#ended ??= new TalkEnded('code' in error ? String(error.code) : error.message)
    this.#wake()
  }

  readonly #onClose = (): void => {
    this.#ended ??= new TalkEnded('')
    this.#wake()
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#wake = wake
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}
