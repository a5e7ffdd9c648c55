import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import Sqlite from 'better-sqlite3'
import { JumpingClock } from '../../../test/clock.ts'
import { backupFile } from '../../backup/backup-file.ts'
import type { RestoreWish } from '../../core/backup-operations.ts'
import type { OperatorSetup } from '../../core/setup.ts'
import { wallMs } from '../../core/time.ts'
import { openDatabase } from '../../platform/database.ts'
import { hashPassword } from '../../settings/password-hash.ts'
import { settingsMigrations } from '../../settings/settings-database.ts'
import { spoolMigrations } from '../../spool/schema.ts'
import { openStores } from '../boot.ts'
import { type PresentSpool, stageRestore } from './restoring.ts'
import { takeStagedRestore } from './staged-restore.ts'

const clock = new JumpingClock(wallMs(Date.parse('2026-11-29T12:00:00Z')))
const facts = {
  version: '0.1.0',
  box: 'branch-07',
  made: '2026-11-20T03:00:00.000Z',
  contents: ['settings'],
  octets: 1e6,
  audit: '',
}
const passphrase = 'correct horse battery'
const wish: RestoreWish = {
  secret: passphrase,
  isTrial: false,
  mayReplace: false,
  mayPutAsideMail: false,
  isWithoutSpool: false,
}

