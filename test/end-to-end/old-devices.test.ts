// The built gateway and devices of long ago: mail over SSL 3.0, and authorities that a device can import and check by.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { SessionRecord } from '../../src/core/spool.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { nss, speak } from '../tls/spoken.ts'
import { bigMail } from '../tls/vintage-rig.ts'

const setup = `schema = 1
[gateway]
weakest_tls = "vintage"
${testListeners}
[[device]]
name = "Old copier"
addresses = ["127.0.0.1"]
tls = "vintage"
[[upstream]]
name = "kept"
kind = "outbox"
`

describe('devices of long ago', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let gateway: GatewayProcess
  before(async () => {
    folder = temporaryFolder()
    gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup })
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const download = async (path: string): Promise<Buffer> => {
    const answer = await fetch(`${gateway.ready.console}${path}`)
    assert.equal(answer.status, 200)
    return Buffer.from(await answer.arrayBuffer())
  }
  const keep = async (path: string): Promise<string> => {
    const file = join(folder.path, path)
    writeFileSync(file, await download(path))
    return file
  }
  /** A handshake in which OpenSSL trusts the authority alone; what it said. */
  const handshake = (authority: string, ...flags: readonly string[]): { ok: boolean; said: string } => {
    const at = ['-connect', `127.0.0.1:${gateway.port('submissions')}`, '-verify_ip', '127.0.0.1']
    const trust = ['-CAfile', authority, '-no-CApath', '-no-CAstore', '-verify_return_error']
    const done = spawnSync('openssl', ['s_client', ...at, ...trust, ...flags], { input: 'QUIT\r\n' })
    const said = `${done.stdout}${done.stderr}`
    return { ok: done.status === 0 && /Verify return code: 0 \(ok\)/.test(said), said }
  }
  const old = ['-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0']

  it('hand in mail over SSL 3.0, and the session is marked', async () => {
    assert.match(await speak(nss(gateway.port('submissions'), 'ssl3', '000A'), bigMail()), /^250 2\.0\.0 Ok/m)
    const [session] = gateway.ask('sessions') as readonly SessionRecord[]
    assert.equal(session?.tls, 'SSLv3 DES-CBC3-SHA (weak)')
    assert.equal(session?.device, 'Old copier')
    assert.equal(session?.messages.length, 1)
  })

  it('verify the box by its SHA-1 authority, current ones by the other', async () => {
    const sha1 = await keep('/ca-sha1.pem')
    const sha256 = await keep('/ca.pem')
    assert.ok(handshake(sha1, ...old).ok, handshake(sha1, ...old).said)
    assert.equal(handshake(sha256, ...old).ok, false)
    const sha1Only = ['-tls1_2', '-sigalgs', 'RSA+SHA1', '-cipher', 'AES128-SHA:@SECLEVEL=0']
    assert.ok(handshake(sha1, ...sha1Only).ok, handshake(sha1, ...sha1Only).said)
    for (const flags of [['-tls1_2'], ['-tls1_3']]) {
      assert.ok(handshake(sha256, ...flags).ok, handshake(sha256, ...flags).said)
      assert.equal(handshake(sha1, ...flags).ok, false)
    }
  })

  it('get the authorities in DER too', async () => {
    for (const name of ['/ca', '/ca-sha1']) {
      const file = await keep(`${name}.der`)
      const pem = execFileSync('openssl', ['x509', '-inform', 'der', '-in', file])
      assert.equal(pem.toString(), (await download(`${name}.pem`)).toString())
    }
  })

  it('know the box again after a restart', async () => {
    const file = await keep('/ca-sha1.pem')
    const before = await download('/ca-sha1.pem')
    const [leaf] = /-----BEGIN[\s\S]*?END C/.exec(handshake(file, ...old).said) ?? []
    await gateway.stop()
    gateway = await GatewayProcess.start(join(folder.path, 'data'))
    assert.ok(before.equals(await download('/ca-sha1.pem')))
    assert.ok(leaf !== undefined && handshake(file, ...old).said.includes(leaf))
  })

  it('have no authority of their own where the box serves TLS 1.2 and up only', async () => {
    writeFileSync(join(folder.path, 'modern.toml'), setup.replaceAll('"vintage"', '"modern"'))
    const applied = gateway.run('apply', join(folder.path, 'modern.toml'))
    assert.equal(applied.code, 0, applied.stderr)
    await until('404 at /ca-sha1.der', async () => {
      return (await fetch(`${gateway.ready.console}/ca-sha1.der`)).status === 404
    })
  })
})
