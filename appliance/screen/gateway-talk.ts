import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { MenuAnswer, MenuAsk } from '../../src/core/screen-menu.ts'

/** A connection to the gateway on which somebody proves once who they are, and asks; answers come in that order. */
export class GatewayTalk implements Disposable {
  readonly #socket: Socket
  readonly #waiting: ((answer: MenuAnswer) => void)[] = []

  constructor(path: string) {
    this.#socket = createConnection(path)
    this.#socket.on('error', () => this.#socket.destroy())
    this.#socket.on('close', () => {
      for (const answered of this.#waiting.splice(0)) answered(lost)
    })
    createInterface({ input: this.#socket }).on('line', (line) => this.#waiting.shift()?.(understood(line)))
  }

  /** Never rejects. */
  ask(ask: MenuAsk): Promise<MenuAnswer> {
    if (this.#socket.destroyed) return Promise.resolve(lost)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#socket.write(`${JSON.stringify(ask)}\n`)
    })
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

const lost: MenuAnswer = { kind: 'closed', reason: 'The gateway does not answer: begin anew.' }

function understood(line: string): MenuAnswer {
  try {
    // Of the same package and release.
    return JSON.parse(line) as MenuAnswer
  } catch {
    return lost
  }
}
