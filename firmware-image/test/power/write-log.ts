// What a disk was told, in its order: the log of QEMU's blklogwrites (block/blklogwrites.c), in the format of Linux's
// dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst, drivers/md/dm-log-writes.c).
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** One operation. Octets everywhere; `data` is its place in the log's file. */
export interface LogEntry {
  readonly kind: 'write' | 'discard' | 'flush' | 'mark'
  readonly offset: number
  readonly length: number
  /** Everything before it is on the medium when it is done. */
  readonly isFlush: boolean
  /** It is itself on the medium when it is done (FUA). */
  readonly isForced: boolean
  readonly data: number
  /** Where the log's file ended when it was written. */
  readonly end: number
}

export interface WriteLog {
  readonly path: string
  readonly sectorOctets: number
  readonly entries: readonly LogEntry[]
}

/** A log that is not one, or that is damaged. */
export class WriteLogError extends Error {}

const magic = 0x6a736677736872n
const version = 1n
const superOctets = 28
const entryOctets = 32
const flags = { flush: 1n, forced: 2n, discard: 4n, mark: 8n, metadata: 16n } as const
const known = Object.values(flags).reduce((sum, flag) => sum | flag, 0n)

/**
 * Reads what is there: a machine whose power was cut may have left half an entry at the end, which is left out. The count
 * in the superblock is not asked: QEMU writes it at a flush only, so that it lies behind. Throws `WriteLogError`.
 */
export function readWriteLog(path: string): WriteLog {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const sectorOctets = sectorOctetsOf(octetsAt(file, 0, superOctets), path)
    const entries: LogEntry[] = []
    for (let at = sectorOctets; at + sectorOctets <= size; ) {
      const entry = entryOf(octetsAt(file, at, entryOctets), at, sectorOctets)
      if (entry.end > size) break
      entries.push(entry)
      at = entry.end
    }
    return { path, sectorOctets, entries }
  } finally {
    closeSync(file)
  }
}

function octetsAt(file: number, position: number, length: number): Buffer {
  const octets = Buffer.alloc(length)
  const found = readSync(file, octets, 0, length, position)
  if (found < length)
    throw new WriteLogError(`the log ends at ${position + found}, within its superblock or an entry`)
  return octets
}

function sectorOctetsOf(octets: Buffer, path: string): number {
  if (octets.readBigUInt64LE(0) !== magic) throw new WriteLogError(`${path} is no log of writes`)
  if (octets.readBigUInt64LE(8) !== version)
    throw new WriteLogError(`${path} has version ${octets.readBigUInt64LE(8)}, not ${version}`)
  const sector = octets.readUInt32LE(24)
  if (sector < 512 || (sector & (sector - 1)) !== 0)
    throw new WriteLogError(`${path} has sectors of ${sector} octets`)
  return sector
}

/** An entry takes a sector; a mark's text stands in it, the data of a write behind it, and a discard has none. */
function entryOf(octets: Buffer, at: number, sectorOctets: number): LogEntry {
  const bits = octets.readBigUInt64LE(16)
  if ((bits & ~known) !== 0n) throw new WriteLogError(`the entry at ${at} has flags ${bits}`)
  const length = Number(octets.readBigUInt64LE(8)) * sectorOctets
  const kind = kindOf(bits, length)
  const data = at + sectorOctets
  return {
    kind,
    offset: Number(octets.readBigUInt64LE(0)) * sectorOctets,
    length,
    isFlush: (bits & flags.flush) !== 0n,
    isForced: (bits & flags.forced) !== 0n,
    data,
    end: kind === 'write' ? data + length : data,
  }
}

function kindOf(bits: bigint, length: number): LogEntry['kind'] {
  if ((bits & flags.mark) !== 0n) return 'mark'
  if ((bits & flags.discard) !== 0n) return 'discard'
  return length === 0 && (bits & flags.flush) !== 0n ? 'flush' : 'write'
}
