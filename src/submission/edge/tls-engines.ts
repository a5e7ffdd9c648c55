import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import type { Clock } from '../../core/clock.ts'
import type { OldIdentity } from '../../core/server-identity.ts'
import type { HandshakeTurns } from './handshake-turns.ts'
import type { TlsChoice } from './tls-choice.ts'
import type { Identities, TlsContexts } from './tls-contexts.ts'
import { describeTls, tlsOver } from './tls-handshake.ts'
import type { VintagePlaces } from './vintage-places.ts'

export interface EngineParts {
  readonly clock: Clock
  readonly contexts: TlsContexts
  readonly identities: Identities
  readonly places: VintagePlaces
  readonly turns: Readonly<Record<'native' | 'vintage', HandshakeTurns>>
}

/** TLS on a raw socket, before its handshake. Disposed when the session is over. */
export interface Engine extends Disposable {
  readonly kind: 'engine'
  readonly socket: Duplex
  /** SSL 3.0, RC4 or 3DES. */
  readonly isWeak: boolean
  /** `TLSv1 AES128-SHA`, for transcript and session. */
  describe(): string
}

type Refusal = Extract<TlsChoice, { kind: 'refuse' }>

/** Octets of one vintage session: 64-bit blocks repeat themselves before long (Sweet32), and RC4 leaks all the time. */
const vintageVolume = 1e9

/** The engine that was chosen. The ClientHello waits in the raw socket meanwhile. */
export async function engineFor(
  choice: Exclude<TlsChoice, Refusal>,
  raw: Socket,
  parts: EngineParts,
): Promise<Engine | Refusal> {
  switch (choice.kind) {
    case 'modern':
      return native(tlsOver(raw, parts.contexts.modern()))
    case 'legacy':
      return legacy(raw, await parts.contexts.legacy(choice.certificate))
    case 'vintage':
      return vintage(raw, choice.certificate === 'sha1' ? 'vintage' : 'vintage-1024', parts)
  }
}

const native = (socket: ReturnType<typeof tlsOver>): Engine => ({
  kind: 'engine',
  socket,
  isWeak: false,
  describe: () => describeTls(socket),
  [Symbol.dispose]: () => undefined,
})

/** Making a certificate takes its time: the client may have lost its patience. */
const hasGone: Refusal = {
  kind: 'refuse',
  alert: 'handshake_failure',
  reason: undefined,
  why: 'the client has gone',
}

const legacy = (raw: Socket, context: SecureContext): Engine | Refusal =>
  raw.destroyed ? hasGone : native(tlsOver(raw, context))

const noPlace: Refusal = {
  kind: 'refuse',
  alert: 'handshake_failure',
  reason: 'busy',
  why: 'too many vintage sessions at once',
}

/** The engine's code is loaded with the first session: most boxes never need it. */
async function vintage(
  raw: Socket,
  name: Extract<OldIdentity, 'vintage' | 'vintage-1024'>,
  { clock, identities, places }: EngineParts,
): Promise<Engine | Refusal> {
  using taken = new DisposableStack()
  const place = places.take()
  if (!place) return noPlace
  taken.use(place)
  const [{ VintageSocket }, identity] = await Promise.all([
    import('./vintage/vintage-socket.ts'),
    identities.old(name),
  ])
  if (raw.destroyed) return hasGone
  const socket = new VintageSocket(raw, { identity, clock, volume: vintageVolume })
  const kept = taken.move()
  const describe = (): string => `${socket.describe()} (weak)`
  return { kind: 'engine', socket, isWeak: true, describe, [Symbol.dispose]: () => kept.dispose() }
}
