import { connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ContactEnd } from './contact.ts'
import { Talk } from './talk.ts'

/** How long a place may take to answer an attempt to connect, ms: a third of it is much already. */
const connectMs = 4000

type Dialled = { readonly kind: 'connected'; readonly socket: Socket } | ContactEnd

/** A TCP connection to one of the addresses, tried in turn (RFC 8305). The caller destroys the socket. */
export function dial(
  addresses: readonly string[],
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Dialled> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: 'dropped' })
    const entries = addresses.map((address) => ({ address, family: isIP(address) }))
    const socket = connect({
      host,
      port,
      autoSelectFamily: true,
      // Lines with a long way to go (satellite, LTE) need more than the runtime's 250 ms for each address.
      autoSelectFamilyAttemptTimeout: 1000,
      // As they were found before: the machine's own look-up can hang without an end.
      lookup: (_host, _options, done) => done(null, entries),
    })
    const timer = setTimeout(() => giveUp({ kind: 'dropped' }), connectMs)
    const settle = (dialled: Dialled): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', drop)
      resolve(dialled)
    }
    const giveUp = (end: ContactEnd): void => {
      settle(end)
      socket.destroy()
    }
    const drop = (): void => giveUp({ kind: 'dropped' })
    signal.addEventListener('abort', drop, { once: true })
    socket.once('connect', () => settle({ kind: 'connected', socket }))
    // Stays on: the end of a connection that nobody listens to must not end the process.
    socket.on('error', (error) => giveUp(endOf(error)))
  })
}

function endOf(error: Error): ContactEnd {
  const code = codeOf(error)
  switch (code) {
    case 'ECONNREFUSED':
      return { kind: 'refused' }
    case 'ETIMEDOUT':
      return { kind: 'dropped' }
    default:
      return { kind: 'unreachable', code }
  }
}

/** Of several attempts the first one's. */
function codeOf(error: Error): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error && 'code' in first ? String(first.code) : error.message
}

/** A tunnel through an HTTP proxy (RFC 9110 section 9.3.6). The setup has no account for one. */
export async function tunnel(
  stream: Duplex,
  place: string,
  signal: AbortSignal,
): Promise<ContactEnd | undefined> {
  const talk = new Talk(stream)
  talk.send(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`)
  const [first = ''] = await talk.head(signal)
  talk.release()
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0)
  return status === 200 ? undefined : { kind: 'proxy-refused', status, said: first }
}
