import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls'
import { wallMs } from '../../core/time.ts'
import type { TlsSight } from './contact.ts'

export interface TlsLook {
  readonly host: string
  /** Undefined: the runtime's own roots. */
  readonly context: SecureContext | undefined
}

type Shaken =
  | { readonly kind: 'secure'; readonly socket: TLSSocket; readonly sight: TlsSight }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/**
 * A handshake that goes through with any certificate, so that it can be told whose it is. Nothing is said over it that
 * is a secret, and nothing is sent: drivers verify, always.
 */
export function shakeHands(stream: Duplex, { host, context }: TlsLook, signal: AbortSignal): Promise<Shaken> {
  return new Promise((resolve) => {
    const socket = connect({
      socket: stream,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
      ...(context ? { secureContext: context } : {}),
    })
    const settle = (shaken: Shaken): void => {
      signal.removeEventListener('abort', giveUp)
      resolve(shaken)
    }
    const fail = (code: string, message: string): void => {
      settle({ kind: 'failed', code, message })
      socket.destroy()
    }
    const giveUp = (): void => fail('ETIMEDOUT', 'no answer to the handshake in time')
    signal.addEventListener('abort', giveUp, { once: true })
    socket.once('secureConnect', () => settle({ kind: 'secure', socket, sight: sightOf(socket) }))
    // Stays on, and `close` tells of an end without an error.
    socket.on('error', (error) => fail('code' in error ? String(error.code) : '', error.message))
    socket.once('close', () => fail('ECONNRESET', 'the connection was closed during the handshake'))
  })
}

function sightOf(socket: TLSSocket): TlsSight {
  const certificate = socket.getPeerCertificate()
  const names = namesIn(certificate)
  const until = Date.parse(certificate.valid_to)
  return {
    protocol: socket.getProtocol() ?? '',
    subject: textOf(certificate.subject?.CN) || (names[0] ?? ''),
    names,
    issuer: issuerOf(certificate),
    validTo: Number.isNaN(until) ? undefined : wallMs(until),
    error: socket.authorized ? '' : String(socket.authorizationError),
  }
}

const namesIn = ({ subjectaltname }: PeerCertificate): readonly string[] =>
  (subjectaltname ?? '').split(', ').flatMap((entry) => {
    const name = /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1]
    return name === undefined ? [] : [name]
  })

/** Who signed it: the organisation says more than the name of its intermediate. */
function issuerOf({ issuer }: PeerCertificate): string {
  const parts = [textOf(issuer?.O), textOf(issuer?.CN)].filter((text) => text !== '')
  return parts.join(', ') || 'nobody named'
}

const textOf = (value: string | readonly string[] | undefined): string =>
  typeof value === 'string' ? value : (value ?? []).join(' ')
