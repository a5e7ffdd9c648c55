// BDAT (RFC 3030): chunks of a size that is said before, taken as they are.
import { inspectChunks, type SmtpContent } from './smtp-content.ts'
import type { SmtpReader } from './smtp-reader.ts'

export interface Chunk {
  readonly size: number
  readonly isLast: boolean
}

/** `BDAT 1024`, `BDAT 0 LAST`; undefined where the argument is something else. */
export function parseChunk(argument: string): Chunk | undefined {
  const [, size, last] = /^(\d{1,15})( LAST)?$/i.exec(argument) ?? []
  return size === undefined ? undefined : { size: Number(size), isLast: last !== undefined }
}

export type ChunkRead =
  | { readonly kind: 'more' }
  /** The last chunk has come. */
  | { readonly kind: 'content'; readonly content: SmtpContent }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'end' }

/** The chunks of one transaction. */
export class ChunkCollector {
  #chunks: Buffer[] = []

  clear(): void {
    this.#chunks = []
  }

  /** `stopAtOctets`: a fault wants the connection cut there. */
  async take(reader: SmtpReader, chunk: Chunk, stopAtOctets?: number): Promise<ChunkRead> {
    const wanted = Math.min(chunk.size, stopAtOctets ?? chunk.size)
    const octets = await reader.octets(wanted)
    if (octets === undefined) return { kind: 'end' }
    if (wanted < chunk.size) return { kind: 'stopped' }
    this.#chunks.push(octets)
    if (!chunk.isLast) return { kind: 'more' }
    const content = inspectChunks(Buffer.concat(this.#chunks))
    this.clear()
    return { kind: 'content', content }
  }
}
