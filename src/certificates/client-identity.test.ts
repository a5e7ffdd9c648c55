import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { day, wallMs } from '../core/time.ts'
import { ClientIdentities } from './client-identity.ts'
import { memoryStore } from './key-store.fixture.ts'
import type { KeyStore } from './key-store.ts'

const now = wallMs(Date.UTC(2026, 10, 21))
const order = { upstream: 'acs', hostname: 'branch-07.contoso.com', certificateFile: '' }

describe('client identity', () => {
  let folder = ''
  const store = memoryStore()
  const identities = new ClientIdentities(store, new JumpingClock(now))
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'identity-'))
    await identities.prepare(order)
  })
  after(() => rmSync(folder, { recursive: true }))

  const opened = () => {
    const identity = identities.open('acs')
    assert.equal(identity.kind, 'open')
    return identity
  }
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const detail = async (certificateFile: string): Promise<string> => {
    const identity = await identities.prepare({ ...order, upstream: 'given', certificateFile })
    return identity.kind === 'unavailable' ? identity.detail : 'open'
  }

  it('is a self-signed certificate for two years that OpenSSL verifies', () => {
    const pem = file('own.pem', opened().certificatePem)
    const run = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8' })
    assert.match(run('verify', '-CAfile', pem, '-purpose', 'sslclient', pem), /OK/)
    assert.match(run('x509', '-noout', '-text', '-in', pem), /CN ?= ?inkpost branch-07\.contoso\.com acs/)
    assert.equal(new X509Certificate(opened().certificatePem).validToDate.getTime(), now + 730 * day)
  })

  it('shows thumbprints and the public part for upload, never the key', () => {
    const shown = identities.describe('acs')
    const pem = file('own.pem', opened().certificatePem)
    const print = execFileSync('openssl', ['x509', '-noout', '-fingerprint', '-sha1', '-in', pem], {
      encoding: 'utf8',
    })
    assert.equal(shown?.thumbprintSha1, print.split('=')[1]?.trim().replaceAll(':', ''))
    assert.match(shown?.thumbprintSha256 ?? '', /^[0-9A-F]{64}$/)
    assert.equal(shown?.notAfter, now + 730 * day)
    assert.ok(!JSON.stringify(shown).includes('PRIVATE'))
  })

  it('is the same after a restart, also when it has expired', async () => {
    const later = new ClientIdentities(store, new JumpingClock(wallMs(now + 800 * day)))
    assert.deepEqual(await later.prepare(order), opened())
  })

  it('is one for each upstream', async () => {
    assert.notDeepEqual(await identities.prepare({ ...order, upstream: 'exchange' }), opened())
  })

  it('is not made while the clock is not set, and made when it is', async () => {
    const clock = new JumpingClock(wallMs(0))
    clock.believable = false
    const early = new ClientIdentities(memoryStore(), clock)
    assert.deepEqual(await early.prepare(order), {
      kind: 'unavailable',
      detail: 'the clock is not set yet; its certificate waits for it',
    })
    clock.believable = true
    assert.equal((await early.prepare(order)).kind, 'open')
  })

  it('is unavailable, and not replaced, while its key cannot be opened', async () => {
    for (const kind of ['locked', 'damaged'] as const) {
      const saved: string[] = []
      const closed: KeyStore = {
        load: () => ({ kind }),
        save: (name) => saved.push(name) > 0,
        saveAll: (texts) => saved.push(...Object.keys(texts)) > 0,
      }
      const found = await new ClientIdentities(closed, new JumpingClock(now)).prepare(order)
      assert.equal(found.kind, 'unavailable')
      assert.deepEqual(saved, [])
    }
  })

  it('may come from a file with key and certificate in any order', async () => {
    const { keyPem, certificatePem } = opened()
    for (const pem of [
      keyPem + certificatePem,
      `comment\n${certificatePem}${keyPem}`.replaceAll('\n', '\r\n'),
    ])
      assert.equal(await detail(file('given.pem', pem)), 'open')
  })

  it('says what is wrong with a file', async () => {
    const { keyPem, certificatePem } = opened()
    const other = await identities.prepare({ ...order, upstream: 'other' })
    assert.equal(other.kind, 'open')
    const missing = join(folder, 'missing.pem')
    assert.equal(await detail(missing), `${missing} cannot be read: ENOENT`)
    const half = file('half.pem', keyPem)
    assert.equal(await detail(half), `${half} needs one private key and its certificate in PEM`)
    const keyless = file('keyless.pem', certificatePem)
    assert.equal(await detail(keyless), `${keyless} holds no private key, and the box has none to go with it`)
    const mixed = file('mixed.pem', other.kind === 'open' ? keyPem + other.certificatePem : '')
    assert.equal(await detail(mixed), `${mixed}: key and certificate do not match`)
  })

  it('is asked for by a request over its own key, and takes the signed answer with its chain', async () => {
    const wish = { ...order, upstream: 'connector' }
    const request = await identities.request(wish)
    assert.ok(request.kind === 'request')
    const csr = file('box.csr', request.pem)
    const run = (...args: string[]): string =>
      execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })
    assert.match(run('req', '-in', csr, '-noout', '-text', '-verify'), /DNS:branch-07\.contoso\.com/)
    assert.match(run('req', '-in', csr, '-noout', '-subject'), /CN ?= ?branch-07\.contoso\.com/)
    const [ca, caKey] = [join(folder, 'ca.pem'), join(folder, 'ca.key')]
    run(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=Authority',
      '-keyout',
      caKey,
      '-out',
      ca,
    )
    const signed = run('x509', '-req', '-in', csr, '-CA', ca, '-CAkey', caKey, '-copy_extensions', 'copy')
    const certificateFile = file('signed.pem', signed + readFileSync(ca, 'utf8'))
    const identity = await identities.prepare({ ...wish, certificateFile })
    assert.ok(identity.kind === 'open')
    assert.equal(new X509Certificate(identity.certificatePem).subject, 'CN=branch-07.contoso.com')
    assert.equal(identity.certificatePem.match(/BEGIN CERTIFICATE/g)?.length, 2)
    assert.deepEqual(await identities.request(wish), request, 'a renewal asks for the same key')
  })

  it('does not take an answer to a request of another box', async () => {
    const other = new ClientIdentities(memoryStore(), new JumpingClock(now))
    await other.prepare(order)
    const answer = file('foreign.pem', opened().certificatePem)
    const identity = await other.prepare({ ...order, certificateFile: answer })
    assert.ok(identity.kind === 'unavailable')
    assert.equal(identity.detail, `${answer}: key and certificate do not match`)
  })

  it('is unknown before it was prepared', () => {
    assert.equal(identities.open('never').kind, 'unavailable')
    assert.equal(identities.describe('never'), undefined)
  })
})
