import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import Database from 'better-sqlite3'
import { wallMs } from '../core/time.ts'
import { exampleDevice } from './embedded.ts'
import { openSettings, type SettingsOptions } from './open-settings.ts'
import { parseDocument } from './parse.ts'
import { problemText } from './problem.ts'
import { devicePassword } from './secret-slots.ts'

const document = `# The password is 1234.
[[device]]
name = "Scanner"
username = "scan1"
password = "1234"

[[operator]]
name = "anna"
password_hash = "scrypt$16384$8$1$${'A'.repeat(22)}$${'B'.repeat(43)}"

[[upstream]]
name = "outbox"
kind = "outbox"
`

describe('first start', () => {
  let folder = ''
  let file = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'first-'))
    file = join(folder, 'inkpost.toml')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const data = (): string => join(folder, 'data')
  const start = async (options: Partial<SettingsOptions> = {}) => {
    const opening = await openSettings(data(), { profile: 'checkout', now: () => wallMs(1e12), ...options })
    assert.equal(opening.kind, 'open')
    const { settings, firstStart } = opening
    const result = { firstStart, export: settings.export(), audit: settings.audit(9), setup: settings.setup }
    const secret = settings.open(devicePassword('Scanner'))
    const example = settings.open(devicePassword(exampleDevice))
    settings[Symbol.dispose]()
    return { ...result, secret, example }
  }

  it('makes a private data directory', async () => {
    await start()
    assert.equal(statSync(data()).mode & 0o777, 0o700)
    assert.equal(statSync(join(data(), 'vault.key')).mode & 0o777, 0o600)
  })

  it('applies the document once and takes its secrets and comments out of the file', async () => {
    writeFileSync(file, document)
    const first = await start({ firstSetup: file, isEmbedded: true })
    assert.deepEqual(first.firstStart, { kind: 'applied', file, erasure: '' })
    assert.deepEqual(first.secret, { kind: 'open', value: '1234' })
    assert.equal(first.audit[0]?.who, 'first start')
    const erased = readFileSync(file, 'utf8')
    assert.doesNotMatch(erased, /1234|scrypt/)
    assert.equal(parseDocument(erased).kind, 'parsed')
    assert.ok(erased.endsWith(first.export), erased)

    writeFileSync(file, document.replace('Scanner', 'Other'))
    const second = await start({ firstSetup: file })
    assert.deepEqual(second.firstStart, { kind: 'nothing' })
    assert.equal(second.export, first.export)
    assert.match(readFileSync(file, 'utf8'), /1234/)
  })

  it('erases at the next start what a power cut left', async () => {
    writeFileSync(file, document)
    await start({ firstSetup: file })
    writeFileSync(file, document)
    const database = new Database(join(data(), 'settings.db'))
    database.prepare("UPDATE fact SET value = ? WHERE name = 'first-setup'").run(Buffer.from('applied'))
    database.close()
    assert.deepEqual((await start({ firstSetup: file })).firstStart, { kind: 'applied', file, erasure: '' })
    assert.doesNotMatch(readFileSync(file, 'utf8'), /1234/)
  })

  it('erases the very document that it applied wherever it comes back, and leaves one without secrets alone', async () => {
    writeFileSync(file, document)
    await start({ firstSetup: file })
    writeFileSync(file, document)
    assert.deepEqual((await start({ firstSetup: file })).firstStart, { kind: 'applied', file, erasure: '' })
    assert.doesNotMatch(readFileSync(file, 'utf8'), /1234/)
    assert.deepEqual((await start({ firstSetup: file })).firstStart, { kind: 'nothing' })
  })

  it('keeps the mode of the file', async () => {
    writeFileSync(file, document)
    chmodSync(file, 0o640)
    await start({ firstSetup: file })
    assert.equal(statSync(file).mode & 0o777, 0o640)
  })

  it('tells problems, leaves the file, and tries again at the next start', async () => {
    writeFileSync(file, '[[device]]\nname = "A"\npassword = "1234"\ncolour = "red"')
    const { firstStart } = await start({ firstSetup: file, isEmbedded: true })
    assert.equal(firstStart.kind, 'problems')
    assert.deepEqual(firstStart.problems.map(problemText), ['device 1 "A": colour: unknown key'])
    assert.match(readFileSync(file, 'utf8'), /1234/)
    writeFileSync(file, document)
    assert.equal((await start({ firstSetup: file })).firstStart.kind, 'applied')
  })

  it('names a document that is not there, until one was applied', async () => {
    assert.deepEqual((await start({ firstSetup: file, isEmbedded: true })).firstStart, {
      kind: 'absent',
      file,
    })
    writeFileSync(file, document)
    assert.equal((await start({ firstSetup: file })).firstStart.kind, 'applied')
    rmSync(file)
    assert.deepEqual((await start({ firstSetup: file })).firstStart, { kind: 'nothing' })
  })

  it('starts without a document where none is named', async () => {
    assert.deepEqual((await start()).firstStart, { kind: 'nothing' })
  })

  it('starts a checkout with an outbox and one example device for this machine', async () => {
    const { firstStart, setup, example } = await start({ isEmbedded: true })
    assert.deepEqual(firstStart, { kind: 'embedded' })
    assert.deepEqual(
      setup.listeners.map(({ address, port, security, tls }) => [address, port, security, tls]),
      [
        ['127.0.0.1', 2525, 'starttls', 'legacy'],
        ['127.0.0.1', 2587, 'starttls', 'legacy'],
        ['127.0.0.1', 2465, 'implicit', 'legacy'],
      ],
    )
    assert.deepEqual(
      setup.upstreams.map(({ name, kind }) => [name, kind]),
      [['outbox', 'outbox']],
    )
    assert.equal(setup.devices.length, 1)
    assert.match(setup.devices[0]?.username ?? '', /^[a-hjkmnp-z][a-hjkmnp-z2-9]{3,7}$/)
    assert.match(example.kind === 'open' ? example.value : '', /^\d{12}$/)
    assert.deepEqual((await start({ isEmbedded: true })).firstStart, { kind: 'nothing' })
  })
})
