// The chain of a Raspberry Pi 3 as far as QEMU has one: SD card, U-Boot, boot.scr, slot, initramfs, systemd.
import { resolve } from 'node:path'
import { run } from '../../appliance/package/run.ts'
import type { Checks } from '../../test/package/checks.ts'
import { partitionOf } from '../layout.ts'
import { addKernelWords, fromSlot, patience, writeCard } from './card.ts'
import { VirtualBox } from './virtual-box.ts'

const place = 'raspi3b'
const folder = resolve('build/image-test/boards')
/** QEMU's watchdog of a Pi starts the machine anew at the moment at which it is armed (hw/misc/bcm2835_powermgt.c). */
const withoutWatchdog = 'systemd.watchdog_sec=off'

export async function boards(checks: Checks): Promise<readonly string[]> {
  using card = writeCard('boards')
  addKernelWords(card.disk, `${patience} ${withoutWatchdog}`)
  const started = performance.now()
  await using box = await VirtualBox.start({
    disk: card.disk,
    log: resolve(folder, 'raspi3b.log'),
    machine: raspi3b(card.disk),
  })
  await box.says(/inkpost: slot A/)
  checks.note(place, 'U-Boot reads boot.scr from the SD card', true)
  await box.says(/Welcome to .*Debian/)
  checks.note(place, 'systemd starts in the slot', true)
  await box.says(/Reached target .*local-fs\.target/)
  checks.note(place, 'local file systems are mounted', true)
  // A data partition that is not there in time does not stop the start.
  const isWhole = box.lines.some((line) => /Mounted .*data\.mount/.test(line))
  checks.note(place, 'and the data partition among them', isWhole, isWhole ? '' : box.lastLines(40))
  return [`local file systems ${Math.round((performance.now() - started) / 1000)} s after power`]
}

/** QEMU has no firmware of a Pi: it starts U-Boot, with the device tree that the firmware would hand over. Its console is the second line. */
function raspi3b(disk: string): readonly string[] {
  const uboot = resolve(folder, 'u-boot.bin')
  const tree = resolve(folder, 'raspi3b.dtb')
  run('mcopy', ['-n', '-o', '-i', `${disk}@@${partitionOf('boot').start}M`, '::u-boot.bin', uboot])
  fromSlot(disk, { '/boot/dtb/broadcom/bcm2837-rpi-3-b.dtb': tree })
  return [
    ...['-M', 'raspi3b', '-kernel', uboot, '-dtb', tree, '-serial', 'null', '-serial', 'stdio'],
    ...['-drive', `file=${disk},format=raw,if=sd`],
  ]
}
