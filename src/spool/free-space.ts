import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Database } from '../platform/database.ts'

/** How much more the spool can hold: free space of its disk plus pages of its file that hold nothing any more. */
export function freeSpace(database: Database, maxPages: number | undefined) {
  const folder = dirname(database.name)
  const pageOctets = Number(database.pragma('page_size', { simple: true }))
  if (maxPages !== undefined) database.pragma(`max_page_count = ${maxPages}`)

  return {
    /** Octets. */
    spare(): number {
      const reusable = Number(database.pragma('freelist_count', { simple: true })) * pageOctets
      const { bavail, bsize } = statfsSync(folder)
      return reusable + Math.min(bavail * bsize, growth())
    },
  }

  function growth(): number {
    if (maxPages === undefined) return Number.POSITIVE_INFINITY
    return (maxPages - Number(database.pragma('page_count', { simple: true }))) * pageOctets
  }
}

export type FreeSpace = ReturnType<typeof freeSpace>
