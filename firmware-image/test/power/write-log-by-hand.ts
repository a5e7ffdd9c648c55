// A log of writes made by hand, for tests: sectors of 512 octets.
import { writeFileSync } from 'node:fs'

export const sector = 512

interface Written {
  readonly sector: number
  /** One letter a sector: it is filled with it. */
  readonly letters: string
  readonly flags?: number
}

/** Values as in drivers/md/dm-log-writes.c. */
export const flag = { flush: 1, forced: 2, discard: 4, mark: 8 } as const

export const filled = (letters: string): Buffer =>
  Buffer.concat(Array.from(letters, (letter) => Buffer.alloc(sector, letter)))

export const write = ({ sector: at, letters, flags = 0 }: Written): Buffer =>
  Buffer.concat([entry(at, letters.length, flags), filled(letters)])

export const flush = (): Buffer => entry(0, 0, flag.flush)
export const discard = (at: number, sectors: number): Buffer => entry(at, sectors, flag.discard)

/** Its text stands in the entry's own sector. */
export function mark(text: string): Buffer {
  const octets = entry(0, 0, flag.mark, text.length)
  octets.write(text, 32, 'latin1')
  return octets
}

export function entry(at: number, sectors: number, flags: number, dataOctets = 0): Buffer {
  const octets = Buffer.alloc(sector)
  const values = [at, sectors, flags, dataOctets]
  for (const [index, value] of values.entries()) octets.writeBigUInt64LE(BigInt(value), index * 8)
  return octets
}

export function superblock(magic = 0x6a736677736872n, version = 1n, sectorOctets = sector): Buffer {
  const octets = Buffer.alloc(sector)
  octets.writeBigUInt64LE(magic, 0)
  octets.writeBigUInt64LE(version, 8)
  octets.writeUInt32LE(sectorOctets, 24)
  return octets
}

export function writeLog(path: string, ...parts: readonly Buffer[]): string {
  writeFileSync(path, Buffer.concat(parts))
  return path
}
