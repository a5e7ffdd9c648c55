// A copy of the image as a person prepares a card: larger than the image, with a setup document on its boot partition.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../../appliance/package/run.ts'
import { partitionsOf } from './partition-table.ts'

const mebibyte = 1 << 20
/** Some room for the data partition to grow into. */
const cardMebibytes = 2560

export const device = { username: 'front', password: 'seventeen-4711', from: 'front@contoso.com' } as const

/** What is sent stays on the card, with its content: nothing is sent on. The host is 10.0.2.2 to the machine. */
const setup = `schema = 1
[gateway]
name = "branch-07"
sender = "box@contoso.com"
[[device]]
name = "Front desk"
username = "${device.username}"
password = "${device.password}"
addresses = ["10.0.2.2"]
sender = "${device.from}"
max_per_hour = 100000
[[upstream]]
name = "kept"
kind = "outbox"
`

/** An emulated processor on a busy machine needs many times what a Pi does; a unit that is given up is begun again, for ever. */
const patience = 'systemd.default_timeout_start_sec=900'

export function prepareCard(image: string, folder: string): string {
  const disk = join(folder, 'card.img')
  run('cp', ['--sparse=always', image, disk])
  run('truncate', ['-s', `${cardMebibytes * mebibyte}`, disk])
  putOnBootPartition(disk, 'inkpost.toml', setup, folder)
  addKernelWords(disk, patience, folder)
  return disk
}

export const copyCard = (disk: string, to: string): string => {
  run('cp', ['--sparse=always', disk, to])
  return to
}

function putOnBootPartition(disk: string, name: string, text: string, folder: string): void {
  const file = join(folder, name)
  writeFileSync(file, text)
  run('mcopy', ['-o', '-i', bootOf(disk), file, `::${name}`])
}

const bootOf = (disk: string): string => `${disk}@@${partitionsOf(disk)[0]?.offset ?? 0}`

/** The start of a kernel's words in boot.cmd. */
const kernelWords = 'setenv bootargs "'
/** Of an image of U-Boot with one script: header, length, end of the lengths (tools/mkimage). */
const scriptStart = 64 + 8

/** Gives the kernel more words, as a person could at U-Boot's prompt: what it starts stays as it is. */
export function addKernelWords(disk: string, words: string, folder: string): void {
  const [text, made] = [join(folder, 'boot.cmd'), join(folder, 'boot.scr')]
  run('mcopy', ['-o', '-i', bootOf(disk), '::boot.scr', made])
  const script = readFileSync(made).subarray(scriptStart).toString()
  if (!script.includes(kernelWords)) throw new Error(`boot.scr has no ${kernelWords}`)
  writeFileSync(text, script.replace(kernelWords, `${kernelWords}${words} `))
  run('mkimage', ['-q', '-A', 'arm64', '-T', 'script', '-C', 'none', '-d', text, made])
  run('mcopy', ['-o', '-i', bootOf(disk), made, '::boot.scr'])
}
