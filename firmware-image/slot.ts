import { rmSync } from 'node:fs'
import { run } from '../appliance/package/run.ts'
import { mebibyte, partitionOf } from './layout.ts'

const block = 4096

/** One slot: an ext4 without a journal, as it is only ever read, as large as what is in it. */
export function writeSlot(root: string, file: string, epoch: number): void {
  run('find', [root, '-newermt', `@${epoch}`, '-exec', 'touch', '-h', '-d', `@${epoch}`, '{}', '+'])
  const { blocks, inodes } = measured(root)
  // Tables of inodes (256 octets each), one group's tables and bitmaps for each 128 MiB, and what extents and folders take.
  const spare = Math.ceil(blocks * 0.02) + 4096
  const all = blocks + Math.ceil((inodes * 256) / block) + spare
  const room = (partitionOf('slot-a').mebibytes * mebibyte) / block
  if (all > room) throw new Error(`the root takes ${all} blocks, a slot has ${room}: see layout.ts`)
  rmSync(file, { force: true })
  const features = '^has_journal,^resize_inode,^metadata_csum_seed,^orphan_file'
  const flags = ['-q', '-t', 'ext4', '-b', String(block), '-O', features, '-m', '0', '-N', String(inodes)]
  const fixed = ['-U', slotUuid, '-E', `hash_seed=${slotUuid},lazy_itable_init=0`]
  run('mke2fs', [...flags, ...fixed, '-d', root, file, String(all)], { E2FSPROGS_FAKE_TIME: String(epoch) })
}

/** Nobody looks for it: slots are known by their place on the card. */
const slotUuid = '696e6b70-6f73-4274-8000-000000000001'

/** Blocks of content and inodes of a tree, with room for what a folder grows by. */
function measured(folder: string): { readonly blocks: number; readonly inodes: number } {
  let blocks = 0
  let inodes = 64
  for (const line of run('find', [folder, '-printf', '%y %s\n']).trimEnd().split('\n')) {
    const [kind = '', size = ''] = line.split(' ')
    inodes += 1
    if (kind === 'f' || kind === 'd') blocks += Math.max(1, Math.ceil(Number(size) / block))
  }
  return { blocks, inodes }
}
