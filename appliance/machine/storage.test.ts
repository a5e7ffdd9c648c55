import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openOldBox } from '../../src/backup/old-box.ts'
import { oldBoxOnStorage } from '../../src/gateway/backup/old-box-storage.ts'
import { machineService } from '../../src/platform/machine-service.ts'
import { DutyRefused } from './duty.ts'
import { machineServer } from './service.ts'
import { type StorageWorld, storageDuties } from './storage.ts'
import { type DiskFacts, needsMounts, PlayedStorages } from './storages.fixture.ts'

let played: PlayedStorages
let home = ''
let world: StorageWorld

beforeEach(() => {
  played = new PlayedStorages()
  ;({ home, world } = played)
})
afterEach(() => played[Symbol.dispose]())

const sh = (script: string): string => played.sh(script)
const disk = (name: string, facts?: DiskFacts): void => played.disk(name, facts)
const card = (name: string, fill: (folder: string) => void): void => played.card(name, fill)

const dataOf = (folder: string): void => {
  const data = join(folder, 'var/lib/inkpost')
  mkdirSync(data, { recursive: true })
  writeFileSync(join(data, 'settings.db'), 'settings')
  writeFileSync(join(data, 'spool.db'), Buffer.alloc(1_200_000, 'm'))
  writeFileSync(join(data, 'mail.txt'), 'no file of ours')
}

const ask = (duty: string, what: object): Promise<unknown> =>
  new Map(storageDuties(world)).get(duty)?.run(what) ?? assert.fail(duty)

const needed = needsMounts()

