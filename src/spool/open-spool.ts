import type { Spool } from '../core/spool.ts'
import type { DatabaseRefusal } from '../platform/database.ts'
import { Thread } from './thread.ts'
import type { ReaderCalls, WriterCalls } from './thread-protocol.ts'
import { ThreadedSpool } from './threaded-spool.ts'

export interface SpoolOptions {
  /** Path of `spool.db`; made if it is not there. */
  readonly file: string
  /** The threads' entries: from sources by default, from the build `spool-writer.js` and `spool-reader.js`. */
  readonly workers?: { readonly writer: URL; readonly reader: URL }
  /** Free octets below which no new mail is taken, so that what is under way can be finished. 64 MB. */
  readonly reserveOctets?: number
  /** Largest size of the file in pages of 4 KiB; no limit by default. */
  readonly maxPages?: number
  /** How long another process' lock is waited for, in ms. */
  readonly lockWaitMs?: number
}

export type SpoolOpening = { readonly kind: 'open'; readonly spool: Spool } | DatabaseRefusal

const sources = {
  writer: new URL('./writer-worker.ts', import.meta.url),
  reader: new URL('./reader-worker.ts', import.meta.url),
}

/**
 * Opens the spool in its two threads and brings its schema up to date. A file that can't be used is told as a closed
 * union and left alone. Call `recover` before anything else.
 */
export async function openSpool(options: SpoolOptions): Promise<SpoolOpening> {
  const { file, workers = sources, reserveOctets = 64e6, maxPages, lockWaitMs = 5000 } = options
  let checkpoint: (() => void) | undefined
  const setup = { file, reserveOctets, maxPages, lockWaitMs }
  const writer = await Thread.open<WriterCalls>(workers.writer, setup, () => checkpoint?.())
  if (writer.kind !== 'open') return writer
  const reader = await Thread.open<ReaderCalls>(workers.reader, { file, lockWaitMs })
  if (reader.kind !== 'open') {
    await writer.thread[Symbol.asyncDispose]()
    return reader
  }
  const spool = new ThreadedSpool(file, writer.thread, reader.thread)
  checkpoint = () => spool.checkpoint()
  return { kind: 'open', spool }
}
