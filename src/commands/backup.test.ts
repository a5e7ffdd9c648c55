import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { serveControl } from '../console/control-socket.ts'
import type { OpenServer } from '../console/http-server.ts'
import type { Operations } from '../core/operations.ts'
import { type Asked, exampleNow, exampleRestored, operationsDouble } from './operations-double.fixture.ts'
import { runCommandLine } from './program.ts'
import { gatewayModule, startRefused, testWorld } from './test-world.fixture.ts'

let data: string
let place: string
let server: OpenServer
let asked: Asked[]
const answers: Partial<Operations> = {}
const passphrase = { environment: { INKPOST_PASSPHRASE: 'correct horse battery' } }

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'inkpost-backup-command-'))
  const double = operationsDouble()
  asked = double.asked
  const operations = new Proxy(double.operations, {
    get: (target, name) => Reflect.get(name in answers ? answers : target, name),
  })
  const opening = await serveControl({ path: join(data, 'control.sock'), operations, log: { write() {} } })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  server = opening
})
after(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(data, { recursive: true })
})
beforeEach(() => {
  asked.length = 0
  for (const name of Object.keys(answers)) Reflect.deleteProperty(answers, name)
  place = mkdtempSync(join(tmpdir(), 'inkpost-backup-'))
})
afterEach(() => rmSync(place, { recursive: true }))

async function run(line: readonly string[], world = testWorld(), folder = data) {
  const status = await runCommandLine(['--data', folder, ...line], world)
  return { status, ...world.written }
}

describe('backup', () => {
  it('writes the file for this user alone, with the passphrase of the environment', async () => {
    const file = join(place, 'x')
    const { status, out } = await run(['backup', file, '--with-spool'], testWorld(passphrase))
    assert.equal(status, 0)
    assert.match(out, /x is written, 8 bytes\. Nobody opens it/)
    assert.equal(readFileSync(file, 'utf8'), 'a backup')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(asked, [
      ['makeBackup', { withSpool: true, passphrase: 'correct horse battery' }, 'a test'],
    ])
  })

  it('takes it from stdin too, and none for the recovery code', async () => {
    await run(['backup', join(place, 'x')], testWorld({ typed: 'from stdin\n' }))
    await run(['backup', join(place, 'x'), '--recovery-code'])
    assert.deepEqual(
      asked.map(([, wish]) => wish),
      [
        { withSpool: false, passphrase: 'from stdin' },
        { withSpool: false, passphrase: undefined },
      ],
    )
  })

  it('asks for a passphrase', async () => {
    const { status, err } = await run(['backup', join(place, 'x')])
    assert.equal(status, 2)
    assert.match(err, /no passphrase was given: stdin, INKPOST_PASSPHRASE, or a terminal/)
  })

  it('writes to stdout', async () => {
    assert.equal((await run(['backup', '-'], testWorld(passphrase))).out, 'a backup')
  })

  it('leaves the older file where it breaks off, and nothing beside it', async () => {
    const file = join(place, 'x')
    writeFileSync(file, 'the older one')
    answers.makeBackup = async () => ({
      kind: 'done',
      name: 'x',
      octets: (async function* () {
        yield Buffer.from('half')
        throw new Error('the disk broke')
      })(),
    })
    const { status } = await run(['backup', file], testWorld(passphrase))
    assert.equal(status, 1)
    assert.equal(readFileSync(file, 'utf8'), 'the older one')
    assert.equal(existsSync(`${file}.part`), false)
  })

  it('says why it can not write, and what the box refuses', async () => {
    const nowhere = await run(['backup', join(place, 'no', 'x')], testWorld(passphrase))
    assert.equal(nowhere.status, 1)
    assert.match(nowhere.err, /could not be written: ENOENT/)
    answers.makeBackup = async () => ({ kind: 'refused', reason: 'too short', isWrongInput: true })
    assert.deepEqual(await run(['backup', join(place, 'x')], testWorld(passphrase)), {
      status: 2,
      out: '',
      err: 'inkpost: too short\n',
    })
  })
})

