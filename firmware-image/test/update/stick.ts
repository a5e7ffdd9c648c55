import { rmSync } from 'node:fs'
import { run } from '../../../appliance/package/run.ts'

const mebibytes = 512

/** A stick of a person: one FAT partition, files in its root. */
export function writeStick(image: string, files: readonly string[]): void {
  rmSync(image, { force: true })
  run('truncate', ['-s', `${mebibytes}M`, image])
  run('sh', ['-ec', 'echo "start=1MiB, type=c" | sfdisk -q --label dos "$1"', 'sh', image])
  run('mkfs.vfat', ['-F', '32', '--offset', '2048', image, String((mebibytes - 1) * 1024)])
  run('mcopy', ['-i', `${image}@@1M`, ...files, '::'])
}
