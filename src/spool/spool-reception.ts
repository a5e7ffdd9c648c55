import type { Joining } from '../core/collecting-spool.ts'
import type { Content } from '../core/content.ts'
import type { NewMessage } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Publication, Reception } from '../core/spool.ts'
import { ChunkBuffer } from './chunk-buffer.ts'
import { rideOctets } from './chunk-layout.ts'
import { numberOf } from './message-number.ts'
import { publicationRows } from './publication-rows.ts'
import { type ChunkSource, storedContent } from './stored-content.ts'
import type { Called } from './thread.ts'
import type { NewChunks, WriterCalls } from './thread-protocol.ts'

/** Full chunks that are collected before they are written: one commit each, while the one before is under way. */
const chunksPerWrite = 4

type Chunk = Uint8Array<ArrayBuffer>

/** Where a reception writes and reads back. */
export interface ReceptionDisk {
  writeChunks(ask: NewChunks, transfer: readonly ArrayBuffer[]): Promise<Called<Publication>>
  publish(ask: WriterCalls['publish']['ask'], transfer: readonly ArrayBuffer[]): Promise<Called<Publication>>
  readonly chunkAt: ChunkSource
  /** Chunks that were written and will never be published. */
  discard(): void
}

/**
 * One message on its way onto the disk: a chunk being filled, up to four that wait, up to four under way. One write at a
 * time. What was handed to the writer is read back from the disk.
 */
export class SpoolReception implements Reception {
  readonly id: MessageId
  readonly #disk: ReceptionDisk
  #tail = new ChunkBuffer()
  #held: Chunk[] = []
  #size = 0
  /** Chunks handed to the writer. */
  #written = 0
  #writing: Promise<void> = Promise.resolve()
  /** What `publish` will say, once that is known. */
  #trouble: Publication | undefined
  #isOver = false

  constructor(id: MessageId, disk: ReceptionDisk) {
    this.id = id
    this.#disk = disk
  }

  async write(octets: Uint8Array): Promise<void> {
    if (this.#isOver) throw new Error(`reception ${this.id} is over`)
    for (let at = 0; at < octets.length && !this.#trouble; ) {
      const taken = this.#tail.take(octets.subarray(at))
      at += taken
      this.#size += taken
      if (this.#tail.isFull) this.#held.push(this.#tail.release())
      if (this.#size > rideOctets && this.#held.length >= chunksPerWrite) await this.#writeAhead()
    }
  }

  content(): Content {
    return storedContent(this.#size, (index) => this.#chunkAt(index))
  }

  async publish(message: NewMessage, joining?: Joining): Promise<Publication> {
    this.#isOver = true
    await this.#writing
    const firstChunk = this.#written
    const publication = this.#trouble ?? (await this.#publish(message, firstChunk, joining))
    if (publication.kind !== 'stored' && firstChunk > 0) this.#disk.discard()
    return publication
  }

  async abandon(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    this.#held = []
    await this.#writing
    if (this.#written > 0) this.#disk.discard()
  }

  async #publish(
    message: NewMessage,
    firstChunk: number,
    joining: Joining | undefined,
  ): Promise<Publication> {
    const chunks = this.#takeHeld()
    if (this.#tail.length > 0) chunks.push(this.#tail.release())
    this.#written += chunks.length
    const number = numberOf(this.id)
    const publishing = this.#disk
      .publish(
        { rows: publicationRows(message, this.#size), number, firstChunk, chunks, joining },
        chunks.map(bufferOf),
      )
      .then(publicationOf, failed)
    this.#writing = publishing.then(() => {})
    return publishing
  }

  /** Waits for the chunks before, so that no more than two loads are in memory. */
  async #writeAhead(): Promise<void> {
    await this.#writing
    if (this.#trouble || this.#isOver) return
    const chunks = this.#takeHeld()
    const ask = { number: numberOf(this.id), firstChunk: this.#written, chunks }
    this.#written += chunks.length
    this.#writing = this.#disk
      .writeChunks(ask, chunks.map(bufferOf))
      .then(publicationOf, failed)
      .then((written) => {
        if (written.kind !== 'stored') this.#trouble = written
      })
  }

  #takeHeld(): Chunk[] {
    const chunks = this.#held
    this.#held = []
    return chunks
  }

  async #chunkAt(index: number): Promise<Uint8Array | undefined> {
    if (index < this.#written) {
      await this.#writing
      return this.#disk.chunkAt(index)
    }
    const held = this.#held[index - this.#written]
    // A copy: the chunk itself is handed to the writer, and its reader may be slow.
    return held ? held.slice() : this.#tail.copy()
  }
}

const bufferOf = (chunk: Chunk): ArrayBuffer => chunk.buffer

function publicationOf(called: Called<Publication>): Publication {
  if (called.kind === 'done') return called.answer
  return called.trouble === 'full' ? { kind: 'full' } : { kind: 'failed', detail: called.detail }
}

const failed = (error: unknown): Publication => ({
  kind: 'failed',
  detail: error instanceof Error ? error.message : String(error),
})
