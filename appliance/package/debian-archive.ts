import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { PackageFile } from './package-files.ts'
import { run } from './run.ts'

export interface ArchiveOptions {
  /** Where `control` and `scripts/` are. */
  readonly templates: string
  readonly files: readonly PackageFile[]
  /** Links by their place on the machine, each with its target. */
  readonly links: Readonly<Record<string, string>>
  readonly version: string
  readonly architecture: string
  /** Where the tree is laid out. */
  readonly stage: string
  readonly archive: string
  /** Seconds; nothing in the archive is newer. */
  readonly epoch: number
}

const scripts = ['postinst', 'prerm', 'postrm'] as const

/**
 * Lays the files out and packs them: sorted, owned by root, with the times of the commit. zstd, since a Zero 2 W unpacks
 * it in a quarter of the time that xz takes.
 */
export function packArchive(options: ArchiveOptions): void {
  const { files, links, stage, archive, epoch } = options
  rmSync(stage, { recursive: true, force: true })
  for (const file of files) put(file, stage)
  for (const [place, target] of Object.entries(links)) link(join(stage, place), target)
  writeControl(options)
  run('chmod', ['-R', 'u+rwX,go+rX,go-w,a-s', stage])
  const flags = ['--root-owner-group', '-Zzstd', '-z10', '--threads-max=1']
  run('dpkg-deb', [...flags, '--build', stage, archive], { SOURCE_DATE_EPOCH: String(epoch) })
}

function put({ from, to, mode }: PackageFile, stage: string): void {
  const place = join(stage, to)
  mkdirSync(dirname(place), { recursive: true })
  copyFileSync(from, place)
  chmodSync(place, mode)
}

function link(place: string, target: string): void {
  mkdirSync(dirname(place), { recursive: true })
  symlinkSync(target, place)
}

function writeControl({ templates, files, version, architecture, stage }: ArchiveOptions): void {
  const folder = join(stage, 'DEBIAN')
  mkdirSync(folder, { recursive: true })
  const octets = files.reduce((sum, { to }) => sum + statSync(join(stage, to)).size, 0)
  const facts = { VERSION: version, ARCHITECTURE: architecture, SIZE: String(Math.ceil(octets / 1024)) }
  writeFileSync(join(folder, 'control'), filled(join(templates, 'control'), facts))
  writeFileSync(join(folder, 'md5sums'), sumsOf(files, stage))
  const units = files.filter(({ isStarted }) => isStarted).map(({ to }) => to.replace(/^.*\//, ''))
  for (const script of scripts)
    writeFileSync(
      join(folder, script),
      filled(join(templates, 'scripts', script), { UNITS: units.join(' ') }),
      {
        mode: 0o755,
      },
    )
}

function filled(template: string, facts: Readonly<Record<string, string>>): string {
  const text = readFileSync(template, 'utf8')
  return text.replace(/@([A-Z]+)@/g, (_, name: string) => {
    const fact = facts[name]
    if (fact === undefined) throw new Error(`${template} asks for ${name}`)
    return fact
  })
}

/** What `dpkg --verify` holds the machine against. */
const sumsOf = (files: readonly PackageFile[], stage: string): string =>
  files
    .map(({ to }) => to.slice(1))
    .sort()
    .map(
      (place) =>
        `${createHash('md5')
          .update(readFileSync(join(stage, place)))
          .digest('hex')}  ${place}\n`,
    )
    .join('')
