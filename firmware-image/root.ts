// Debian for a Pi, made from the mirror once and kept under the hash of what makes it.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { emulateArm64 } from '../appliance/package/emulation.ts'
import { run } from '../appliance/package/run.ts'
import { components, excluded, packages, suite, unpacked } from './contents.ts'

const cache = 'build/cache'
/** What decides what is in the root; another text there makes another root. */
const recipe = ['contents.ts', 'root.ts', 'fetch-unpacked']

export interface RootOptions {
  /** A mirror of Debian; undefined: the standard one, with updates and security. */
  readonly mirror: string | undefined
  /** Seconds. */
  readonly epoch: number
}

/** Unpacks the root into a fresh folder. */
export function unpackRoot(folder: string, options: RootOptions): void {
  const archive = cachedRoot(options)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  run('tar', ['-xf', archive, '-C', folder, '--numeric-owner', '--xattrs', '--xattrs-include=*'])
}

function cachedRoot(options: RootOptions): string {
  const texts = recipe.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  const hash = createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 16)
  const archive = resolve(cache, `image-root-${hash}.tar`)
  if (existsSync(archive)) return archive
  mkdirSync(cache, { recursive: true })
  for (const name of readdirSync(cache).filter((one) => one.startsWith('image-root-')))
    rmSync(join(cache, name), { recursive: true })
  const folder = resolve(cache, 'image-root-made')
  console.error(`Making a root of Debian ${suite} for arm64: some minutes, once …`)
  makeRoot(folder, options)
  run('tar', ['-cf', `${archive}.part`, '-C', folder, '--numeric-owner', '--xattrs', '--sort=name', '.'])
  renameSync(`${archive}.part`, archive)
  rmSync(folder, { recursive: true })
  return archive
}

function makeRoot(folder: string, { mirror, epoch }: RootOptions): void {
  emulateArm64()
  const hook = `${join(import.meta.dirname, 'fetch-unpacked')} "$1" ${unpacked.join(' ')}`
  const flags = [
    ...['--mode=root', '--format=directory', '--variant=minbase', '--architectures=arm64'],
    `--components=${components}`,
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    ...excluded.map((line) => `--dpkgopt=${line}`),
    `--include=${packages.join(',')}`,
    `--customize-hook=${hook}`,
  ]
  run('mmdebstrap', [...flags, suite, folder, ...(mirror === undefined ? [] : [mirror])], {
    SOURCE_DATE_EPOCH: String(epoch),
  })
}
