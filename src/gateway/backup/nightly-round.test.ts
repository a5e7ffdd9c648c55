import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { until } from '../../../test/gateway-process.ts'
import { openBackup } from '../../backup/backup-file.ts'
import type { Alert } from '../../core/alerts.ts'
import type { Machine } from '../../core/machine.ts'
import { hour, minute, type WallMs, wallMs } from '../../core/time.ts'
import { openStores, type Stores } from '../boot.ts'
import { backupOperations } from './backup-operations.ts'
import { auditWitnesses, nightlyCopies, surplusOf } from './nightly-files.ts'
import { copyIfDue, isTime, type NightlyWorld, watchNightlyCopies } from './nightly-round.ts'

const document = (name: string): string =>
  `schema = 1\n[gateway]\nname = "${name}"\ntimezone = "Europe/Berlin"\n`
const at = (text: string): WallMs => wallMs(Date.parse(text))

describe('nightly copies', () => {
  let folder = ''
  let stores: Stores
  let clock: JumpingClock
  let raised: Map<string, Alert>
  let spare: number
  let world: NightlyWorld

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'inkpost-nightly-'))
    // Four in the morning in Berlin.
    clock = new JumpingClock(at('2026-11-29T03:10:00Z'))
    stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
    stores.settings.apply(document('branch-07'), { who: 'a test' })
    raised = new Map()
    spare = 1e12
    world = {
      dataDir: folder,
      settings: stores.settings,
      records: stores.records,
      clock,
      signal: new AbortController().signal,
      spare: () => spare,
      alerts: {
        raise: (alert) => void raised.set(alert.key, alert),
        clear: (key) => void raised.delete(key),
        active: () => [...raised.values()].map((alert) => ({ ...alert, since: clock.wall() })),
      },
      log: { write() {} },
    }
  })
  afterEach(async () => {
    await stores[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const operations = () =>
    backupOperations({ ...world, profile: 'checkout', presentSpool: async () => undefined, onStaged() {} })

  async function code(): Promise<string> {
    const made = await operations().recoveryCode('anna')
    return made.kind === 'done' ? made.code : assert.fail(made.reason)
  }

  it('are sealed to the recovery code: it opens them, the box does not', async () => {
    assert.equal(await copyIfDue(world), false, 'there is no code yet')
    const typed = await code()
    assert.equal(await copyIfDue(world), true)
    const { copies, lastCopy, recovery } = await operations().backups()
    assert.deepEqual(
      copies.map(({ name }) => name),
      ['nightly-2026-11-29.inkpost-backup'],
    )
    assert.deepEqual(lastCopy, { at: clock.wall(), trouble: '' })
    assert.equal(recovery.kind, 'unconfirmed')
    const copy = await operations().backupFile(copies[0]?.name ?? '', 'anna')
    assert.ok(copy.kind === 'done')
    const { header, entries } = await openBackup(copy.octets, typed)
    assert.deepEqual(header.contents, ['settings', 'secrets', 'certificates'])
    const names: string[] = []
    for await (const { name, content } of entries) {
      names.push(name)
      for await (const _ of content);
    }
    assert.deepEqual(names, ['settings.db', 'vault.key'])
    assert.match(stores.settings.audit(1)[0]?.what.join() ?? '', /nightly copy .* was downloaded/)
    assert.doesNotMatch(
      JSON.stringify([...stores.settings.audit(99), stores.records.fact('recovery')]),
      new RegExp(typed),
    )
  })

  it('are made once a day, and only if something changed', async () => {
    await code()
    assert.equal(await copyIfDue(world), true)
    stores.settings.apply(document('branch-08'), { who: 'a test' })
    assert.equal(await copyIfDue(world), false, 'that day has one')
    clock.setWall(at('2026-11-30T01:30:00Z'))
    assert.equal(await copyIfDue(world), false, 'half past two')
    clock.setWall(at('2026-11-30T02:30:00Z'))
    assert.equal(await copyIfDue(world), true)
    clock.setWall(at('2026-12-01T02:30:00Z'))
    stores.settings.record('anna', ['what is only noted is no change'])
    assert.equal(await copyIfDue(world), false)
  })

  it('are made anew for another recovery code: a copy that the lost one opens is none', async () => {
    const confirmed = async () => {
      const typed = await code()
      const done = await operations().confirmRecovery(typed.slice(-9), 'anna')
      assert.equal(done.kind, 'done', JSON.stringify(done))
      return typed
    }
    await confirmed()
    assert.equal(await copyIfDue(world), true)
    const typed = await confirmed()
    clock.setWall(at('2026-11-30T03:00:00Z'))
    assert.equal(await copyIfDue(world), true)
    const copy = await operations().backupFile('nightly-2026-11-30.inkpost-backup', 'anna')
    assert.ok(copy.kind === 'done')
    const { header, entries } = await openBackup(copy.octets, typed)
    assert.deepEqual(header.contents, ['settings', 'secrets', 'certificates'])
    for await (const { content } of entries) for await (const _ of content);
    clock.setWall(at('2026-12-01T03:00:00Z'))
    assert.equal(await copyIfDue(world), false)
  })

  it('are made where there is none, whatever the box remembers: it may have been restored', async () => {
    await code()
    assert.equal(await copyIfDue(world), true)
    rmSync(join(folder, 'backups'), { recursive: true })
    clock.setWall(at('2026-11-30T03:00:00Z'))
    assert.equal(await copyIfDue(world), true)
  })

  it('end the alert of a target that is gone, though there is none any more to send them to', async () => {
    raised.set('backup-target/nas', {
      key: 'backup-target/nas',
      severity: 'warning',
      sentence: '',
      remedy: '',
    })
    const stopping = new AbortController()
    const watching = watchNightlyCopies({ ...world, signal: stopping.signal })
    await clock.jump(16 * minute)
    await until('it is over', () => raised.size === 0)
    stopping.abort()
    await clock.jump(16 * minute)
    await watching
  })

  it('wait for a clock that can be believed', async () => {
    await code()
    clock.believable = false
    assert.equal(await copyIfDue(world), false)
  })

  it('say so when they fail, and that it is over', async () => {
    await code()
    spare = 10
    assert.equal(await copyIfDue(world), false)
    assert.match(raised.get('nightly-copy-failed')?.sentence ?? '', /needs .* on the disk/)
    assert.match((await operations().backups()).lastCopy?.trouble ?? '', /needs/)
    spare = 1e12
    clock.setWall(at('2026-11-30T03:00:00Z'))
    assert.equal(await copyIfDue(world), true)
    assert.equal(raised.size, 0)
  })

  it('say so where their folder can not be written', async () => {
    await code()
    writeFileSync(join(folder, 'backups'), 'in the way')
    assert.equal(await copyIfDue(world), false)
    assert.match(raised.get('nightly-copy-failed')?.sentence ?? '', /EEXIST|ENOTDIR/)
  })

  it('stay seven, and bounded in octets', () => {
    const copies = (sizes: readonly number[]) =>
      sizes.map((octets, n) => ({ name: `${n}`, at: wallMs(-n), octets }))
    const gone = (sizes: readonly number[]) => surplusOf(copies(sizes)).map(({ name }) => name)
    assert.deepEqual(gone([1, 1, 1, 1, 1, 1, 1, 1, 1]), ['7', '8'])
    assert.deepEqual(gone([40e6, 20e6, 20e6, 1]), ['2', '3'])
    assert.deepEqual(gone([90e6, 1]), ['1'])
  })

  it('leave the oldest behind, and no temporary file', async () => {
    await code()
    mkdirSync(join(folder, 'backups'))
    for (let day = 10; day < 18; day += 1)
      writeFileSync(join(folder, 'backups', `nightly-2026-11-${day}.inkpost-backup`), 'x')
    await copyIfDue(world)
    const names = readdirSync(join(folder, 'backups')).sort()
    assert.equal(names.length, 7)
    assert.equal(names[0], 'nightly-2026-11-12.inkpost-backup')
    assert.deepEqual(readdirSync(join(folder, 'backup.work')), [])
  })

  it('are witnesses of the audit', async () => {
    await code()
    await copyIfDue(world)
    writeFileSync(join(folder, 'backups', 'nightly-2026-11-28.inkpost-backup'), 'not one of ours')
    const witnesses = await auditWitnesses(folder)
    assert.deepEqual(
      witnesses.map(({ source, id }) => [source, id]),
      [['nightly-2026-11-29.inkpost-backup', stores.settings.auditHead()?.id]],
    )
    assert.equal((await operations().verifyAudit([])).kind, 'intact')
    const cut = { id: 99, hash: '0'.repeat(64), source: 'the log' }
    const verdict = await operations().verifyAudit([cut])
    assert.match(verdict.kind === 'broken' ? verdict.sentence : '', /the log knows entry 99/)
  })

  it('go on by themselves', async () => {
    await code()
    const stopping = new AbortController()
    const watch = watchNightlyCopies({ ...world, signal: stopping.signal })
    await clock.jump(15 * minute)
    await until('a copy is made', () => nightlyCopies(folder).length > 0)
    stopping.abort()
    await watch
  })

  it('ask no wrong clock for the day', () => {
    const night = at('2026-11-29T02:30:00Z')
    assert.equal(isTime(night, undefined, 'Europe/Berlin'), true)
    assert.equal(isTime(wallMs(night - hour), undefined, 'Europe/Berlin'), false)
    assert.equal(isTime(night, at('2031-01-01T00:00:00Z'), 'Europe/Berlin'), true)
    assert.equal(isTime(wallMs(night + 20 * hour), night, 'Europe/Berlin'), false)
  })
})

describe('restoring through a running gateway', () => {
  it('is for one at a time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'inkpost-restoring-'))
    const clock = new JumpingClock(at('2026-11-29T03:10:00Z'))
    const stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
    try {
      const operations = backupOperations({
        ...stores,
        dataDir: folder,
        clock,
        signal: new AbortController().signal,
        profile: 'checkout',
        presentSpool: async () => undefined,
        onStaged() {},
      })
      const wish = {
        secret: 'x',
        isTrial: true,
        mayReplace: true,
        mayPutAsideMail: false,
        isWithoutSpool: false,
      }
      const arriving = Promise.withResolvers<Uint8Array>()
      const slow = (async function* () {
        yield await arriving.promise
      })()
      const first = operations.restore(slow, wish, 'anna')
      const second = await operations.restore(slow, wish, 'bert')
      assert.match(second.kind === 'refused' ? second.reason : '', /another backup is being restored/)
      arriving.resolve(Buffer.from('no backup\n'))
      const reasonOf = (done: Awaited<typeof first>) => (done.kind === 'refused' ? done.reason : '')
      assert.match(reasonOf(await first), /no backup of inkpost/)
      assert.match(reasonOf(await operations.restore(slow, wish, 'anna')), /no backup of inkpost/)
    } finally {
      await stores[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    }
  })
})

describe('taking over from a card', () => {
  it('lets go of a card that it refuses: else it would count as used, and be offered no more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'inkpost-card-'))
    const clock = new JumpingClock(at('2026-11-29T03:10:00Z'))
    const stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
    try {
      const asked: string[] = []
      const files = [{ name: 'settings.db', octets: 1e6 }]
      const machine = {
        async call(duty: string) {
          asked.push(duty)
          const opened = { files, written: '2026-11-29T03:00:00.000Z', remarks: [] }
          return duty === 'storage-open' ? { kind: 'done', answer: opened } : { kind: 'done', answer: {} }
        },
      } as Machine
      const operations = backupOperations({
        ...stores,
        dataDir: folder,
        clock,
        signal: new AbortController().signal,
        profile: 'checkout',
        presentSpool: async () => undefined,
        onStaged() {},
        machine,
        spare: () => 999_999,
      })
      const wish = {
        secret: '',
        isTrial: true,
        mayReplace: true,
        mayPutAsideMail: false,
        isWithoutSpool: false,
        oldBox: { mayHaveGoneOn: false },
      }
      const refused = await operations.takeOverStorage('sda1', wish, 'anna')
      assert.match(refused.kind === 'refused' ? refused.reason : '', /make room there first/)
      assert.deepEqual(asked, ['storage-open', 'storage-close'])
    } finally {
      await stores[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the recovery code', () => {
  let folder = ''
  let stores: Stores
  const clock = new JumpingClock(at('2026-11-29T03:10:00Z'))
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'inkpost-recovery-'))
    stores = await openStores({ dataDir: folder, profile: 'checkout', clock })
  })
  afterEach(async () => {
    await stores[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const operations = () =>
    backupOperations({
      dataDir: folder,
      settings: stores.settings,
      records: stores.records,
      clock,
      signal: new AbortController().signal,
      profile: 'checkout',
      presentSpool: async () => undefined,
      onStaged() {},
    })

  it('is confirmed by its last two groups, once', async () => {
    const { recoveryCode, confirmRecovery, backups } = operations()
    assert.equal((await backups()).recovery.kind, 'absent')
    const none = await confirmRecovery('ABCD-EFGH', 'anna')
    assert.match(none.kind === 'refused' ? none.reason : '', /no recovery code waits/)
    const made = await recoveryCode('anna')
    const code = made.kind === 'done' ? made.code : ''
    assert.equal((await backups()).recovery.kind, 'unconfirmed')
    const wrong = await confirmRecovery(code.slice(0, 9), 'anna')
    assert.deepEqual([wrong.kind, wrong.kind === 'refused' && wrong.isWrongInput], ['refused', true])
    assert.equal((await confirmRecovery(code.slice(-9).toLowerCase(), 'anna')).kind, 'done')
    assert.equal((await backups()).recovery.kind, 'confirmed')
    assert.equal((await confirmRecovery(code.slice(-9), 'anna')).kind, 'refused')
    assert.deepEqual(
      stores.settings.audit(9).map(({ what }) => what.join()),
      ['recovery code: confirmed', 'recovery code: a new one was made and shown'],
    )
  })

  it('that is new leaves the confirmed one in force until it is confirmed too', async () => {
    const first = await operations().recoveryCode('anna')
    const one = first.kind === 'done' ? first.code : ''
    await operations().confirmRecovery(one.slice(-9), 'anna')
    const second = await operations().recoveryCode('anna')
    const two = second.kind === 'done' ? second.code : ''
    for (const code of [one, two]) {
      const made = await operations().makeBackup({ withSpool: false, passphrase: undefined }, 'anna')
      assert.ok(made.kind === 'done')
      await openBackup(made.octets, code)
      await made.octets[Symbol.asyncIterator]().return?.()
    }
  })

  it('is needed where no passphrase is given', async () => {
    const made = await operations().makeBackup({ withSpool: false, passphrase: undefined }, 'anna')
    assert.match(made.kind === 'refused' ? made.reason : '', /no recovery code yet/)
  })
})
