// The connection beneath an SMTP session: plain at first or TLS from the start, readable line by line.

import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import type { ClientCertificate, SmtpTls } from './smtp-ledger.ts'
import { createSmtpReader, type SmtpReader } from './smtp-reader.ts'

export type Upgrade =
  | {
      readonly kind: 'secure'
      readonly tls: SmtpTls
      /** Plain octets that came before the handshake and were thrown away (RFC 3207 section 4.2). */
      readonly droppedOctets: number
    }
  | { readonly kind: 'failed'; readonly code: string }

export interface SmtpTransport {
  /** Of the current layer; a new one after `upgrade`. */
  readonly reader: SmtpReader
  readonly isSecure: boolean
  write(text: string): void
  upgrade(): Promise<Upgrade>
  /** Reads nothing more, so that the client's writes fill up. */
  pause(): void
  /** TCP reset. */
  reset(): void
  /** Sends what is written, then closes. */
  end(): void
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
}

function describeCertificate(peer: X509Certificate, isTrusted: boolean): ClientCertificate {
  return {
    commonName: /^CN=(.*)$/m.exec(peer.subject)?.[1] ?? '',
    names: [...(peer.subjectAltName ?? '').matchAll(/DNS:([^,\s]+)/g)].flatMap((one) => one[1] ?? []),
    fingerprint256: peer.fingerprint256,
    isTrusted,
  }
}

function describeTls(socket: TLSSocket): SmtpTls {
  const peer = socket.getPeerX509Certificate()
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    servername: typeof socket.servername === 'string' ? socket.servername : undefined,
    clientCertificate: peer === undefined ? undefined : describeCertificate(peer, socket.authorized),
  }
}

type Handshake =
  | { readonly kind: 'secure'; readonly socket: TLSSocket }
  | { readonly kind: 'failed'; readonly code: string }

async function handshake(raw: Socket, options: TlsOptions): Promise<Handshake> {
  const { promise, resolve } = Promise.withResolvers<Handshake>()
  // A TLS server that never listens: connections may be handed to it (Node documents emitting 'connection').
  const server = createServer(options)
  server.once('secureConnection', (socket) => resolve({ kind: 'secure', socket }))
  server.once('tlsClientError', (error: NodeJS.ErrnoException) =>
    resolve({ kind: 'failed', code: error.code ?? error.message }),
  )
  raw.once('close', () => resolve({ kind: 'failed', code: 'ECONNRESET' }))
  server.emit('connection', raw)
  return await promise
}

export function createSmtpTransport(raw: Socket, options: TlsOptions): SmtpTransport {
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>()
  let current: Socket = raw
  let reader: SmtpReader | undefined
  // Lost connections are seen as 'close'; the client's reason does not matter here.
  raw.on('error', () => undefined)
  raw.setNoDelay(true)
  raw.once('close', () => onClosed())

  async function upgrade(): Promise<Upgrade> {
    const droppedOctets = reader?.detach() ?? 0
    const outcome = await handshake(raw, options)
    if (outcome.kind === 'failed') return outcome
    outcome.socket.on('error', () => undefined)
    current = outcome.socket
    reader = createSmtpReader(current)
    return { kind: 'secure', tls: describeTls(outcome.socket), droppedOctets }
  }

  return {
    get reader() {
      reader ??= createSmtpReader(current)
      return reader
    },
    get isSecure() {
      return current !== raw
    },
    write: (text) => {
      if (current.writable) current.write(text)
    },
    upgrade,
    pause: () => current.pause(),
    reset: () => raw.resetAndDestroy(),
    end: () => current.end(),
    closed,
  }
}
