import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { Clock } from '../../core/clock.ts'
import type { NameService } from '../../core/diagnosis.ts'
import type { Contact } from './contact.ts'
import { brokenOff } from './conversation.ts'
import { type Destination, placeOf } from './destinations.ts'
import { dial, tunnel } from './dial.ts'
import { talkHttps } from './talk-https.ts'
import { talkSmtp } from './talk-smtp.ts'

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
  const proxy = destination.speaks === 'https' && URL.canParse(parts.proxy) ? new URL(parts.proxy) : undefined
  const host = proxy ? proxy.hostname.replace(/^\[|\]$/g, '') : destination.host
  const port = proxy ? Number(proxy.port || 80) : destination.port
  const names = await parts.names.addresses(host, signal)
  const nothing = { banner: '', ehlo: [], tls: undefined, date: undefined }
  const contact = { destination, names, proxy: proxy?.host ?? '', ...nothing }
  const roots = parts.roots(destination.caFile)
  if (roots.kind === 'unreadable') {
    return { ...contact, end: { kind: 'ca-unreadable', detail: roots.detail } }
  }
  if (names.kind !== 'found') return { ...contact, end: { kind: 'unresolved' } }
  const dialled = await dial(names.values, host, port, signal)
  if (dialled.kind !== 'connected') return { ...contact, end: dialled }
  const { socket } = dialled
  const redial = async (): Promise<Socket | undefined> => {
    const again = await dial(names.values, host, port, signal)
    return again.kind === 'connected' ? again.socket : undefined
  }
  const { clock, hostname } = parts
  const conversation = { destination, context: roots.context, clock, hostname, signal, redial }
  try {
    const refused = proxy && (await tunnel(socket, placeOf(destination), proxy, signal))
    if (refused) return { ...contact, end: refused }
    const talk = destination.speaks === 'https' ? talkHttps : talkSmtp
    return { ...contact, ...(await talk(socket, conversation)) }
  } catch (error) {
    return { ...contact, end: brokenOff(error, signal) }
  } finally {
    socket.destroy()
  }
}
