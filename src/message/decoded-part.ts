import type { Content, OctetRange } from '../core/content.ts'
import type { MimePart } from '../core/part-index.ts'
import { decoderOf } from './transfer-decoding.ts'

/** A part's octets without their transfer encoding, streaming; `part.decodedSize` of them. */
export async function* decodedPart(
  content: Content,
  part: MimePart,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const decoder = decoderOf(part.encoding)
  let ready: Uint8Array[] = []
  const sink = (octets: Uint8Array): void => {
    ready.push(octets)
  }
  for await (const octets of content.read(part.body, signal)) {
    decoder.write(octets, sink)
    yield* ready
    ready = []
  }
  decoder.end(sink)
  yield* ready
}

/** A small range in one piece: headers, and texts whose size was looked at before. */
export const readWhole = (content: Content, range: OctetRange, signal?: AbortSignal): Promise<Buffer> =>
  collect(content.read(range, signal))

/** A small part in one piece, decoded. */
export const readDecoded = (content: Content, part: MimePart, signal?: AbortSignal): Promise<Buffer> =>
  collect(decodedPart(content, part, signal))

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
