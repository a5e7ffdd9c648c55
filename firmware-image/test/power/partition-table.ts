// The four partitions of an MBR disk.
import { closeSync, openSync, readSync } from 'node:fs'

export interface Partition {
  readonly type: number
  readonly isActive: boolean
  /** In octets. */
  readonly offset: number
  readonly length: number
}

const sectorOctets = 512
const first = 446
const rowOctets = 16

/** Reads the first sector of a disk, or of a file that begins like it. Throws where it has no table. */
export function partitionsOf(disk: string): readonly Partition[] {
  const sector = Buffer.alloc(sectorOctets)
  const file = openSync(disk, 'r')
  readSync(file, sector, 0, sectorOctets, 0)
  closeSync(file)
  if (sector.readUInt16BE(510) !== 0x55aa) throw new Error('the first sector has no partition table')
  return [0, 1, 2, 3].map((row) => partitionOf(sector.subarray(first + row * rowOctets)))
}

const partitionOf = (row: Buffer): Partition => ({
  type: row.readUInt8(4),
  isActive: row.readUInt8(0) === 0x80,
  offset: row.readUInt32LE(8) * sectorOctets,
  length: row.readUInt32LE(12) * sectorOctets,
})
