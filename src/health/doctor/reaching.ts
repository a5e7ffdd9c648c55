import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { Clock } from '../../core/clock.ts'
import type { NameService } from '../../core/diagnosis.ts'
import type { Contact } from './contact.ts'
import { brokenOff, type Conversation, type Heard } from './conversation.ts'
import { type Destination, placeOf } from './destinations.ts'
import { dial, tunnel } from './dial.ts'
import { talkHttps } from './talk-https.ts'
import { talkSmtp } from './talk-smtp.ts'
import { shakeHands } from './tls-look.ts'

/** The roots for a place. */
export type Roots =
  | { readonly kind: 'trust'; readonly context: SecureContext | undefined }
  | { readonly kind: 'unreadable'; readonly detail: string }

export interface ReachParts {
  readonly names: NameService
  readonly clock: Clock
  readonly hostname: string
  /** URL of the HTTP proxy for HTTPS places, or empty. */
  readonly proxy: string
  readonly roots: (caFile: string) => Roots
}

/** Connects to a place and talks to it as far as it goes without a credential. Never rejects; ends with the signal. */
export async function reach(
  destination: Destination,
  parts: ReachParts,
  signal: AbortSignal,
): Promise<Contact> {
  const way = wayTo(destination, parts.proxy)
  const names = await parts.names.addresses(way.host, signal)
  const contact = { destination, names, proxy: way.proxy?.host ?? '', ...nothingSeen }
  const roots = parts.roots(destination.caFile)
  if (roots.kind === 'unreadable') {
    return { ...contact, end: { kind: 'ca-unreadable', detail: roots.detail } }
  }
  if (names.kind !== 'found') return { ...contact, end: { kind: 'unresolved' } }
  using dials = new Dials(way, names.values, signal)
  const dialled = await dials.dial()
  if (dialled.kind !== 'connected') return { ...contact, end: dialled }
  const { clock, hostname } = parts
  const redial = () => dials.redial()
  const conversation = { destination, context: roots.context, clock, hostname, signal, redial }
  try {
    return { ...contact, ...(await converse(dialled.socket, way, conversation)) }
  } catch (error) {
    return { ...contact, end: brokenOff(error, signal) }
  }
}

const nothingSeen = { banner: '', ehlo: [], tls: undefined, date: undefined }

/** What is dialled for a place: itself, or the proxy that stands before it. */
interface Way {
  readonly host: string
  readonly port: number
  readonly proxy: URL | undefined
}

function wayTo({ host, port, speaks }: Destination, setUp: string): Way {
  if (speaks !== 'https' || !URL.canParse(setUp)) return { host, port, proxy: undefined }
  const proxy = new URL(setUp)
  const otherwise = proxy.protocol === 'https:' ? 443 : 80
  return {
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port === '' ? otherwise : Number(proxy.port),
    proxy,
  }
}

/** Every connection of one conversation, closed with it. */
class Dials implements Disposable {
  readonly #way: Way
  readonly #addresses: readonly string[]
  readonly #signal: AbortSignal
  readonly #sockets: Socket[] = []

  constructor(way: Way, addresses: readonly string[], signal: AbortSignal) {
    this.#way = way
    this.#addresses = addresses
    this.#signal = signal
  }

  async dial() {
    const dialled = await dial(this.#addresses, this.#way.host, this.#way.port, this.#signal)
    if (dialled.kind === 'connected') this.#sockets.push(dialled.socket)
    return dialled
  }

  async redial(): Promise<Socket | undefined> {
    const dialled = await this.dial()
    return dialled.kind === 'connected' ? dialled.socket : undefined
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

async function converse(socket: Socket, { proxy, host }: Way, conversation: Conversation): Promise<Heard> {
  const { destination, context, signal } = conversation
  if (destination.speaks === 'smtp') return talkSmtp(socket, conversation)
  if (!proxy) return talkHttps(socket, conversation)
  const shaken = proxy.protocol === 'https:' ? await shakeHands(socket, { host, context }, signal) : undefined
  if (shaken?.kind === 'failed') {
    return { end: { kind: 'proxy-refused', status: 0, said: shaken.message } }
  }
  const stream = shaken?.socket ?? socket
  const refused = await tunnel(stream, placeOf(destination), signal)
  return refused ? { end: refused } : talkHttps(stream, conversation)
}
