import { createServer, type Server, type Socket } from 'node:net'
import type { ListenerSetup } from '../core/setup.ts'
import { second } from '../core/time.ts'
import type { BoundListener, ListenerStatus } from './parts.ts'

/** One open port. Its setup may change while it stays open. */
interface OpenListener {
  setup: ListenerSetup
  readonly server: Server
}

type Opening =
  | { readonly kind: 'open'; readonly listener: OpenListener }
  | { readonly kind: 'closed'; readonly status: ListenerStatus }

/** How long a port that could not be opened is left alone: whoever holds it may end. */
export const retryListenersMs = 30 * second

/** Port 0 is any free port: the name tells one from another. */
const keyOf = ({ name, address, port, protocol }: ListenerSetup): string =>
  `${address} ${port === 0 ? name : port} ${protocol}`

/** The ports that accept, following the setup document. */
export class Listeners {
  readonly #accept: (socket: Socket, listener: () => ListenerSetup) => void
  #open = new Map<string, OpenListener>()
  #closed: readonly ListenerStatus[] = []
  /** One after the other: two at once would find each other's port in use. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(accept: (socket: Socket, listener: () => ListenerSetup) => void) {
    this.#accept = accept
  }

  /**
   * Opens what is not open, closes what is gone; the same address and port stay open whatever else changed. `setups` is
   * asked when its turn comes. What could not be opened.
   */
  follow(setups: () => readonly ListenerSetup[]): Promise<readonly ListenerStatus[]> {
    const following = this.#turn.then(() => this.#follow(setups()))
    this.#turn = following.catch(() => {})
    return following
  }

  async #follow(setups: readonly ListenerSetup[]): Promise<readonly ListenerStatus[]> {
    const wanted = new Map(setups.map((setup) => [keyOf(setup), setup]))
    for (const [key, listener] of this.#open) {
      const setup = wanted.get(key)
      if (setup) listener.setup = setup
      else await this.#close(key, listener)
    }
    const fresh = [...wanted].filter(([key]) => !this.#open.has(key))
    const openings = await Promise.all(fresh.map(([, setup]) => this.#listen(setup)))
    for (const opening of openings) {
      if (opening.kind === 'open') this.#open.set(keyOf(opening.listener.setup), opening.listener)
    }
    this.#closed = openings.flatMap((opening) => (opening.kind === 'closed' ? opening.status : []))
    return this.#closed
  }

  addresses(): readonly BoundListener[] {
    return [...this.#open.values()].map(boundOf)
  }

  statuses(): readonly ListenerStatus[] {
    const listening = this.addresses().map((bound) => ({ ...bound, state: 'listening' as const, detail: '' }))
    return [...listening, ...this.#closed]
  }

  async closeAll(): Promise<void> {
    await this.#turn
    await Promise.all([...this.#open].map(([key, listener]) => this.#close(key, listener)))
  }

  /** Stops accepting; sessions go on. */
  async #close(key: string, listener: OpenListener): Promise<void> {
    this.#open.delete(key)
    listener.server.close()
    await Promise.resolve()
  }

  #listen(setup: ListenerSetup): Promise<Opening> {
    return new Promise((resolve) => {
      // Half-open: a client may send everything and its FIN before it reads the replies.
      const server = createServer({ allowHalfOpen: true, noDelay: true })
      const listener: OpenListener = { setup, server }
      server.on('connection', (socket) => this.#accept(socket, () => listener.setup))
      const refuse = (error: NodeJS.ErrnoException): void => resolve(closed(setup, error))
      server.once('error', refuse)
      server.listen({ host: setup.address, port: setup.port }, () => {
        server.off('error', refuse)
        // EMFILE and the like while accepting: the port stays open.
        server.on('error', () => undefined)
        resolve({ kind: 'open', listener })
      })
    })
  }
}

const closed = (setup: ListenerSetup, error: NodeJS.ErrnoException): Opening => ({
  kind: 'closed',
  status: {
    ...placeOf(setup),
    state: 'failed',
    detail: reasonOf(error),
    isAddressAbsent: error.code === 'EADDRNOTAVAIL',
  },
})

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program uses this port'
    case 'EACCES':
      return 'ports below 1024 need a right that this process lacks'
    case 'EADDRNOTAVAIL':
      return 'this machine does not have this address'
    default:
      return error.message
  }
}

function boundOf({ setup, server }: OpenListener): BoundListener {
  const bound = server.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : setup.port
  return { ...placeOf(setup), port }
}

const placeOf = ({ name, address, port, security, protocol }: ListenerSetup): BoundListener => ({
  name,
  address,
  port,
  security,
  protocol,
})
