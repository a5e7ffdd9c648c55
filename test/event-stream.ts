// A page that watches: server-sent events as a browser reads them, over TCP or the control socket.
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { LiveEvent, LiveNotice } from '../src/core/live.ts'

export type Told = LiveEvent | LiveNotice

export interface StreamPlace {
  /** `control.sock`. */
  readonly socketPath: string
  /** `device=Scanner`. */
  readonly query?: string
  readonly lastEventId?: string | undefined
}

export class EventStream implements Disposable {
  readonly told: Told[] = []
  readonly #request: ClientRequest
  readonly #answer: IncomingMessage
  /** As it came, heartbeats too. */
  text = ''
  lastId: string | undefined
  isEnded = false
  #taken = 0
  #wake = Promise.withResolvers<void>()

  private constructor(request: ClientRequest, answer: IncomingMessage) {
    this.#request = request
    this.#answer = answer
    answer.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    answer.on('close', () => {
      this.isEnded = true
      this.#wake.resolve()
    })
    answer.on('error', () => {})
  }

  /** Rejects with status and body where the answer is no stream. */
  static open({ socketPath, query = '', lastEventId }: StreamPlace): Promise<EventStream> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath, path: `/api/v1/events?${query}`, headers, agent: false })
      asked.once('error', reject)
      asked.once('response', (answer) => {
        if (answer.statusCode === 200) {
          asked.on('error', () => {})
          resolve(new EventStream(asked, answer))
        } else void bodyOf(answer).then((body) => reject(new Error(`${answer.statusCode} ${body}`)))
      })
      asked.end()
    })
  }

  /** Ended by the box, in order. */
  get isComplete(): boolean {
    return this.#answer.complete
  }

  /** The first event from here on that fits; those before it are passed over. */
  async next<T extends Told>(what: string, fits: (told: Told) => told is T): Promise<T> {
    const deadline = setTimeout(
      () => this.#wake.reject(new Error(`${what} did not come: ${this.text}`)),
      20_000,
    )
    try {
      for (;;) {
        while (this.#taken < this.told.length) {
          const told = this.told[this.#taken]
          this.#taken += 1
          if (told && fits(told)) return told
        }
        if (this.isEnded) throw new Error(`the stream ended before ${what}: ${this.text}`)
        await this.#wake.promise
      }
    } finally {
      clearTimeout(deadline)
    }
  }

  /** One that fits, whether it was passed over or is still to come. */
  async ever<T extends Told>(what: string, fits: (told: Told) => told is T): Promise<T> {
    return this.told.find(fits) ?? this.next(what, fits)
  }

  /** Reads no more, as a phone that went out of reach. */
  stall(): void {
    this.#answer.pause()
    this.#answer.socket.pause()
  }

  goOn(): void {
    this.#answer.socket.resume()
    this.#answer.resume()
  }

  [Symbol.dispose](): void {
    this.#request.destroy()
  }

  #take(text: string): void {
    this.text += text
    for (
      let end = this.text.indexOf('\n\n', this.#read);
      end >= 0;
      end = this.text.indexOf('\n\n', this.#read)
    ) {
      this.#block(this.text.slice(this.#read, end))
      this.#read = end + 2
    }
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }
  #read = 0

  #block(block: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
    this.lastId = field('id') ?? this.lastId
    const data = field('data')
    if (data !== undefined) this.told.push(JSON.parse(data))
  }
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  return Buffer.concat(await Array.fromAsync(answer)).toString()
}

export const isStep =
  (step: string, device?: string) =>
  (told: Told): told is Extract<LiveEvent, { kind: 'session' }> =>
    told.kind === 'session' && told.step === step && (device === undefined || told.device === device)

export const isVerdict =
  (code: string) =>
  (told: Told): told is Extract<LiveEvent, { kind: 'verdict' }> =>
    told.kind === 'verdict' && told.verdict.code === code

export const isEnd =
  (code: string) =>
  (told: Told): told is Extract<LiveEvent, { kind: 'verdict' }> =>
    isVerdict(code)(told) && told.isOver

export const isStale =
  (what: string) =>
  (told: Told): told is Extract<LiveEvent, { kind: 'stale' }> =>
    told.kind === 'stale' && told.what === what

export const isDelivery =
  (...states: readonly string[]) =>
  (told: Told): told is Extract<LiveEvent, { kind: 'delivery' }> =>
    told.kind === 'delivery' && states.includes(told.state)

export const isNotice =
  <Kind extends 'stale' | 'reset' | 'left-out'>(kind: Kind) =>
  (told: Told): told is Extract<Told, { kind: Kind }> =>
    told.kind === kind
