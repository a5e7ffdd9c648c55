import { createHash } from 'node:crypto'
import type { PartKey } from '../core/spool.ts'

/**
 * The operation id of a part: a uuid v5 (RFC 9562 section 5.5) of the box's namespace and the part's name, so that a
 * restart finds the same id for the same part and no two boxes ever share one.
 */
export function operationIdOf(namespace: string, part: PartKey): string {
  const name = `${part.message}:${part.upstream}:${part.number}:${part.generation}`
  const digest = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  const octets = digest.subarray(0, 16)
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x50, 6)
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = octets.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
