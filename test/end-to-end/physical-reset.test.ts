// A reset by a file beside the first setup document, or by a command at the box, with a real gateway.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { openBackup } from '../../src/backup/backup-file.ts'
import { day, wallMs } from '../../src/core/time.ts'
import { openOffline } from '../../src/gateway.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'

const setup = () => `schema = 1
[gateway]
postmaster = "it@contoso.com"
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[device]]
name = "Desk"
username = "desk"
password = "first password"
[[upstream]]
name = "box"
kind = "outbox"
`
const password = 'a long enough one'
const clock = () => new RunningClock(wallMs(Date.now()))
const start = (folder: string, text: string, at = clock()) =>
  GatewayInProcess.start(folder, text, { clock: at })
const alertOf = async (box: GatewayInProcess, key: string) =>
  (await box.operations.status()).alerts.find((alert) => alert.key === key)
const resets = async (box: GatewayInProcess) =>
  (await box.operations.audit(50)).filter(({ what }) => what.startsWith('reset by'))
const letters = async (box: GatewayInProcess) =>
  (await box.operations.queue({ all: true, limit: 50 })).filter(({ subject }) =>
    subject.endsWith(' was reset'),
  )

/** A claimed box with a mail in its spool. */
async function lived(folder: string, text: string): Promise<string> {
  await using box = await start(folder, text)
  assert.equal((await box.operations.addOperator('anna', 'administrator', password, 'a test')).kind, 'done')
  const { id } = await box.send({ to: ['bert@contoso.com'] })
  await box.messageIs(id, 'accepted')
  return id
}

/** A gateway that is killed as soon as `isTime`. */
async function endWhen(folder: string, isTime: () => boolean): Promise<void> {
  const environment = { ...process.env, INKPOST_SETUP: join(folder, 'setup.toml') }
  const child = spawn(
    resolve(import.meta.dirname, '../../inkpost'),
    ['serve', '--data', join(folder, 'data')],
    {
      env: environment,
      stdio: 'ignore',
    },
  )
  const ended = once(child, 'exit')
  while (!isTime()) {
    assert.equal(child.exitCode, null, 'it ended by itself')
    await new Promise((next) => setImmediate(next))
  }
  child.kill('SIGKILL')
  await ended
}

interface Told {
  readonly status: number
  readonly text: string
}

/** Asks the console as a browser does. */
class Visitor {
  readonly #url: string
  #cookie = ''
  #proof = ''
  constructor(url: string) {
    this.#url = url
  }
  async ask(method: string, path: string, body?: object): Promise<Told> {
    return this.#taken(await this.#fetch(method, path, body))
  }

  async download(path: string, body: object): Promise<Buffer> {
    const answer = await this.#fetch('POST', path, body)
    assert.equal(answer.status, 200)
    return Buffer.from(await answer.arrayBuffer())
  }

