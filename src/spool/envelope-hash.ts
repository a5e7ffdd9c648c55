import { hash } from 'node:crypto'
import { comparableEnvelope, type Envelope } from '../core/envelope.ts'

/** SHA-256, hexadecimal. */
export const envelopeHash = (envelope: Envelope): string => hash('sha256', comparableEnvelope(envelope))
