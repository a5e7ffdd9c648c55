// Sticks and cards as the kernel tells of them, in a folder: their file systems are real ones, in files.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StorageWorld } from './storage.ts'

export interface DiskFacts {
  readonly model?: string
  readonly removable?: string
  /** Of its partition: major and minor number. */
  readonly dev?: string
  readonly ro?: string
  readonly octets?: number
}

export class PlayedStorages implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'inkpost-storage-'))
  readonly world: StorageWorld = {
    blocks: join(this.home, 'blocks'),
    devices: join(this.home, 'devices'),
    mounts: join(this.home, 'mounts'),
    places: join(this.home, 'places'),
  }

  constructor() {
    for (const name of ['blocks', 'disks', 'devices', 'places']) mkdirSync(join(this.home, name))
    writeFileSync(this.world.mounts, '20 1 8:2 / / rw - ext4 /dev/root rw\n')
  }

  /** In the folder; what it printed. */
  sh(script: string): string {
    const done = spawnSync('sh', ['-ec', script], { cwd: this.home, encoding: 'utf8' })
    assert.equal(done.status, 0, done.stderr)
    return done.stdout
  }

  /** A disk with one partition. */
  disk(name: string, facts: DiskFacts = {}): void {
    const { model = 'Card Reader', removable = '1', dev = '8:17', ro = '0', octets = 16 << 20 } = facts
    const part = join(this.home, 'disks', name, `${name}1`)
    mkdirSync(join(part, 'holders'), { recursive: true })
    mkdirSync(join(part, '../device'))
    const about = { partition: '1', dev, ro, size: octets / 512, '../removable': removable }
    for (const [file, text] of Object.entries({ ...about, '../device/model': `${model}   ` }))
      writeFileSync(join(part, file), `${text}\n`)
    symlinkSync(join(part, '..'), join(this.world.blocks, name))
    symlinkSync(part, join(this.world.blocks, `${name}1`))
  }

  /** A disk of ext4 with these files in its root; what is a folder keeps its place. */
  card(name: string, fill: (folder: string) => void): void {
    const folder = join(this.home, `${name}-content`)
    mkdirSync(folder)
    fill(folder)
    this.sh(`mke2fs -q -t ext4 -d ${name}-content devices/${name}1 16M`)
    this.disk(name)
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true })
  }
}

const mounting = `cd $(mktemp -d) && mke2fs -q -t ext4 card 1M && mkdir at && mount -o loop card at && umount at`
/** Options of a test that mounts. */
export const needsMounts = () =>
  spawnSync('sh', ['-c', mounting]).status === 0 ? {} : { skip: 'needs root, ext4 and loop devices' }
