// Bundles: a slot, signed.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { SchemaSpan, Schemas } from '../../src/core/machine-update.ts'
import type { Migration } from '../../src/platform/database.ts'
import { settingsMigrations } from '../../src/settings/settings-database.ts'
import { spoolMigrations } from '../../src/spool/schema.ts'
import type { SigningKeys } from './keys.ts'
import { compatible } from './system-conf.ts'

export interface BundleWish {
  /** File system image. */
  readonly slot: string
  readonly version: string
  readonly built: Date
  readonly keys: SigningKeys
  /** `inkpost-VERSION.raucb`. */
  readonly out: string
  /** Others than a release's, for tests. */
  readonly compatible?: string
  readonly format?: 'verity' | 'plain'
  readonly schemas?: Schemas
}

/** Of the databases that this release leaves behind: what a box asks before it installs, so that it can go back. */
const ownSchemas = (): Schemas => ({ spool: spanOf(spoolMigrations), settings: spanOf(settingsMigrations) })

const spanOf = (steps: readonly Migration[]): SchemaSpan => ({
  version: Math.max(...steps.map(({ version }) => version)),
  readableFrom: Math.max(...steps.map(({ readableFrom }) => readableFrom)),
})

const schemaWords = ({ spool, settings }: Schemas): string =>
  `spool.${spool.version}.${spool.readableFrom}.settings.${settings.version}.${settings.readableFrom}`

/** RAUC leaves `build` to us: when, and the schemas of the databases (`appliance/machine/update-bundle.ts`). */
function manifestOf(wish: BundleWish): string {
  return `[update]
compatible=${wish.compatible ?? compatible}
version=${wish.version}
build=${wish.built.toISOString()}+${schemaWords(wish.schemas ?? ownSchemas())}
description=inkpost ${wish.version}

[bundle]
format=${wish.format ?? 'verity'}

[image.rootfs]
filename=rootfs.ext4
`
}

/** Makes and verifies it. zstd: a Pi unpacks it while it writes, five times faster than the card takes it. */
export function makeBundle(wish: BundleWish): void {
  const folder = mkdtempSync(join(dirname(wish.out), 'bundle-'))
  try {
    linkSync(wish.slot, join(folder, 'rootfs.ext4'))
    writeFileSync(join(folder, 'manifest.raucm'), manifestOf(wish))
    rmSync(wish.out, { force: true })
    const { key, certificate, authority } = wish.keys
    const signing = [`--key=${key}`, `--cert=${certificate}`, `--keyring=${authority}`]
    const packing = '--mksquashfs-args=-comp zstd -Xcompression-level 3'
    execFileSync('rauc', ['bundle', ...signing, packing, folder, wish.out], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What `[update] url` leads to. It needs no signature: what it names has one. */
export function writeIndex(file: string, { out, version }: Pick<BundleWish, 'out' | 'version'>): void {
  mkdirSync(dirname(file), { recursive: true })
  const octets = statSync(out).size
  const sha256 = createHash('sha256').update(readFileSync(out)).digest('hex')
  writeFileSync(file, `${JSON.stringify({ version, file: basename(out), octets, sha256 }, null, 2)}\n`)
}
