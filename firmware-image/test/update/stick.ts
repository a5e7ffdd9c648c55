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

/** QEMU's words for `virt` with a card, and a stick that is plugged in. */
export const machineWithStick = (disk: string, stick: string): readonly string[] => [
  ...['-M', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', '512', '-serial', 'stdio'],
  ...['-bios', '/usr/lib/u-boot/qemu_arm64/u-boot.bin', '-device', 'virtio-rng-pci'],
  ...['-drive', `file=${disk},format=raw,if=none,id=card,cache=writeback,discard=unmap`],
  ...['-device', 'virtio-blk-pci,drive=card', '-device', 'qemu-xhci'],
  ...['-drive', `file=${stick},format=raw,if=none,id=stick`],
  ...['-device', 'usb-storage,drive=stick'],
]