describe('restore', () => {
  const file = (): string => {
    writeFileSync(join(place, 'x'), 'a backup')
    return join(place, 'x')
  }

  it('hands the file to a running gateway, and says what becomes of it', async () => {
    answers.restore = async (octets, wish, who) => {
      asked.push(['restore', Buffer.concat(await Array.fromAsync(octets)).toString(), wish, who])
      return { kind: 'done', restored: { ...exampleRestored, isTaken: true, held: 2, putAside: 3 } }
    }
    const { status, out } = await run(['restore', file(), '--yes', '--put-aside-mail'], testWorld(passphrase))
    assert.equal(status, 0)
    const wish = {
      secret: 'correct horse battery',
      isTrial: false,
      mayReplace: true,
      mayPutAsideMail: true,
      isWithoutSpool: false,
    }
    assert.deepEqual(asked, [['restore', 'a backup', wish, 'a test']])
    assert.match(out, /^Backup of branch-07, made .* by inkpost 0\.1\.0: settings, secrets, certificates\.$/m)
    assert.match(out, /^The gateway starts anew with it now\.$/m)
    assert.match(out, /^2 deliveries are held/m)
    assert.match(out, /^3 deliveries that waited on this box lie there, unsent\.$/m)
  })

  it('shows the setup as it would be', async () => {
    const { out } = await run(['restore', file(), '--dry-run', '--without-spool'], testWorld(passphrase))
    assert.match(out, /Nothing was changed\. The setup would be:\n\nschema = 1\n/)
    assert.deepEqual(asked[0]?.[2], {
      secret: 'correct horse battery',
      isTrial: true,
      mayReplace: false,
      mayPutAsideMail: false,
      isWithoutSpool: true,
    })
  })

  it('opens no database where no gateway runs', async () => {
    const folder = join(place, 'data')
    const module = gatewayModule({
      restoreBox: async () => ({ kind: 'done', restored: { ...exampleRestored, isTaken: true } }),
    })
    const world = testWorld({ ...passphrase, loadGateway: async () => module })
    const { status, out } = await run(['restore', file()], world, folder)
    assert.equal(status, 0)
    assert.match(out, /^It is in place\.$/m)
    assert.match(out, /What was there before is in .*replaced: remove it/)
    const held = gatewayModule({
      restoreBox: () => Promise.reject(startRefused('another gateway is running')),
    })
    const refused = await run(
      ['restore', file()],
      testWorld({ ...passphrase, loadGateway: async () => held }),
      folder,
    )
    assert.deepEqual([refused.status, refused.err], [1, 'inkpost: another gateway is running\n'])
  })

  it('says what it can not read', async () => {
    const { status, err } = await run(['restore', join(place, 'none')], testWorld(passphrase))
    assert.equal(status, 1)
    assert.match(err, /none can't be read: ENOENT/)
  })
})

describe('take-over', () => {
  const octets = (async function* () {
    yield Buffer.from('an old box')
  })()
  const module = gatewayModule({
    oldBoxInFolder: async (folder, dataDir) => {
      asked.push(['oldBoxInFolder', folder, dataDir])
      return folder === '/mnt' ? { kind: 'done', octets } : { kind: 'refused', reason: 'there is nothing' }
    },
  })
  const world = () => testWorld({ loadGateway: async () => module })

  it('hands what lies in a folder to the box, and says what becomes of it', async () => {
    answers.restore = async (_octets, wish) => {
      asked.push(['restore', wish])
      return {
        kind: 'done',
        restored: { ...exampleRestored, version: '', isTaken: true, held: 1, goingOn: 2 },
      }
    }
    const { status, out } = await run(['take-over', '/mnt', '--yes', '--hold-all'], world())
    assert.equal(status, 0)
    assert.equal(asked[0]?.[1], '/mnt')
    assert.deepEqual(asked[1]?.[1], {
      secret: '',
      isTrial: false,
      mayReplace: true,
      mayPutAsideMail: false,
      isWithoutSpool: false,
      oldBox: { mayHaveGoneOn: true },
    })
    assert.match(out, /^Data of branch-07, last written .*: settings, secrets, certificates\.$/m)
    assert.match(out, /^2 deliveries that nobody began to send go on\.$/m)
  })

  it('says why there is nothing to take', async () => {
    const { status, err } = await run(['take-over', '/none'], world())
    assert.deepEqual([status, err], [1, 'inkpost: there is nothing\n'])
  })
})

describe('recovery', () => {
  it('shows the new code once, and takes its last groups', async () => {
    assert.match((await run(['recovery', 'new'])).out, /^ABCD-EFGH-JKMN-PQRS-TVWX-YZ12\n/)
    assert.match((await run(['recovery', 'confirm', 'TVWXYZ12'])).out, /^Confirmed\./)
    assert.equal((await run(['recovery', 'confirm', 'wrong'])).status, 2)
  })

  for (const [kind, says] of [
    ['absent', /There is no recovery code/],
    ['unconfirmed', /is not confirmed/],
    ['confirmed', /is confirmed/],
  ] as const)
    it(`says that it is ${kind}`, async () => {
      const double = operationsDouble().operations
      const view = await double.backups()
      answers.backups = async () => ({
        ...view,
        recovery: kind === 'absent' ? { kind } : { kind, since: view.lastCopy?.at ?? assert.fail() },
        lastCopy: view.lastCopy && { ...view.lastCopy, trouble: 'no room' },
      })
      const { out } = await run(['recovery', 'status'])
      assert.match(out, says)
      assert.match(out, /failed: no room/)
      assert.match(out, /nightly-2026-11-21\.inkpost-backup/)
    })
})

describe('audit', () => {
  it('is a table, and a sheet with before and after', async () => {
    assert.match((await run(['audit'])).out, /^7 +.* anna +device "Front desk" is new$/m)
    const { out } = await run(['audit', '--csv', '--who', 'anna', '--weakens'])
    assert.match(out, /^id,at,who,place,what,before,after,weakens\r\n7,2026-11-21T/)
    assert.match(out, /"\{""name"":""Front desk""\}"/)
    assert.deepEqual(asked.at(-1), ['audit', 500, { who: 'anna', weakens: true, ...absent }])
  })

  it('is read page by page for a sheet', async () => {
    const [entry] = await operationsDouble().operations.audit(1)
    assert.ok(entry)
    const cursors: (number | undefined)[] = []
    answers.audit = async (limit, filter) => {
      cursors.push(filter?.before)
      const left = filter?.before === undefined ? limit : 3
      return Array.from({ length: left }, (_, n) => ({ ...entry, id: 1000 - n }))
    }
    const { out } = await run(['audit', '--csv'])
    assert.equal(out.split('\r\n').length, 1 + 500 + 3 + 1)
    assert.deepEqual(cursors, [undefined, 501])
  })

  it('says whether it is intact, by a head from elsewhere too', async () => {
    const { out } = await run(['audit', '--verify'])
    assert.match(out, /^Intact: 7 entries since .*\n.*1 head .*7:abab/)
    await run(['audit', '--head', `3:${'cd'.repeat(32)}`])
    assert.deepEqual(asked.at(-1), [
      'verifyAudit',
      [{ id: 3, hash: 'cd'.repeat(32), source: 'what was given' }],
    ])
    assert.equal((await run(['audit', '--head', '3:xyz'])).status, 2)
    answers.verifyAudit = async () => ({ kind: 'broken', id: 3, sentence: 'entry 3 was changed' })
    const broken = await run(['audit', '--verify'])
    assert.deepEqual(
      [broken.status, broken.err],
      [1, 'inkpost: the audit is not what it was: entry 3 was changed\n'],
    )
  })
})

/** As the route hands over what was not asked for. */
const absent = { before: undefined, text: undefined, since: undefined, until: undefined }

describe('identity', () => {
  it('says whether this box sends, and lets it', async () => {
    assert.match((await run(['identity', 'status'])).out, /^Generation 1, since .*\n.*This box sends\.$/m)
    answers.identity = async () => ({
      generation: 0,
      since: exampleNow,
      stoodDown: { since: exampleNow, reason: 'a newer box is in the LAN' },
      isLocked: true,
    })
    const { out } = await run(['identity', 'status'])
    assert.match(out, /^The vault is locked/m)
    assert.match(out, /^Nothing is sent since .*: a newer box is in the LAN\..*identity keep/m)
    assert.match((await run(['identity', 'keep'])).out, /^This box sends\./)
    answers.keepIdentity = async () => ({ kind: 'refused', reason: 'this box sends' })
    assert.deepEqual((await run(['identity', 'keep'])).err, 'inkpost: this box sends\n')
  })
})

describe('backup-target', () => {
  it('lists where copies go, and tests one', async () => {
    const { out } = await run(['backup-target', 'list'])
    assert.match(out, /^nas +\/\/nas\/backups +/m)
    assert.match(out, /^cloud .* never +it answered 403/m)
    assert.match((await run(['backup-target', 'test', 'nas'])).out, /^nas: a file was put there/)
    const { status, err } = await run(['backup-target', 'test', 'cloud'])
    assert.deepEqual([status, err], [1, 'inkpost: cloud: it answered 403\n'])
    answers.backupTargets = async () => []
    assert.match((await run(['backup-target', 'list'])).out, /There is none/)
  })
})

describe('backup-target stick', () => {
  it('has copies go to a stick and lists those that are there, or has them go to none', async () => {
    const on = await run(['backup-target', 'stick'])
    assert.match(on.out, /goes to the stick in the box\.\nsdb1 Stick: vfat, 16000 MB\n/)
    const off = await run(['backup-target', 'stick', '--remove'])
    assert.equal(off.out, 'Copies go to no stick any more.\n')
    assert.deepEqual(
      asked.filter(([name]) => name === 'useStick'),
      [
        ['useStick', true, 'a test'],
        ['useStick', false, 'a test'],
      ],
    )
    answers.sticks = async () => ({ kind: 'refused', reason: 'this machine has no service' })
    const { status, err } = await run(['backup-target', 'stick'])
    assert.equal(status, 1)
    assert.match(err, /no service/)
  })
})
