import { hash } from 'node:crypto'
import { comparable } from '../core/address.ts'
import type { Envelope } from '../core/envelope.ts'

/** SHA-256 of reverse-path and forward-paths, hexadecimal; neither case nor order of the recipients counts. */
export function envelopeHash(envelope: Envelope): string {
  const recipients = envelope.recipients.map((recipient) => comparable(recipient.address)).sort()
  return hash('sha256', JSON.stringify([comparable(envelope.reversePath), ...recipients]))
}
