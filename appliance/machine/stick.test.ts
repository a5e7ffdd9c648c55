import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { BackupTargetSetup } from '../../src/core/setup.ts'
import { usbTarget } from '../../src/gateway/backup/targets/usb-target.ts'
import { machineService } from '../../src/platform/machine-service.ts'
import { machineServer } from './service.ts'
import { stickDuties } from './stick.ts'
import type { StorageWorld } from './storage.ts'
import { PlayedStorages } from './storages.fixture.ts'

let played: PlayedStorages
let home = ''
let world: StorageWorld

beforeEach(() => {
  played = new PlayedStorages()
  ;({ home, world } = played)
  mkdirSync(join(home, 'look'))
})
afterEach(() => played[Symbol.dispose]())

const sh = (script: string): string => played.sh(script)

const makers = {
  ext4: 'mke2fs -q -t ext4',
  vfat: 'mkfs.vfat -F 32 -s 1',
  exfat: 'mkfs.exfat',
} as const
type Kind = keyof typeof makers

/** A stick as the kernel tells of it, with an empty file system. */
function stick(name: string, kind: Kind = 'ext4', { dev = '8:17', ro = '0', megabytes = 40 } = {}): void {
  sh(`truncate -s ${megabytes}M devices/${name}1 && ${makers[kind]} devices/${name}1 >/dev/null`)
  played.disk(name, { model: 'Flash Drive', dev, ro, octets: megabytes << 20 })
}

/** What a computer sees that the stick is put into. */
function onComputer(name: string, script: string): string {
  sh(`mount -o loop devices/${name}1 look`)
  try {
    return sh(`cd look && ${script}`).trim()
  } finally {
    sh('umount look')
  }
}

/** Undefined, or why this kind can't be mounted here. */
function hindrance(kind: Kind): string | undefined {
  const script = `cd $(mktemp -d) && truncate -s 40M s && ${makers[kind]} s >/dev/null && mkdir at && mount -t ${kind} -o loop s at && umount at`
  const tried = spawnSync('sh', ['-ec', script], { encoding: 'utf8' })
  return tried.status === 0
    ? undefined
    : `${kind} can't be mounted here: ${tried.stderr.trim().split('\n')[0]}`
}

const setup = (keep: number): BackupTargetSetup => ({
  name: 'stick',
  kind: 'usb',
  enabled: true,
  url: '',
  auth: 'none',
  share: '',
  username: '',
  secret: undefined,
  caFile: '',
  keep,
})

/** Puts copies through the gateway's end, the socket and the duties. */
async function withTarget<T>(
  keep: number,
  work: (put: (date: string, text?: string) => Promise<unknown>) => Promise<T>,
) {
  const server = machineServer(new Map(stickDuties(world)), { busy() {}, failed() {} })
  server.listen(join(home, 'socket'))
  await once(server, 'listening')
  const target = usbTarget(setup(keep), machineService(join(home, 'socket')))
  try {
    return await work((date, text = `the copy of ${date}`) => {
      writeFileSync(join(home, 'copy'), text)
      const name = `branch-07-nightly-${date}.inkpost-backup`
      return target.put(
        { folder: home, file: 'copy', octets: text.length, name },
        new AbortController().signal,
      )
    })
  } finally {
    server.close()
  }
}

const done = { kind: 'done' }
const ask = async (duty: string, what: object): Promise<unknown> =>
  new Map(stickDuties(world)).get(duty)?.run(what) ?? assert.fail(duty)
const isMounted = (): boolean => readFileSync('/proc/self/mounts', 'utf8').includes(home)

