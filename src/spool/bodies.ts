import type { Database } from '../platform/database.ts'
import { chunkCount, chunkId } from './chunk-layout.ts'
import type { Leftover } from './thread-protocol.ts'

/** A body of so few chunks goes in the transaction that finishes its message; a larger one is swept in slices. */
const atOnceChunks = 5
/** About 4 MB: what one slice of sweeping removes, so that no publication waits long behind it. */
const sliceChunks = 64

/** The octets of messages: chunks by number, and the list of those that belong to no body. */
export function bodies(database: Database) {
  const insert = database.prepare<[number, Uint8Array]>('INSERT INTO chunk (id, octets) VALUES (?, ?)')
  const removeSome = database.prepare<[number, number, number]>(
    'DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE id >= ? AND id < ? LIMIT ?)',
  )
  const arrive = database.prepare<[number]>("INSERT OR IGNORE INTO reception VALUES (?, 'arriving')")
  const publish = database.prepare<[number]>('DELETE FROM reception WHERE message = ?')
  const condemn = database.prepare<[number]>(
    "INSERT INTO reception VALUES (?, 'gone') ON CONFLICT (message) DO UPDATE SET state = 'gone'",
  )
  const condemned = database
    .prepare<[], number>("SELECT message FROM reception WHERE state = 'gone' ORDER BY message LIMIT 1")
    .pluck()
  const abandonArrivals = database.prepare<[]>("UPDATE reception SET state = 'gone' WHERE state = 'arriving'")
  const drop = database.prepare<[number]>('UPDATE message SET has_body = 0, body_until = NULL WHERE id = ?')
  const sizeOf = database
    .prepare<[number], number>('SELECT size FROM message WHERE id = ? AND has_body = 1')
    .pluck()

  const removeChunks = (message: number, limit: number): number =>
    removeSome.run(chunkId(message, 0), chunkId(message + 1, 0), limit).changes

  const write = (message: number, firstChunk: number, chunks: readonly Uint8Array[]): void => {
    for (const [index, octets] of chunks.entries()) insert.run(chunkId(message, firstChunk + index), octets)
  }

  return {
    write,
    /** Chunks of a message that is still arriving: they are swept at start if it is never published. */
    writeAhead(message: number, firstChunk: number, chunks: readonly Uint8Array[]): void {
      arrive.run(message)
      write(message, firstChunk, chunks)
    },
    /** The chunks written ahead now belong to a published message. */
    adopt(message: number): void {
      if (publish.run(message).changes !== 1) throw new Error(`message ${message} was never begun`)
    },
    /** Gives up chunks without a message. */
    discard(message: number): Leftover {
      condemn.run(message)
      return { hasGarbage: true }
    },
    /** No delivery can need the body again. */
    release(message: number): Leftover {
      const size = sizeOf.get(message)
      if (size === undefined) return { hasGarbage: false }
      drop.run(message)
      if (chunkCount(size) > atOnceChunks) {
        condemn.run(message)
        return { hasGarbage: true }
      }
      removeChunks(message, atOnceChunks)
      return { hasGarbage: false }
    },
    /** Removes one slice of what belongs to no body. */
    sweep(): Leftover {
      const message = condemned.get()
      if (message === undefined) return { hasGarbage: false }
      if (removeChunks(message, sliceChunks) < sliceChunks) publish.run(message)
      return { hasGarbage: condemned.get() !== undefined }
    },
    /** At start: receptions that no process works at any more. How many they were. */
    abandonArrivals: (): number => abandonArrivals.run().changes,
  }
}

export type Bodies = ReturnType<typeof bodies>