describe('restoring', () => {
  let folder = ''
  let source = ''
  let data = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'inkpost-restoring-'))
    source = join(folder, 'source')
    data = join(folder, 'data')
    mkdirSync(source)
    mkdirSync(data)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Settings as this release writes them, with what `text` says more. */
  async function settingsOf(text = ''): Promise<void> {
    const stores = await openStores({ dataDir: source, profile: 'checkout', clock })
    const done = stores.settings.apply(`schema = 1\n[gateway]\nname = "branch-07"\n${text}`, { who: 'x' })
    assert.equal(done.kind, 'applied', JSON.stringify(done))
    await stores[Symbol.asyncDispose]()
  }

  /** A file of what lies in `source`. */
  async function* file(
    names: readonly string[],
    more: Record<string, string> = {},
  ): AsyncGenerator<Uint8Array> {
    const texts = names.map((name) => ({ name, octets: readFileSync(join(source, name)) }))
    const others = Object.entries(more).map(([name, text]) => ({ name, octets: Buffer.from(text) }))
    yield* backupFile(
      facts,
      { passphrase },
      [...texts, ...others].map(({ name, octets }) => ({
        name,
        octets: octets.length,
        content: (async function* () {
          yield octets
        })(),
      })),
    )
  }

  const restore = (
    octets: AsyncIterable<Uint8Array>,
    {
      present,
      later = present,
      spare,
      operators,
      isStillAllowed,
      ...changed
    }: Partial<RestoreWish> & {
      present?: PresentSpool
      later?: PresentSpool
      spare?: () => number
      operators?: readonly OperatorSetup[]
      isStillAllowed?: () => Promise<boolean>
    } = {},
  ) => {
    const looks = [present]
    return stageRestore(octets, { ...wish, ...changed }, 'anna', {
      dataDir: data,
      profile: 'checkout',
      clock,
      presentSpool: async () => (looks.length > 0 ? looks.pop() : later),
      ...(spare && { spare }),
      ...(operators && { presentOperators: () => operators }),
      isStillAllowed,
    })
  }

  const refusalOf = (restored: Awaited<ReturnType<typeof restore>>): string => {
    assert.deepEqual(readdirSync(data), [], 'nothing is left behind')
    return restored.kind === 'refused' ? restored.reason : assert.fail('it was restored')
  }

  it('of an older schema brings it up to date', async () => {
    for (const [name, migrations] of [
      ['settings.db', settingsMigrations.slice(0, 1)],
      ['spool.db', spoolMigrations.slice(0, 3)],
    ] as const) {
      const opening = openDatabase(join(source, name), { migrations })
      assert.ok(opening.kind === 'open')
      if (name === 'settings.db')
        opening.database
          .prepare('INSERT INTO setup VALUES (1, ?, 7)')
          .run('{"schema":1,"gateway":{"name":"old"}}')
      opening.database.pragma('wal_checkpoint(TRUNCATE)')
      opening.database.close()
    }
    const restored = await restore(file(['settings.db', 'spool.db']))
    assert.ok(restored.kind === 'done', JSON.stringify(restored))
    assert.match(restored.restored.setup, /name = "old"/)
    takeStagedRestore(data)
    await using stores = await openStores({ dataDir: data, profile: 'checkout', clock })
    assert.equal(stores.settings.setup.gateway.name, 'old')
    assert.match(stores.settings.audit(1)[0]?.what.join() ?? '', /restored from the backup of branch-07/)
    assert.equal((await stores.spool.recover(clock.wall())).openDeliveries, 0)
  })

  it('says who may sign in again by it, who no more, and who as then', async () => {
    const [first, second] = [await hashPassword('correct horse'), await hashPassword('another horse')]
    const operator = (name: string, role: OperatorSetup['role'], passwordHash = first): OperatorSetup => ({
      name,
      role,
      passwordHash,
    })
    const rows = [operator('Anna', 'administrator'), operator('bert', 'viewer'), operator('carl', 'viewer')]
    const written = rows.map(
      ({ name, role, passwordHash }) =>
        `[[operator]]\nname = "${name}"\nrole = "${role}"\npassword_hash = "${passwordHash}"\n`,
    )
    await settingsOf(written.join(''))
    const present = [
      operator('anna', 'administrator'),
      operator('bert', 'viewer', second),
      operator('dora', 'technician'),
    ]
    const restored = await restore(file(['settings.db', 'vault.key']), { isTrial: true, operators: present })
    assert.deepEqual(restored.kind === 'done' && restored.restored.remarks, [
      'operators that may sign in again then: carl (viewer)',
      'operators that may not sign in any more then: dora (technician)',
      'operators with their password and role of then: bert (viewer)',
    ])
  })

  it('of somebody who was dismissed while it came is refused whole', async () => {
    await settingsOf()
    const octets = () => file(['settings.db', 'vault.key'])
    assert.match(
      refusalOf(await restore(octets(), { isStillAllowed: async () => false })),
      /not restore any more/,
    )
    assert.equal((await restore(octets(), { isStillAllowed: async () => true })).kind, 'done')
  })

  for (const name of ['settings.db', 'spool.db'])
    it(`of a newer ${name} is refused with a sentence`, async () => {
      await settingsOf()
      const database = new Sqlite(join(source, name))
      database.exec('UPDATE schema SET version = 1009, readable_from = 1007')
      database.pragma('wal_checkpoint(TRUNCATE)')
      database.close()
      const reason = refusalOf(await restore(file(['settings.db', 'vault.key', 'spool.db'])))
      assert.match(reason, /newer release.*needs a release that knows schema 1007/)
    })

  it('is refused where the settings are no database, or there are none', async () => {
    await settingsOf()
    const broken = file(['vault.key'], { 'settings.db': 'no database at all '.repeat(300) })
    assert.match(refusalOf(await restore(broken)), /settings in it can't be used/)
    assert.match(refusalOf(await restore(file(['vault.key']))), /no settings in this backup/)
  })

  it('says how to go on without the mail where that can not be used', async () => {
    await settingsOf()
    const broken = () => file(['settings.db', 'vault.key'], { 'spool.db': 'no database '.repeat(300) })
    assert.match(refusalOf(await restore(broken())), /with --without-spool/)
    assert.equal((await restore(broken(), { isWithoutSpool: true })).kind, 'done')
  })

  it('needs room, and says how much', async () => {
    await settingsOf()
    const reason = refusalOf(await restore(file(['settings.db']), { spare: () => 999_999 }))
    assert.match(reason, /needs .* on the disk of .* may be used: make room there first/)
  })

  it('puts no waiting mail aside without being told', async () => {
    await settingsOf()
    const files = ['settings.db', 'vault.key', 'spool.db']
    const present = { open: 3, lastNumber: 9, cameFrom: [] }
    assert.match(refusalOf(await restore(file(files), { present })), /3 deliveries wait on this box/)
    const asked = await restore(file(files), { present, mayReplace: true })
    assert.match(refusalOf(asked), /3 deliveries wait on this box.*--put-aside-mail/)
    const trial = await restore(file(files), { present, isTrial: true })
    assert.equal(trial.kind === 'done' && trial.restored.putAside, 3)
    assert.equal((await restore(file(files), { present, isWithoutSpool: true })).kind, 'done')
    const yes = await restore(file(files), { present, mayPutAsideMail: true })
    assert.deepEqual(yes.kind === 'done' && [yes.restored.isTaken, yes.restored.putAside], [true, 3])
    takeStagedRestore(data)
    await using stores = await openStores({ dataDir: data, profile: 'checkout', clock })
    assert.match(stores.settings.audit(1)[0]?.what.join() ?? '', /3 deliveries .* are put aside, not sent/)
  })

  it('nor mail that came while it was looked at', async () => {
    await settingsOf()
    const files = ['settings.db', 'vault.key', 'spool.db']
    const came = {
      present: { open: 0, lastNumber: 9, cameFrom: [] },
      later: { open: 1, lastNumber: 10, cameFrom: [] },
    }
    assert.match(refusalOf(await restore(file(files), came)), /1 delivery waits on this box/)
    assert.equal((await restore(file(files), { ...came, mayPutAsideMail: true })).kind, 'done')
  })

  it('as a trial stages nothing', async () => {
    await settingsOf()
    const trial = await restore(file(['settings.db', 'vault.key']), { isTrial: true })
    assert.equal(trial.kind === 'done' && trial.restored.isTaken, false)
    assert.deepEqual(readdirSync(data), [])
  })

  it('tells what needs a person', async () => {
    await settingsOf(
      `[[listener]]\nname = "office"\naddress = "192.0.2.77"\nport = 25\n[[upstream]]\nname = "hub"\nkind = "smarthost"\nhost = "hub.contoso.com"\nca_file = "/nowhere/ca.pem"\n`,
    )
    const restored = await restore(file(['settings.db']))
    const remarks = restored.kind === 'done' ? restored.restored.remarks : []
    assert.equal(remarks.length, 4)
    assert.match(remarks[0] ?? '', /key of the vault is not in it/)
    assert.match(remarks[1] ?? '', /upstream "hub": ca_file: \/nowhere\/ca\.pem is not on this box/)
    assert.match(remarks[2] ?? '', /listener "office": 192\.0\.2\.77 is not an address of this box/)
    assert.equal(remarks[3], 'nobody is an operator then')
  })

  it('leaves a file alone that a later release put in', async () => {
    await settingsOf()
    const restored = await restore(
      file(['settings.db', 'vault.key'], { '../../escaped': 'x', 'photo.png': 'x' }),
    )
    assert.equal(restored.kind, 'done')
    assert.deepEqual(readdirSync(join(data, 'restore.staged')).sort(), ['settings.db', 'vault.key'])
    assert.equal(existsSync(join(folder, 'escaped')), false)
  })

  it('signs nobody in who was signed in then', async () => {
    await settingsOf()
    const database = new Sqlite(join(source, 'settings.db'))
    database.exec(`INSERT INTO console_session (hash, operator, left_ms, started_at, address)
      VALUES ('h', 'anna', 1000, 0, '192.168.7.5')`)
    database.exec(`INSERT INTO api_token (id, hash, name, role, maker, made_at, ends_at)
      VALUES ('t', 'h', 'leaked', 'administrator', NULL, 0, 9e12)`)
    database.pragma('wal_checkpoint(TRUNCATE)')
    database.close()
    await restore(file(['settings.db', 'vault.key']))
    const staged = new Sqlite(join(data, 'restore.staged', 'settings.db'))
    assert.equal(staged.prepare('SELECT count(*) FROM console_session').pluck().get(), 0)
    assert.equal(staged.prepare('SELECT count(*) FROM api_token').pluck().get(), 0)
    staged.close()
  })

  it('goes over what an earlier one left staged', async () => {
    await settingsOf()
    mkdirSync(join(data, 'restore.staged'))
    writeFileSync(join(data, 'restore.staged', 'spool.db'), 'of an earlier one')
    await restore(file(['settings.db', 'vault.key']))
    assert.deepEqual(readdirSync(join(data, 'restore.staged')).sort(), ['settings.db', 'vault.key'])
  })
})
