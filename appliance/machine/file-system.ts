import { open } from 'node:fs/promises'
import type { StorageFileSystem } from '../../src/core/machine.ts'

/** What tells a file system, and where it stands: octets from the beginning of the device. */
const marks: readonly (readonly [StorageFileSystem, at: number, mark: string])[] = [
  // Documentation/filesystems/ext4/super.rst: s_magic, little-endian.
  ['ext4', 1024 + 0x38, '53ef'],
  ['exfat', 3, Buffer.from('EXFAT   ').toString('hex')],
  ['vfat', 82, Buffer.from('FAT32   ').toString('hex')],
  ['vfat', 54, Buffer.from('FAT1').toString('hex')],
]
const headOctets = 2048

/** Undefined: none that sticks and cards have, or the device can't be read. */
export async function fileSystemOf(device: string): Promise<StorageFileSystem | undefined> {
  try {
    await using handle = await open(device, 'r')
    const head = Buffer.alloc(headOctets)
    await handle.read(head, 0, headOctets, 0)
    return marks.find(([, at, mark]) => head.toString('hex', at, at + mark.length / 2) === mark)?.[0]
  } catch {
    return undefined
  }
}
