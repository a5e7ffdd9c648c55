import type { Content } from '../core/content.ts'
import { chunkOctets } from './chunk-layout.ts'

/** Pieces that are asked for before they are wanted: a slow consumer holds no more than these. */
const credit = 3

/** Hands out chunk `index` of a content; undefined if it is gone. */
export type ChunkSource = (index: number) => Promise<Uint8Array | undefined>

/** A content of `size` octets that lies in chunks; read a few pieces ahead, in order. */
export function storedContent(size: number, chunkAt: ChunkSource): Content {
  return {
    size,
    async *read(range = { start: 0, end: size }, signal) {
      const end = Math.min(range.end, size)
      const chunks = Math.ceil(end / chunkOctets)
      const ahead: Promise<Uint8Array>[] = []
      let next = Math.floor(range.start / chunkOctets)
      for (let at = range.start; at < end; ) {
        signal?.throwIfAborted()
        while (next < chunks && ahead.length < credit) ahead.push(requested(chunkAt, next++))
        const octets = await ahead.shift()
        signal?.throwIfAborted()
        const chunkStart = at - (at % chunkOctets)
        const piece = octets?.subarray(at - chunkStart, end - chunkStart)
        if (!piece || piece.length === 0) throw new Error('a content is shorter than it was said to be')
        at += piece.length
        yield piece
      }
    },
  }
}

function requested(chunkAt: ChunkSource, index: number): Promise<Uint8Array> {
  const octets = chunkAt(index).then((found) => {
    if (found) return found
    throw new Error('a content is gone')
  })
  // A consumer that stops early never asks what became of the pieces ahead of it.
  octets.catch(() => {})
  return octets
}
