import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from '../appliance/package/run.ts'
import { kernelVersion } from './kernel.ts'

/** In the order in which they are loaded, each behind what it depends on. */
const modules: readonly string[] = [
  // The watchdogs first: of the Pi, and of QEMU.
  ...['bcm2835_wdt', 'i6300esb'],
  // Disks of QEMU, the card of a Pi.
  ...['virtio_pci', 'virtio_mmio', 'virtio_blk'],
  ...['gpio_regulator', 'bcm2835', 'sdhci_iproc', 'mmc_block'],
  'ext4',
]

/** busybox, a dozen modules and one script: made here, since mkinitramfs takes minutes on an emulated processor. */
export function writeInitramfs(root: string, stage: string, epoch: number): void {
  rmSync(stage, { recursive: true, force: true })
  for (const folder of ['bin', 'dev', 'proc', 'sys', 'run', 'root', 'data', 'modules'])
    mkdirSync(join(stage, folder), { recursive: true })
  copyFileSync(join(root, 'usr/bin/busybox'), join(stage, 'bin/busybox'))
  symlinkSync('busybox', join(stage, 'bin/sh'))
  copyFileSync(join(import.meta.dirname, 'initramfs/init'), join(stage, 'init'))
  for (const program of ['init', 'bin/busybox']) chmodSync(join(stage, program), 0o755)
  moduleFiles(root).forEach((file, index) => {
    const place = join(stage, 'modules', `${String(index).padStart(2, '0')}-${basename(file)}`)
    copyFileSync(file, place)
    if (file.endsWith('.xz')) run('xz', ['-d', place])
  })
  pack(stage, join(root, 'boot/initrd'), epoch)
}

/** Paths, each once, what is depended on first; what is in the kernel itself has none. */
function moduleFiles(root: string): readonly string[] {
  const version = kernelVersion(root)
  const lines = modules.flatMap((name) =>
    run('modprobe', ['-d', root, '-S', version, '--show-depends', name]).split('\n'),
  )
  return [...new Set(lines.flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []))]
}

function pack(stage: string, file: string, epoch: number): void {
  const script = `cd "$1" && find . -exec touch -h -d "@$3" {} + && find . | LC_ALL=C sort |
    cpio --quiet -o -H newc --reproducible -R 0:0 | zstd -q -19 -T1 > "$2"`
  run('sh', ['-ec', script, 'sh', stage, file, String(epoch)])
}
