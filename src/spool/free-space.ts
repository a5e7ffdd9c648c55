import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Database } from '../platform/database.ts'

/**
 * How much more the spool can hold: free space of its disk plus pages of its file that hold nothing any more. Looked at
 * once in a transaction: what was used of it is written or, after a rollback, was never used.
 */
export function freeSpace(database: Database, maxPages: number | undefined) {
  const folder = dirname(database.name)
  const pageOctets = Number(database.pragma('page_size', { simple: true }))
  if (maxPages !== undefined) database.pragma(`max_page_count = ${maxPages}`)
  const freePages = database.prepare<[], number>('PRAGMA freelist_count').pluck()
  const pages = database.prepare<[], number>('PRAGMA page_count').pluck()
  let seen: number | undefined

  return {
    /** Octets. */
    spare(): number {
      seen ??= measured()
      return seen
    },
    /** So much of it is written now. */
    use(octets: number): void {
      if (seen !== undefined) seen -= octets
    },
    /** A transaction begins. */
    lookAgain(): void {
      seen = undefined
    },
  }

  function measured(): number {
    const { bavail, bsize } = statfsSync(folder)
    return (freePages.get() ?? 0) * pageOctets + Math.min(bavail * bsize, growth())
  }

  function growth(): number {
    if (maxPages === undefined) return Number.POSITIVE_INFINITY
    return (maxPages - (pages.get() ?? 0)) * pageOctets
  }
}

export type FreeSpace = ReturnType<typeof freeSpace>