describe('copies on a stick', () => {
  for (const kind of ['ext4', 'vfat', 'exfat'] as const) {
    const skip = hindrance(kind)
    it(`arrive whole on ${kind}, as many as are kept, and nothing stays mounted`, {
      ...(skip && { skip }),
    }, async () => {
      stick('sda', kind)
      const large = 'x'.repeat(1_000_000)
      await withTarget(2, async (put) => {
        for (const date of ['2026-11-27', '2026-11-28', '2026-11-29']) assert.deepEqual(await put(date), done)
        assert.deepEqual(await put('2026-11-29', large), done)
      })
      assert.equal(isMounted(), false)
      assert.equal(
        onComputer('sda', 'ls inkpost-backup && cat inkpost-backup/*29.inkpost-backup | wc -c'),
        `branch-07-nightly-2026-11-28.inkpost-backup\nbranch-07-nightly-2026-11-29.inkpost-backup\n${large.length}`,
      )
    })
  }

  const skip = hindrance('ext4')
  describe('of which some can not be written', { ...(skip && { skip }) }, () => {
    const troubleOf = async (): Promise<string> =>
      withTarget(2, async (put) => {
        const answer = await put('2026-11-29')
        assert.equal(isMounted(), false)
        return (answer as { detail?: string }).detail ?? 'none'
      })

    it('are missing', async () => assert.equal(await troubleOf(), 'no stick is plugged in'))

    it('are write-protected', async () => {
      stick('sda', 'ext4', { ro: '1' })
      assert.equal(await troubleOf(), 'the stick sda1 is write-protected')
    })

    it('are full, and the copy of before stays', async () => {
      stick('sda', 'ext4', { megabytes: 2 })
      await withTarget(2, async (put) => {
        assert.deepEqual(await put('2026-11-28'), done)
        const answer = await put('2026-11-29', 'x'.repeat(5_000_000))
        assert.match(
          JSON.stringify(answer),
          /the stick sda1 is full: the copy needs 5066 kB, free are \d+ kB/,
        )
      })
      assert.match(onComputer('sda', 'ls inkpost-backup'), /^branch-07-nightly-2026-11-28\.inkpost-backup$/)
    })

    it('have something else in the place of the folder', async () => {
      stick('sda')
      writeFileSync(join(home, 'secret'), '')
      onComputer('sda', `ln -s ${home} inkpost-backup`)
      assert.equal(await troubleOf(), 'inkpost-backup on the stick sda1 is no folder: remove it')
    })

    it('are the disk that the system runs from, or one that an encrypted partition is on', async () => {
      stick('sda', 'ext4', { dev: '8:2' })
      assert.equal(await troubleOf(), 'no stick is plugged in')
      stick('sdb')
      mkdirSync(join(home, 'disks/sdb/sdb1/holders/dm-0'))
      assert.equal(await troubleOf(), 'no stick is plugged in')
    })

    it('are several, until one has the folder', async () => {
      stick('sda')
      stick('sdb')
      assert.match(
        await troubleOf(),
        /^several sticks are plugged in \(sda1 Flash Drive, sdb1 Flash Drive\): leave one, or make the folder inkpost-backup/,
      )
      onComputer('sdb', 'mkdir inkpost-backup')
      assert.equal(await troubleOf(), 'none')
      assert.equal(onComputer('sda', 'ls'), 'lost+found')
      assert.match(onComputer('sdb', 'ls inkpost-backup'), /2026-11-29/)
    })
  })

  it('are given up half, and swept by the next one', { ...(skip && { skip }) }, async () => {
    stick('sda')
    const duties = new Map(stickDuties(world))
    const run = (duty: string, what: object) => duties.get(duty)?.run(what)
    await run('stick-begin', { name: 'a-nightly-2026-11-28.inkpost-backup', octets: 3 })
    assert.match(
      readFileSync('/proc/self/mounts', 'utf8'),
      new RegExp(`${home}/places/stick ext4 rw,nosuid,nodev,noexec`),
    )
    await run('stick-write', { octets: Buffer.from('abc').toString('base64') })
    await run('stick-begin', { name: 'a-nightly-2026-11-29.inkpost-backup', octets: 3 })
    await run('stick-end', {})
    assert.equal(isMounted(), false)
    assert.equal(onComputer('sda', 'ls inkpost-backup'), 'a-nightly-2026-11-29.inkpost-backup')
    onComputer(
      'sda',
      'touch inkpost-backup/a-nightly-2026-11-20.inkpost-backup.part inkpost-backup/holiday.part',
    )
    await run('stick-begin', { name: 'a-test.txt', octets: 0 })
    await run('stick-end', {})
    await run('stick-remove', { name: 'a-test.txt' })
    assert.equal(onComputer('sda', 'ls inkpost-backup'), 'a-nightly-2026-11-29.inkpost-backup\nholiday.part')
    await assert.rejects(async () => run('stick-write', { octets: '' }), /no copy was begun/)
  })

  it('have names that lead nowhere else', async () => {
    for (const name of [
      '../x',
      'a-nightly-2026-11-29.inkpost-backup/..',
      'A-test.txt',
      'x',
      '-nightly-2026-11-29.inkpost-backup',
    ])
      for (const duty of ['stick-begin', 'stick-remove'])
        await assert.rejects(ask(duty, { name, octets: 1 }), /what was asked is not understood/)
    await assert.rejects(ask('stick-write', { octets: 'not base64!' }), /not understood/)
    await assert.rejects(ask('stick-begin', { name: 'a-test.txt', octets: -1 }), /not understood/)
    assert.equal(existsSync(join(home, 'places/stick')), false)
  })

  it('are listed with the sticks that are there', async () => {
    stick('sda', 'ext4', { ro: '1' })
    assert.deepEqual(await ask('stick-list', {}), {
      sticks: [
        { storage: 'sda1', fileSystem: 'ext4', octets: 40 * 2 ** 20, model: 'Flash Drive', isReadOnly: true },
      ],
    })
  })
})
