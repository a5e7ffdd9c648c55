import { createHash } from 'node:crypto'
import { noteStreamed } from '../platform/idle-memory.ts'

/** Octets of one file, already as the base64 text that stands in the JSON. */
export interface EncodedFile {
  /** Characters of base64, known without reading. */
  readonly size: number
  read(signal: AbortSignal): AsyncIterable<Uint8Array>
}

type Piece =
  | { readonly kind: 'text'; readonly octets: Uint8Array }
  | { readonly kind: 'file'; readonly file: EncodedFile }

/** A JSON request whose files are somewhere else: read twice it gives the same octets, and never stands in memory. */
export class AcsBody {
  readonly size: number
  readonly #pieces: readonly Piece[]

  private constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
    this.size = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0)
  }

  /** Puts the files into the places of a JSON text that `placeholder` marked. Throws if one of them is missing. */
  static splice(json: string, nonce: string, files: readonly EncodedFile[]): AcsBody {
    const parts = json.split(new RegExp(`@@${nonce}:(\\d+)@@`))
    if (parts.length !== 2 * files.length + 1) throw new Error('the request lost a placeholder')
    return new AcsBody(parts.map((part, at) => (at % 2 === 0 ? text(part) : fileOf(files, part))))
  }

  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    for (const piece of this.#pieces) {
      signal.throwIfAborted()
      if (piece.kind === 'text') yield piece.octets
      else yield* exactly(piece.file, signal)
    }
  }

  /** SHA-256 of all octets. */
  async sha256(signal: AbortSignal): Promise<Buffer> {
    const hash = createHash('sha256')
    for await (const octets of this.read(signal)) hash.update(octets)
    return hash.digest()
  }
}

/** What stands for file `number` until the request is spliced; a fresh uuid cannot collide with the text of a mail. */
export const placeholder = (nonce: string, number: number): string => `@@${nonce}:${number}@@`

const sizeOf = (piece: Piece): number => (piece.kind === 'text' ? piece.octets.length : piece.file.size)
const text = (part: string): Piece => ({ kind: 'text', octets: Buffer.from(part) })

function fileOf(files: readonly EncodedFile[], number: string): Piece {
  const file = files[Number(number)]
  if (!file) throw new Error(`the request names file ${number}, which is not there`)
  return { kind: 'file', file }
}

/** A Content-Length that is a lie would hang or break the connection, so a file of another size ends the upload. */
async function* exactly(file: EncodedFile, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  for await (const octets of file.read(signal)) {
    size += octets.length
    noteStreamed(octets.length)
    if (size <= file.size) yield octets
  }
  if (size !== file.size) throw new Error(`a file has ${size} octets of base64 instead of ${file.size}`)
}