  #fetch(method: string, path: string, body?: object): Promise<Response> {
    return fetch(new URL(`/api/v1${path}`, this.#url), {
      method,
      headers: {
        'content-type': 'application/json',
        'inkpost-proof': this.#proof,
        ...(this.#cookie && { cookie: this.#cookie }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
  }

  async #taken(answer: Response): Promise<Told> {
    const [cookie] = answer.headers.getSetCookie()
    if (cookie) this.#cookie = cookie.slice(0, cookie.indexOf(';'))
    const text = await answer.text()
    this.#proof = /"proof":"([^"]+)"/.exec(text)?.[1] ?? this.#proof
    return { status: answer.status, text }
  }
}

/** What is in a backup, by name. */
async function filesOf(octets: Buffer) {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield octets
  }
  const { header, entries } = await openBackup(pieces(), password)
  const files = new Map<string, Buffer>()
  for await (const { name, content } of entries)
    files.set(name, Buffer.concat(await Array.fromAsync(content)))
  return { header, files }
}

describe('a reset by a file', { timeout: 120_000 }, () => {
  it('ends who could sign in, once, is told, and shows who claims the box nothing from before', async () => {
    using folder = temporaryFolder()
    const old = await lived(folder.path, setup())
    const file = join(folder.path, 'inkpost-reset')
    writeFileSync(file, '')
    {
      await using box = await start(folder.path, setup())
      assert.ok(!existsSync(file))
      assert.deepEqual(await box.operations.operators(), [])
      const [entry] = await resets(box)
      assert.equal(entry?.weakens, true)
      assert.match((await alertOf(box, 'physical-reset'))?.sentence ?? '', /by the file inkpost-reset/)
      assert.deepEqual(
        (await letters(box)).map(({ address }) => address),
        ['it@contoso.com'],
      )

      const visitor = new Visitor(box.console)
      assert.equal((await visitor.ask('POST', '/session', { name: 'anna', password })).status, 403)
      const { code } = await box.operations.claim()
      const claimed = await visitor.ask('POST', '/claim', { code, name: 'carl', password })
      assert.equal(claimed.status, 200, claimed.text)
      assert.match((await visitor.ask('GET', `/messages/${old}/content`)).text, /from before the reset/)
      assert.equal((await visitor.ask('GET', `/messages/${old}/content`)).status, 403)
      const { id } = await box.send({ to: ['bert@contoso.com'], text: 'a new one' })
      assert.match((await visitor.ask('GET', `/messages/${id}/content`)).text, /a new one/)
      for (const path of ['/recovery-code', '/recovery-code/confirm', '/restore'])
        assert.equal((await visitor.ask('POST', path, {})).status, 403, path)
      const wish = { passphrase: password, withSpool: true }
      assert.match((await visitor.ask('POST', '/backups', wish)).text, /made by a command on the box itself/)
      assert.match((await visitor.ask('GET', '/backups')).text, /"isAfterReset":true/)
      const { header, files } = await filesOf(
        await visitor.download('/backups', { ...wish, withSpool: false }),
      )
      assert.deepEqual([...files.keys()], ['settings.db'], 'neither mail nor the key of what is sealed')
      assert.ok(header.contents.includes('secrets and certificates without their key'))
      const settings = files.get('settings.db')?.toString('latin1') ?? ''
      assert.ok(settings.includes('"Desk"') && !settings.includes('first password'))
      const card = await visitor.ask('GET', '/devices/Desk/card')
      assert.equal(card.status, 200)
      assert.ok(!card.text.includes('first password'), card.text)
      assert.match(card.text, /from before the reset/)
      const minted = JSON.parse((await visitor.ask('POST', '/devices/Desk/rotate', { strong: false })).text)
      assert.equal(typeof minted.password, 'string')
      assert.ok(await box.operations.content(old), 'who is on the box itself reads it')
    }
    await using box = await start(folder.path, setup())
    assert.deepEqual(
      (await box.operations.operators()).map(({ name }) => name),
      ['carl'],
    )
    assert.equal((await resets(box)).length, 1)
    assert.equal((await letters(box)).length, 1)
    assert.ok(await alertOf(box, 'physical-reset'))
  })

  it('is shown for 30 days', async () => {
    using folder = temporaryFolder()
    await lived(folder.path, setup())
    writeFileSync(join(folder.path, 'inkpost-reset'), '')
    await (await start(folder.path, setup()))[Symbol.asyncDispose]()
    const later = (days: number) =>
      start(folder.path, setup(), new RunningClock(wallMs(Date.now() + days * day)))
    {
      await using box = await later(29)
      assert.ok(await alertOf(box, 'physical-reset'))
    }
    await using box = await later(31)
    assert.equal(await alertOf(box, 'physical-reset'), undefined)
  })

  it('that can not be removed resets nothing, at any start, and an alert says so until it is gone', async () => {
    using folder = temporaryFolder()
    await lived(folder.path, setup())
    mkdirSync(join(folder.path, 'inkpost-reset', 'inside'), { recursive: true })
    for (const _ of [1, 2]) {
      await using box = await start(folder.path, setup())
      assert.match(
        (await alertOf(box, 'physical-reset-refused'))?.sentence ?? '',
        /nothing was reset: it can't/,
      )
      assert.equal((await box.operations.operators()).length, 1)
      assert.deepEqual([await resets(box), await letters(box)], [[], []])
    }
    rmSync(join(folder.path, 'inkpost-reset'), { recursive: true })
    await using box = await start(folder.path, setup())
    assert.equal(await alertOf(box, 'physical-reset-refused'), undefined)
  })

  it('is refused where physical_reset is off; the file goes, so that it does nothing later', async () => {
    using folder = temporaryFolder()
    const text = setup().replace('[console]', '[console]\nphysical_reset = false')
    await lived(folder.path, text)
    writeFileSync(join(folder.path, 'inkpost-reset.txt'), '')
    await using box = await start(folder.path, text)
    assert.ok(!existsSync(join(folder.path, 'inkpost-reset.txt')))
    assert.match((await alertOf(box, 'physical-reset-refused'))?.sentence ?? '', /physical_reset is off/)
    assert.equal((await box.operations.operators()).length, 1)
    assert.match((await box.operations.audit(1))[0]?.what ?? '', /nothing was reset: physical_reset is off/)
    assert.equal((await box.operations.resetBox('a test')).kind, 'refused')
  })

  it('that a crash follows leaves the old box or the reset one, and the audit says which', async () => {
    using folder = temporaryFolder()
    const text = setup()
    await lived(folder.path, text)
    for (let round = 0; round < 3; round++) {
      const file = join(folder.path, 'inkpost-reset')
      writeFileSync(file, '')
      await endWhen(folder.path, () => !existsSync(file))
      await using offline = await openOffline(join(folder.path, 'data'), { clock: clock() })
      const isReset = (await offline.audit(1))[0]?.what.startsWith('reset by') === true
      assert.equal((await offline.operators()).length, isReset ? 0 : 1)
      assert.equal((await offline.claim()).isClaimed, !isReset)
      if (isReset) await offline.addOperator('anna', 'administrator', password, 'a test')
    }
  })

  it('told twice rather than never: a box that ended before its letter writes it at the next start', async () => {
    using folder = temporaryFolder()
    await lived(folder.path, setup())
    {
      await using offline = await openOffline(join(folder.path, 'data'), { clock: clock() })
      assert.equal((await offline.resetBox('a test')).kind, 'done')
      assert.deepEqual(await offline.operators(), [])
    }
    await using box = await start(folder.path, setup())
    assert.equal((await letters(box)).length, 1)
    assert.match((await alertOf(box, 'physical-reset'))?.sentence ?? '', /by a command at the box/)
  })
})

describe('claim --reset', { timeout: 120_000 }, () => {
  it('at a running gateway prints the code, opens the house anew, and goes on taking mail', async () => {
    using folder = temporaryFolder()
    await using gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup: setup() })
    const { token } = gateway.ask('token', 'add', 'script', '--role', 'administrator') as { token: string }
    const done = gateway.run('claim', '--reset')
    assert.equal(done.code, 0, done.stderr)
    assert.match(done.stdout, /^\S{8,}\n$/)
    await until('it runs anew', () => gateway.log.some((line) => line.includes('reset-letter-written')))
    assert.equal(gateway.run('claim').stdout, done.stdout)
    assert.deepEqual(gateway.ask('token', 'list'), [])
    assert.ok(token)
  })
})

