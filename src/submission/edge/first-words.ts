import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import { type ClientHello, longestHello, readClientHello } from './client-hello.ts'
import { recogniseFirstOctets } from './first-octets.ts'

/** Who speaks first, and what. Every octet is back in the socket when this is known. */
export type FirstWords =
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  /** It began like TLS and is none, or did not go on in time. */
  | { readonly kind: 'broken-hello'; readonly why: string }
  | { readonly kind: 'smtp' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'closed' }

/**
 * Peeks at a socket nobody reads yet: waits up to `silenceMs` for a first octet, then up to `helloMs` for the rest of a
 * ClientHello. All that came is put back (`unshift`), so any engine starts at octet 0.
 */
export function hearFirstWords(
  socket: Socket,
  clock: Clock,
  silenceMs: number,
  helloMs: number,
): Promise<FirstWords> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0)
    let cancel = clock.after(silenceMs, () => finish({ kind: 'silence' }))
    const finish = (words: FirstWords): void => {
      cancel()
      socket.off('readable', listen).off('end', close).off('close', close)
      if (heard.length > 0 && !socket.destroyed) socket.unshift(heard)
      resolve(words)
    }
    const close = (): void => finish({ kind: 'closed' })
    const listen = (): void => {
      const before = heard.length
      heard = Buffer.concat([heard, ...unread(socket)])
      const words = understand(heard)
      if (words) {
        finish(words)
        return
      }
      if (before > 0 || heard.length === 0) return
      cancel()
      cancel = clock.after(helloMs, () => finish({ kind: 'broken-hello', why: 'the hello did not go on' }))
    }
    if (socket.destroyed || socket.readableEnded) {
      finish({ kind: 'closed' })
      return
    }
    socket.on('readable', listen).on('end', close).on('close', close)
    listen()
  })
}

function understand(heard: Buffer): FirstWords | undefined {
  const beginning = recogniseFirstOctets(heard)
  if (beginning === 'unsure') return undefined
  if (beginning === 'smtp') return { kind: 'smtp' }
  const reading = readClientHello(heard)
  if (reading.kind === 'hello') return reading
  if (reading.kind === 'nonsense') return { kind: 'broken-hello', why: reading.why }
  return heard.length > 2 * longestHello ? { kind: 'broken-hello', why: 'the hello is too long' } : undefined
}

/** All that the socket holds; what follows it comes with the next `readable`. */
export function unread(socket: Readable): Buffer[] {
  const pieces: Buffer[] = []
  for (;;) {
    const piece: Buffer | null = socket.read()
    if (piece === null) return pieces
    pieces.push(piece)
  }
}
