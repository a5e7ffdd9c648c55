import { crc32 } from 'node:zlib'

/**
 * A ZIP archive (PKWARE APPNOTE 4.3) with one file, stored as it is: its size is known before the first octet is read,
 * and it is the same every time (no time of day in it).
 */
export interface ZipEntry {
  readonly name: string
  readonly size: number
  /** The file's octets; called twice, for the checksum in front and for themselves. */
  readonly open: () => AsyncIterable<Uint8Array>
}

const localHeaderSize = 30
const directoryEntrySize = 46
const endRecordSize = 22
/** 1 January 1980, the first day a ZIP can name. */
const firstDay = 0x0021
/** The name is UTF-8. */
const utf8Flag = 0x0800
const version = 20

export const zipSize = (name: string, size: number): number =>
  localHeaderSize + directoryEntrySize + endRecordSize + 2 * Buffer.byteLength(name) + size

/** The archive's octets; throws if the file is not as long as it was said to be. */
export async function* storedZip(entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const name = Buffer.from(entry.name)
  const facts = factsOf(name, entry.size, await checksum(entry))
  const start = Buffer.alloc(localHeaderSize)
  start.writeUInt32LE(0x04034b50, 0)
  facts.copy(start, 4)
  yield Buffer.concat([start, name])
  yield* entry.open()
  yield directory(name, facts, localHeaderSize + name.length + entry.size)
}

async function checksum(entry: ZipEntry): Promise<number> {
  let sum = 0
  let size = 0
  for await (const octets of entry.open()) {
    sum = crc32(octets, sum)
    size += octets.length
  }
  if (size !== entry.size) throw new Error(`zip entry has ${size} octets, not ${entry.size}`)
  return sum
}

/** What local header and directory say alike: version needed to extra length, 26 octets. */
function factsOf(name: Buffer, size: number, sum: number): Buffer {
  const facts = Buffer.alloc(26)
  facts.writeUInt16LE(version, 0)
  facts.writeUInt16LE(utf8Flag, 2)
  facts.writeUInt16LE(firstDay, 8)
  facts.writeUInt32LE(sum, 10)
  facts.writeUInt32LE(size, 14)
  facts.writeUInt32LE(size, 18)
  facts.writeUInt16LE(name.length, 22)
  return facts
}

function directory(name: Buffer, facts: Buffer, offset: number): Buffer {
  const entry = Buffer.alloc(directoryEntrySize)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(version, 4)
  facts.copy(entry, 6)
  const end = Buffer.alloc(endRecordSize)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directoryEntrySize + name.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([entry, name, end])
}
