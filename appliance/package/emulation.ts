import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { run } from './run.ts'

/** Programs of arm64 run by qemu-user where the kernel knows them (binfmt_misc); binfmt-support does it on most machines. */
export function emulateArm64(): void {
  const folder = '/proc/sys/fs/binfmt_misc'
  if (process.arch === 'arm64' || existsSync(`${folder}/qemu-aarch64`)) return
  if (!existsSync(`${folder}/register`)) run('mount', ['-t', 'binfmt_misc', 'binfmt_misc', folder])
  if (existsSync(`${folder}/qemu-aarch64`)) return
  const lines = readFileSync('/usr/lib/binfmt.d/qemu-aarch64.conf', 'utf8').split('\n')
  writeFileSync(`${folder}/register`, lines.find((line) => line.startsWith(':')) ?? '')
}
