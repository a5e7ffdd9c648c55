import type { Duplex } from 'node:stream'
import type { Talk } from './edge/connection.ts'
import type { Desk } from './edge/desk.ts'
import type { LiveSession } from './session-archive.ts'

/** Who receives a connection: a session, and how it talks, in SMTP or POP3. */
export interface Attendant {
  readonly session: LiveSession &
    Pick<Desk, 'tlsFloor' | 'certificate' | 'secured' | 'happened' | 'refused'> & {
      /** The connection is there, and nothing was said. */
      begin(): void
      /** The connection is over. */
      end(): void
    }
  readonly talk: (socket: Duplex, isSecure: boolean) => Talk
}
