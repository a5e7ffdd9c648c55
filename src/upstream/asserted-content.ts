import { createHash } from 'node:crypto'
import { noteStreamed } from '../platform/idle-memory.ts'
import type { SmtpParcel } from './smtp-parcel.ts'

export class ContentChanged extends Error {}

/**
 * The octets that `prepare` committed to, or ContentChanged before the last of them is given: neither a final dot nor the end of
 * a chunk ever leaves behind other ones, and nothing beyond a chunk's size, which would be read as commands.
 */
export async function* assertedContent(
  parcel: SmtpParcel,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  let size = 0
  let held: Uint8Array | undefined
  for await (const piece of parcel.read(signal)) {
    hash.update(piece)
    noteStreamed(piece.length)
    size += piece.length
    if (size > parcel.size) break
    if (held) yield held
    held = piece
  }
  if (hash.digest('hex') !== parcel.sha256)
    throw new ContentChanged('the content is not the one that was prepared')
  if (held) yield held
}
