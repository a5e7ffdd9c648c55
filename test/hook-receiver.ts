// A webhook receiver on loopback that keeps what was posted.
import { createServer, type Server } from 'node:http'

export class HookReceiver implements AsyncDisposable {
  readonly posts: Readonly<Record<string, unknown>>[] = []
  status = 200
  readonly #server: Server

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const body = Buffer.concat(await Array.fromAsync(request, (chunk: Buffer) => chunk)).toString()
      this.posts.push(JSON.parse(body))
      response.writeHead(this.status).end()
    })
  }

  static async listen(): Promise<HookReceiver> {
    const receiver = new HookReceiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    const place = this.#server.address()
    return `http://127.0.0.1:${typeof place === 'object' && place ? place.port : 0}/hook`
  }

  /** `raised expires/secret/smarthost` and so on, in order. */
  get told(): readonly string[] {
    return this.posts.map(({ event, key }) => `${event} ${key}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
