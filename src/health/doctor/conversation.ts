import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { Clock } from '../../core/clock.ts'
import { wallMs } from '../../core/time.ts'
import type { Contact, ContactEnd } from './contact.ts'
import type { Destination } from './destinations.ts'
import { TalkEnded } from './talk.ts'

/** A conversation with a place under way. */
export interface Conversation {
  readonly destination: Destination
  /** Undefined: the runtime's own roots. */
  readonly context: SecureContext | undefined
  readonly clock: Clock
  /** What we call ourselves in EHLO. */
  readonly hostname: string
  readonly signal: AbortSignal
  /** To try once more on a connection of its own. */
  readonly redial: () => Promise<Socket | undefined>
}

export type Heard = Pick<Contact, 'end'> & Partial<Pick<Contact, 'banner' | 'ehlo' | 'tls' | 'date'>>

/** A conversation that ended before it could say more. Throws what is a fault of our own. */
export function brokenOff(error: unknown, signal: AbortSignal): ContactEnd {
  if (error instanceof TalkEnded) return { kind: 'closed', code: error.code }
  if (signal.aborted) return { kind: 'silent' }
  throw error
}

/** A time in words as a date; undefined if it is none. */
export function datedAt(text: string, clock: Clock): Contact['date'] {
  const theirs = Date.parse(text)
  return Number.isNaN(theirs) ? undefined : { theirs: wallMs(theirs), ours: clock.wall() }
}
