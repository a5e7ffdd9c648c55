import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { Clock } from '../../core/clock.ts'
import type { HandshakeFailure } from '../../core/session-event.ts'
import { handshakeFailure } from './handshake-failure.ts'

export type Handshake =
  | { readonly kind: 'secured' }
  | { readonly kind: 'failed'; readonly why: string; readonly failure: HandshakeFailure }

/** Node's own TLS on a raw socket. From here on only this socket may be destroyed: never the one below it. */
export const tlsOver = (raw: Socket, context: SecureContext): TLSSocket =>
  new TLSSocket(raw, { isServer: true, secureContext: context })

/**
 * Waits for the handshake, whose ClientHello may wait in the raw socket. Fails after `limitMs`, on a broken handshake or
 * when the client goes away; everything is destroyed then.
 */
export function shakeHands(socket: Duplex, clock: Clock, limitMs: number): Promise<Handshake> {
  return new Promise((resolve) => {
    let why = 'the client closed the connection'
    let failure: HandshakeFailure = { kind: 'closed' }
    const hear = (error: Error): void => {
      why = error.message
      failure = handshakeFailure(why)
    }
    const cancel = clock.after(limitMs, () => {
      why = 'the handshake took too long'
      failure = { kind: 'too-slow' }
      socket.destroy()
    })
    const close = (): void => {
      cancel()
      resolve({ kind: 'failed', why, failure })
    }
    // Half-open sockets: a client that says its FIN in the middle goes on with nothing, and would be waited for.
    const end = (): void => void socket.destroy()
    const look = (): void => void socket.read(0)
    socket.on('readable', look).once('end', end)
    // Errors before the handshake's end come as `_tlsError`; a listener for `error` keeps late ones from the process.
    socket.once('_tlsError', hear).on('error', hear).once('close', close)
    // `once`: a TLS 1.2 client may renegotiate and `secure` comes again.
    socket.once('secure', () => {
      cancel()
      socket.off('close', close).off('readable', look).off('end', end)
      // Nobody but tls.Server is told of a record that does not verify: the socket would stay, deaf, until it times out.
      socket.off('_tlsError', hear).on('_tlsError', (error: Error) => socket.destroy(error))
      resolve({ kind: 'secured' })
    })
  })
}

/** `TLSv1 AES128-SHA`, for transcript and session. */
export function describeTls(socket: TLSSocket): string {
  return `${socket.getProtocol() ?? 'TLS'} ${socket.getCipher().name}`
}
