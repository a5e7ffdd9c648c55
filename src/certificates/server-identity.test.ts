import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createSecureContext } from 'node:tls'
import { JumpingClock } from '../../test/clock.ts'
import { day, wallMs } from '../core/time.ts'
import { memoryStore } from './key-store.fixture.ts'
import type { KeyStore } from './key-store.ts'
import { type IssuedIdentity, ServerCertificates, type ServerNames } from './server-identity.ts'

const now = wallMs(Date.UTC(2026, 10, 21))
const names: ServerNames = {
  name: 'branch-07',
  hostname: 'branch-07.contoso.com',
  addresses: ['192.168.7.5', 'fd00::5'],
}

const leafOf = (identity: IssuedIdentity): X509Certificate => new X509Certificate(identity.certificatePem)

describe('server certificate', () => {
  let folder = ''
  let store: KeyStore
  let identity: IssuedIdentity
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'certificates-'))
    store = memoryStore()
    identity = await new ServerCertificates(store, new JumpingClock(now)).identity(names)
  })
  after(() => rmSync(folder, { recursive: true }))

  const openssl = (...args: string[]): string =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return name
  }

  it('is verified by OpenSSL for every name and address of the box', () => {
    const ca = write('ca.pem', identity.caPem)
    const leaf = write('leaf.pem', identity.certificatePem)
    const verify = (...args: string[]): string =>
      openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, ...args, leaf)
    for (const host of ['branch-07.contoso.com', 'branch-07.local', 'localhost'])
      assert.match(verify('-verify_hostname', host), /OK/)
    for (const address of ['192.168.7.5', 'fd00::5', '127.0.0.1', '::1'])
      assert.match(verify('-verify_ip', address), /OK/)
    assert.throws(() => openssl('verify', '-CAfile', ca, '-verify_hostname', 'example.org', leaf))
  })

  it('is RSA-2048 with SHA-256, begins in 2000 and ends before 32-bit clocks do', () => {
    for (const pem of [identity.certificatePem, identity.caPem]) {
      const text = openssl('x509', '-noout', '-text', '-in', write('one.pem', pem))
      assert.match(text, /Signature Algorithm: sha256WithRSAEncryption/)
      assert.match(text, /Public-Key: \(2048 bit\)/)
      assert.match(text, /Not Before: Jan {2}1 00:00:00 2000 GMT/)
      assert.ok(new X509Certificate(pem).validToDate.getTime() < Date.UTC(2038, 0, 1))
    }
    assert.match(
      openssl('x509', '-noout', '-ext', 'basicConstraints', '-in', write('ca.pem', identity.caPem)),
      /CA:TRUE/,
    )
  })

  it('is taken by a TLS server with its key', () => {
    createSecureContext({ key: identity.keyPem, cert: identity.certificatePem })
  })

  it('stays over a restart', async () => {
    assert.deepEqual(await new ServerCertificates(store, new JumpingClock(now)).identity(names), identity)
  })

  it('is made anew under the same authority when the box gets an address', async () => {
    const moved = await new ServerCertificates(store, new JumpingClock(now)).identity({
      ...names,
      addresses: ['192.168.8.5'],
    })
    assert.equal(leafOf(moved).checkIP('192.168.8.5'), '192.168.8.5')
    assert.equal(moved.caPem, identity.caPem)
  })

  it('is made anew within 30 days of its end, not before', async () => {
    const clock = new JumpingClock(now)
    const certificates = new ServerCertificates(memoryStore(), clock)
    const first = await certificates.identity(names)
    await clock.jump(699 * day)
    assert.deepEqual(await certificates.identity(names), first)
    await clock.jump(2 * day)
    const second = await certificates.identity(names)
    assert.equal(leafOf(second).validToDate.getTime(), now + (701 + 730) * day)
  })

  it('holds for ever where the clock is not set', async () => {
    const clock = new JumpingClock(wallMs(0))
    clock.believable = false
    const made = await new ServerCertificates(memoryStore(), clock).identity(names)
    assert.equal(leafOf(made).validToDate.toISOString(), '2037-12-31T23:59:59.000Z')
  })

  it('is made once for calls at the same time', async () => {
    const certificates = new ServerCertificates(memoryStore(), new JumpingClock(now))
    const [one, two] = await Promise.all([certificates.identity(names), certificates.identity(names)])
    assert.deepEqual(one, two)
  })

  it('is there for old devices too, with SHA-1 under an authority of its own', async () => {
    const certificates = new ServerCertificates(memoryStore(), new JumpingClock(now))
    const bits = { sha1: 2048, 'sha1-1024': 1024, vintage: 2048, 'vintage-1024': 1024 } as const
    const keys = new Set([identity.keyPem])
    for (const name of ['sha1', 'sha1-1024', 'vintage', 'vintage-1024'] as const) {
      const old = await certificates.old(name, names)
      const text = openssl('x509', '-noout', '-text', '-in', write('old.pem', old.certificatePem))
      assert.match(text, /Signature Algorithm: sha1WithRSAEncryption/)
      assert.match(text, new RegExp(`Public-Key: \\(${bits[name]} bit\\)`))
      assert.match(text, /Not Before: Jan {2}1 00:00:00 2000 GMT/)
      assert.match(text, /Not After : Dec 31 23:59:59 2037 GMT/)
      assert.match(text, /IP Address:192\.168\.7\.5/)
      const ca = write('old-ca.pem', old.caPem)
      openssl('verify', '-auth_level', '0', '-purpose', 'sslserver', '-CAfile', ca, 'old.pem')
      assert.throws(() => openssl('verify', '-auth_level', '0', '-CAfile', 'ca.pem', 'old.pem'))
      keys.add(old.keyPem)
    }
    assert.equal(keys.size, 5)
    assert.equal(
      await certificates.authority('authority-sha1', names),
      (await certificates.old('sha1', names)).caPem,
    )
  })

  it('does not give two authorities one name, however long the box’s is', async () => {
    const long = { ...names, name: 'b'.repeat(63) }
    const certificates = new ServerCertificates(memoryStore(), new JumpingClock(now))
    const [one, other] = await Promise.all(
      (['authority', 'authority-sha1'] as const).map((authority) => certificates.authority(authority, long)),
    )
    assert.notEqual(new X509Certificate(one ?? '').subject, new X509Certificate(other ?? '').subject)
  })

  it('works for this run only while the vault is locked', async () => {
    const locked: KeyStore = { load: () => ({ kind: 'locked' }), save: () => false, saveAll: () => false }
    const certificates = new ServerCertificates(locked, new JumpingClock(now))
    const first = await certificates.identity(names)
    assert.deepEqual(await certificates.identity(names), first)
    assert.equal(leafOf(first).checkHost('branch-07.local'), 'branch-07.local')
  })
})