describe('sticks and cards', () => {
  it('are those that are removable, mounted by nobody, and have a file system of such', async () => {
    card('sda', dataOf)
    for (const [name, more] of [
      ['sdb', { removable: '0' }],
      ['sdc', { dev: '8:2' }],
      ['sdd', {}],
    ] as const) {
      copyFileSync(join(world.devices, 'sda1'), join(world.devices, `${name}1`))
      disk(name, more)
    }
    writeFileSync(join(world.devices, 'sdd1'), Buffer.alloc(4096))
    const head = Buffer.alloc(4096)
    head.write('FAT32   ', 82)
    disk('sde')
    writeFileSync(join(world.devices, 'sde1'), head)
    assert.deepEqual(await ask('storage-list', {}), {
      storages: [
        { storage: 'sda1', fileSystem: 'ext4', octets: 16 << 20, model: 'Card Reader' },
        { storage: 'sde1', fileSystem: 'vfat', octets: 16 << 20, model: 'Card Reader' },
      ],
    })
  })

  it('are asked for by the kernel’s names, and files by those of a data directory', async () => {
    for (const [duty, what] of [
      ['storage-open', { storage: '../sda' }],
      ['storage-open', { storage: 'sda1', options: 'rw' }],
      ['storage-read', { storage: 'sda1', file: '../../etc/shadow', offset: 0 }],
      ['storage-read', { storage: 'sda1', file: 'settings.db', offset: -1 }],
    ] as const)
      await assert.rejects(ask(duty, what), /what was asked is not understood/)
    await assert.rejects(
      ask('storage-open', { storage: 'sdz1' }),
      new DutyRefused('there is no stick or card sdz1 that could be read'),
    )
    await assert.rejects(
      ask('storage-read', { storage: 'sda1', file: 'settings.db', offset: 0 }),
      /is not open/,
    )
  })

  it('hand the data of an old box to the gateway, and are closed', needed, async () => {
    card('sda', dataOf)
    const server = machineServer(new Map(storageDuties(world)), { busy() {}, failed() {} })
    server.listen(join(home, 'socket'))
    await once(server, 'listening')
    try {
      const found = await oldBoxOnStorage(machineService(join(home, 'socket')), 'sda1')
      assert.ok(found.kind === 'done', JSON.stringify(found))
      assert.match(
        readFileSync('/proc/self/mounts', 'utf8'),
        new RegExp(`${home}/places/sda1 ext4 ro,nosuid,nodev,noexec`),
      )
      const { header, entries } = await openOldBox(found.octets)
      assert.deepEqual(header.contents, ['settings', 'secrets and certificates without their key', 'mail'])
      const read: [string, number][] = []
      for await (const { name, content } of entries)
        read.push([name, Buffer.concat(await Array.fromAsync(content)).length])
      assert.deepEqual(read, [
        ['settings.db', 8],
        ['spool.db', 1_200_000],
      ])
      await found[Symbol.asyncDispose]()
      assert.doesNotMatch(readFileSync('/proc/self/mounts', 'utf8'), new RegExp(home))
    } finally {
      server.close()
    }
  })

  it('that are open already are opened again, as what they are', async () => {
    // Not every kernel that tests run on knows vfat: what is mounted is asked for, and put there, by this.
    const programs = join(home, 'programs')
    mkdirSync(programs)
    writeFileSync(
      join(programs, 'mount'),
      `#!/bin/sh\necho "$2" >> ${home}/mounted\ntouch "$6/settings.db"\n`,
      { mode: 0o755 },
    )
    writeFileSync(join(programs, 'umount'), '#!/bin/sh\nrm "$1/settings.db"\n', { mode: 0o755 })
    const { PATH } = process.env
    process.env['PATH'] = `${programs}:${PATH}`
    try {
      const head = Buffer.alloc(4096)
      head.write('FAT32   ', 82)
      writeFileSync(join(world.devices, 'sda1'), head)
      disk('sda')
      const storages = new Map(storageDuties(world))
      const run = (duty: string) => storages.get(duty)?.run({ storage: 'sda1' }) ?? assert.fail(duty)
      await run('storage-open')
      // As the kernel tells it from now on.
      writeFileSync(world.mounts, `40 20 8:17 / ${home}/places/sda1 ro - vfat /dev/sda1 ro\n`)
      await run('storage-open')
      await run('storage-close')
      assert.equal(readFileSync(join(home, 'mounted'), 'utf8'), 'vfat\nvfat\n')
      await assert.rejects(run('storage-open'), /there is no stick or card sda1/)
    } finally {
      process.env['PATH'] = PATH
    }
  })

  it('that were not unmounted are read with what stands in their journal', needed, async () => {
    card('sda', (folder) => mkdirSync(join(folder, 'inkpost')))
    mkdirSync(join(home, 'live'))
    sh('mount -o commit=300 devices/sda1 live')
    try {
      sh('printf settings > live/inkpost/settings.db && sync live/inkpost/settings.db')
      copyFileSync(join(world.devices, 'sda1'), join(home, 'pulled'))
    } finally {
      sh('umount live')
    }
    // A loop device of its own: mount(8) makes one that can't be written, as a card with its switch on.
    sh('rm devices/sda1 && ln -s "$(losetup --find --show pulled)" devices/sda1')
    assert.match(
      spawnSync('dumpe2fs', ['-h', join(home, 'pulled')], { encoding: 'utf8' }).stdout,
      /needs_recovery/,
    )
    const duties = new Map(storageDuties(world))
    const opened = await duties.get('storage-open')?.run({ storage: 'sda1' })
    try {
      assert.partialDeepStrictEqual(opened, { files: [{ name: 'settings.db', octets: 8 }], remarks: [] })
    } finally {
      await duties.get('storage-close')?.run({ storage: 'sda1' })
      sh('losetup --detach "$(readlink devices/sda1)"')
    }
  })

  it('with links instead of files show nothing of this machine', needed, async () => {
    writeFileSync(join(home, 'secret'), 'of this machine')
    card('sda', (folder) => symlinkSync(join(home, 'secret'), join(folder, 'settings.db')))
    card('sdb', (folder) => symlinkSync(home, join(folder, 'inkpost')))
    writeFileSync(join(home, 'settings.db'), 'of this machine')
    card('sdc', (folder) => {
      writeFileSync(join(folder, 'settings.db'), 'its own')
      symlinkSync(join(home, 'secret'), join(folder, 'vault.key'))
    })
    for (const storage of ['sda1', 'sdb1'])
      await assert.rejects(ask('storage-open', { storage }), /there is no data of an inkpost on it/)
    const duties = new Map(storageDuties(world))
    try {
      assert.partialDeepStrictEqual(await duties.get('storage-open')?.run({ storage: 'sdc1' }), {
        files: [{ name: 'settings.db', octets: 7 }],
      })
      await assert.rejects(
        duties.get('storage-read')?.run({ storage: 'sdc1', file: 'vault.key', offset: 0 }) ?? assert.fail(),
        /vault.key is not there/,
      )
    } finally {
      await duties.get('storage-close')?.run({ storage: 'sdc1' })
    }
    assert.doesNotMatch(readFileSync('/proc/self/mounts', 'utf8'), new RegExp(home))
  })
})
