import { copyFileSync, globSync, mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from '../appliance/package/run.ts'
import { mebibyte, partitionOf } from './layout.ts'

/** Of Raspberry Pi's firmware: what a Pi before the 5 starts with. The cut ones go with gpu_mem=16. */
const firmware = ['bootcode.bin', 'start.elf', 'start_cd.elf', 'start4.elf', 'start4cd.elf', 'fixup*.dat']

/** The FAT partition: what the ROM and the firmware read, and what a person reads on any computer. */
export function writeBootPartition(root: string, stage: string, file: string, epoch: number): void {
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  for (const pattern of firmware) copyAll(join(root, 'usr/lib/raspi-firmware', pattern), stage)
  copyFileSync(join(root, 'usr/lib/u-boot/rpi_arm64/u-boot.bin'), join(stage, 'u-boot.bin'))
  copyAll(join(import.meta.dirname, 'boot/*.txt'), stage)
  copyFileSync(join(root, 'usr/share/doc/raspi-firmware/copyright'), join(stage, 'LICENCE.firmware.txt'))
  copyFileSync(join(root, 'usr/share/doc/u-boot-rpi/copyright'), join(stage, 'LICENCE.u-boot.txt'))
  const script = join(import.meta.dirname, 'boot/boot.cmd')
  const times = { SOURCE_DATE_EPOCH: String(epoch) }
  const made = ['-A', 'arm64', '-T', 'script', '-C', 'none', '-n', 'inkpost', '-d', script]
  run('mkimage', ['-q', ...made, join(stage, 'boot.scr')], times)
  format(stage, file, epoch)
}

function copyAll(pattern: string, folder: string): void {
  const found = globSync(pattern)
  if (found.length === 0) throw new Error(`${pattern} is not there`)
  for (const one of found.sort()) copyFileSync(one, join(folder, basename(one)))
}

function format(stage: string, file: string, epoch: number): void {
  const { mebibytes, label } = partitionOf('boot')
  rmSync(file, { force: true })
  run('truncate', ['-s', String(mebibytes * mebibyte), file])
  run('mkfs.vfat', ['-F', '32', '-n', label, '-i', '696e6b70', '--invariant', file])
  run('sh', ['-ec', 'touch -d "@$2" "$1"/*', 'sh', stage, String(epoch)])
  const names = globSync(join(stage, '*')).sort()
  run('mcopy', ['-i', file, '-m', ...names, '::'], { SOURCE_DATE_EPOCH: String(epoch), TZ: 'UTC' })
}