describe('a factory reset by a file', () => {
  const file = (folder: string) => join(folder, 'inkpost-factory-reset')

  it('empties the box, once, and begins with the document that lies beside it', async () => {
    using folder = temporaryFolder()
    await lived(folder.path, setup())
    const key = readFileSync(join(folder.path, 'data/vault.key'), 'utf8')
    writeFileSync(file(folder.path), '')
    {
      await using box = await start(folder.path, setup().replace('Scanner', 'Other scanner'))
      assert.deepEqual(
        (await box.operations.devices()).map(({ name }) => name),
        ['Other scanner', 'Desk'],
      )
      assert.deepEqual(await box.operations.operators(), [])
      assert.deepEqual(await box.operations.queue({ all: true, limit: 50 }), [])
      assert.ok(!existsSync(file(folder.path)))
      assert.notEqual(readFileSync(join(folder.path, 'data/vault.key'), 'utf8'), key)
      assert.equal(box.log.filter((line) => line.includes('"box-erased"')).length, 1)
      await box.operations.addDevice(
        {
          name: 'Third',
          addresses: ['127.0.0.2'],
          sender: undefined,
          owner: undefined,
          allowedRecipients: [],
          strong: false,
          passwordless: true,
        },
        'a test',
      )
    }
    // The document of before was applied, so it says nothing any more: the next box has nothing of it.
    writeFileSync(file(folder.path), '')
    const written = readFileSync(join(folder.path, 'setup.toml'), 'utf8')
    assert.match(written, /^# Applied by inkpost/)
    await using empty = await start(folder.path, `${written}\nschema = 1\n${testListeners}`)
    assert.deepEqual(await empty.operations.devices(), [])
  })

  it('is refused where physical_reset is off, and says so', async () => {
    using folder = temporaryFolder()
    const off = setup().replace('[console]', '[console]\nphysical_reset = false')
    const id = await lived(folder.path, off)
    writeFileSync(file(folder.path), '')
    await using box = await start(folder.path, off)
    assert.equal((await box.message(id)).id, id)
    assert.match(
      (await alertOf(box, 'physical-reset-refused'))?.sentence ?? '',
      /nothing was done: physical_reset is off/,
    )
    assert.ok(!existsSync(file(folder.path)))
  })
})
