import { createHash } from 'node:crypto'
import type { Consignment } from '../core/upstream.ts'

/** A uuid (RFC 9562 section 5.8, version 8) that Microsoft's support can find and we can lead back to the message. */
export function clientRequestId({ message, part, generation }: Consignment): string {
  const hex = createHash('sha256').update(`${message}:${part}:${generation}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
