import type { Address } from '../core/address.ts'
import type { MessageId } from '../core/message-id.ts'
import type { WallMs } from '../core/time.ts'
import { formatDate } from './date-field.ts'
import { type HeaderField, makeField } from './header.ts'

/** The session a message came in by, as Received tells it (RFC 5321 section 4.4, RFC 3848 for the protocol). */
export interface ReceivedFacts {
  readonly helo: string
  /** IP address of the device. */
  readonly clientAddress: string
  readonly hostname: string
  readonly protocol: 'SMTP' | 'ESMTP' | 'ESMTPA' | 'ESMTPS' | 'ESMTPSA'
  readonly id: MessageId
  /** Told if it is the only one: others must not see who else got it. */
  readonly recipients: readonly Address[]
  readonly at: WallMs
}

/** What a device says in HELO is its own claim: only what a name may hold is repeated, and not much of it. */
const cleanHelo = (helo: string): string => helo.replace(/[^A-Za-z0-9.:_[\]-]/g, '').slice(0, 100)

const literal = (address: string): string => (address.includes(':') ? `[IPv6:${address}]` : `[${address}]`)

export function receivedField(facts: ReceivedFacts): HeaderField {
  const address = literal(facts.clientAddress)
  const [only, ...others] = facts.recipients
  const recipient =
    only !== undefined && others.length === 0 && only.length <= 200 ? `\r\n for <${only}>` : ''
  const value = [
    `from ${cleanHelo(facts.helo) || address} (${address})`,
    ` by ${facts.hostname} with ${facts.protocol} id ${facts.id}${recipient};`,
    ` ${formatDate(facts.at)}`,
  ].join('\r\n')
  return makeField('Received', value)
}
