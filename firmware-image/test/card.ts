// Cards to boot from: copies of the image, larger than it, as cards are.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { run } from '../../appliance/package/run.ts'
import { mebibyte, type Partition, partitionOf } from '../layout.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
export const image = resolve(`build/inkpost-${version}.img`)

/** A sparse copy of the image. `mebibytes` of the card: a power of two for a board of QEMU that has an SD card. */
export function writeCard(name: string, mebibytes = 4096): Disposable & { readonly disk: string } {
  if (!existsSync(image)) throw new Error(`${image} is not there: make image`)
  const disk = resolve('build/image-test', name, 'card.img')
  mkdirSync(dirname(disk), { recursive: true })
  run('cp', ['--sparse=always', image, disk])
  run('truncate', ['-s', `${mebibytes}M`, disk])
  return { disk, [Symbol.dispose]: () => rmSync(disk, { force: true }) }
}

/** Commands of debugfs(8) on the data partition of a card that nobody uses; what it printed. */
export function onData(disk: string, commands: readonly string[]): string {
  const offset = partitionOf('data').start * mebibyte
  const words = ['-w', '-f', '-', `${disk}?offset=${offset}`]
  const done = spawnSync('debugfs', words, { input: `${commands.join('\n')}\n`, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`debugfs: ${done.stderr}`)
  return `${done.stdout}${done.stderr}`
}

/** Copies files off the slot A of a card, as U-Boot finds them. */
export function fromSlot(disk: string, files: Readonly<Record<string, string>>): void {
  const offset = partitionOf('slot-a').start * mebibyte
  const commands = Object.entries(files).map(([inside, to]) => `dump ${inside} ${to}`)
  run('sh', ['-ec', 'echo "$1" | debugfs -f - "$2"', 'sh', commands.join('\n'), `${disk}?offset=${offset}`])
}

/** Zeros in the place of what a partition of the image holds, and, of the last one, to the end of the card. */
export function erase(disk: string, name: Partition['name']): void {
  const { start, mebibytes } = partitionOf(name)
  const length = name === 'data' ? statSync(disk).size - start * mebibyte : mebibytes * mebibyte
  run('fallocate', ['--punch-hole', '--offset', String(start * mebibyte), '--length', String(length), disk])
}

const bootPlace = (disk: string): string => `${disk}@@${partitionOf('boot').start}M`

/** A file of the boot partition of a card that nobody uses; undefined: it is not there. */
export function onBoot(disk: string, name: string): Buffer | undefined {
  const done = spawnSync('mtype', ['-i', bootPlace(disk), `::${name}`])
  return done.status === 0 ? done.stdout : undefined
}

export function putOnBoot(disk: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(dirname(disk), name)
    writeFileSync(file, content)
    run('mcopy', ['-o', '-i', bootPlace(disk), file, `::${name}`])
  }
}

/** An emulated processor on a busy machine needs many times what a Pi does; a unit that is given up is begun again, for ever. */
export const patience = 'systemd.default_timeout_start_sec=900 systemd.default_device_timeout_sec=900'

/** The start of a kernel's words in boot.cmd. */
const kernelWords = 'setenv bootargs "'
/** Of an image of U-Boot with one script: header, length, end of the lengths (tools/mkimage). */
const scriptStart = 64 + 8

/** Gives the kernel more words, as a person could at U-Boot's prompt: what it starts stays as it is. */
export function addKernelWords(disk: string, words: string): void {
  const script = onBoot(disk, 'boot.scr')?.subarray(scriptStart).toString() ?? ''
  if (!script.includes(kernelWords)) throw new Error(`boot.scr has no ${kernelWords}`)
  const text = join(dirname(disk), 'boot.cmd')
  writeFileSync(text, script.replace(kernelWords, `${kernelWords}${words} `))
  const made = join(dirname(disk), 'boot.made')
  run('mkimage', ['-q', '-A', 'arm64', '-T', 'script', '-C', 'none', '-d', text, made])
  putOnBoot(disk, { 'boot.scr': readFileSync(made) })
}
