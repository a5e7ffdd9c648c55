import { spawnSync } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'
import { run } from '../appliance/package/run.ts'
import {
  diskMebibytes,
  factoryDiskId,
  firstMebibyte,
  mebibyte,
  type Partition,
  partitionOf,
  partitions,
} from './layout.ts'

/** Files that become partitions; a slot that has none is filled by the first update. */
export type PartitionFiles = Partial<Readonly<Record<Partition['name'], string>>>

/** A disk without a loop device or a mount: sparse, each partition copied to its place. */
export function writeDisk(files: PartitionFiles, disk: string): void {
  rmSync(disk, { force: true })
  run('truncate', ['-s', `${diskMebibytes}M`, disk])
  divide(disk)
  for (const { name, mebibytes } of partitions) {
    const file = files[name]
    if (file === undefined) continue
    if (statSync(file).size > mebibytes * mebibyte) throw new Error(`${file} is larger than ${name}`)
    const seek = `seek=${partitionOf(name).start}`
    run('dd', [`if=${file}`, `of=${disk}`, 'bs=1M', seek, 'conv=notrunc,sparse', 'status=none'])
  }
}

function divide(disk: string): void {
  let start = firstMebibyte
  const lines = ['label: dos', `label-id: ${factoryDiskId}`]
  for (const { type, mebibytes, name } of partitions) {
    lines.push(`start=${start}MiB, size=${mebibytes}MiB, type=${type}${name === 'boot' ? ', bootable' : ''}`)
    start += mebibytes
  }
  const done = spawnSync('sfdisk', ['-q', disk], { input: `${lines.join('\n')}\n`, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`sfdisk: ${done.stderr}`)
}

/** An ext4 that grows to the card by itself; blocks of 4 KiB also while it is small. */
export function writeDataPartition(file: string, epoch: number): void {
  const { mebibytes, label } = partitionOf('data')
  rmSync(file, { force: true })
  const flags = ['-q', '-t', 'ext4', '-b', '4096', '-L', label, '-m', '1', '-J', 'size=16', '-i', '16384']
  const fixed = ['-U', dataUuid, '-E', `hash_seed=${dataUuid}`]
  run('mke2fs', [...flags, ...fixed, file, `${mebibytes}M`], { E2FSPROGS_FAKE_TIME: String(epoch) })
}

const dataUuid = '696e6b70-6f73-4274-8000-000000000004'
