import type { Spool } from '../core/spool.ts'
import type { DatabaseRefusal } from '../platform/database.ts'
import { Thread } from './thread.ts'
import type { ReaderCalls, WriterCalls, WriterSetup } from './thread-protocol.ts'
import { ThreadedSpool } from './threaded-spool.ts'

/** Space that no new mail takes: what is under way has to be written down. */
export const spoolReserveOctets = 64e6

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
  /** A thread died: every call rejects from now on, and only another process can go on. */
  readonly onFailure?: (cause: Error) => void
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
  const {
    file,
    workers = sources,
    reserveOctets = spoolReserveOctets,
    maxPages,
    lockWaitMs = 5000,
    onFailure,
  } = options
  const setup: WriterSetup = { file, reserveOctets, maxPages, lockWaitMs }
  const writer = new Thread<WriterCalls>(workers.writer, setup, onFailure, () => spool.checkpoint())
  const reader = new Thread<ReaderCalls>(workers.reader, { file, lockWaitMs }, onFailure)
  const spool = new ThreadedSpool(file, writer, reader)
  try {
    // The writer first: it makes what the reader finds.
    const refusal = (await writer.open()) ?? (await reader.open())
    if (refusal === undefined) return { kind: 'open', spool }
    await spool[Symbol.asyncDispose]()
    return refusal
  } catch (cause) {
    await spool[Symbol.asyncDispose]()
    throw new Error('the threads of the spool could not be started', { cause })
  }
}
