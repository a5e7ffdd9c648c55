// The built gateway under a TLS scanner, as an auditor would run it: from an address for which no device is listed.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { SessionRecord } from '../../src/core/spool.ts'
import { GatewayProcess, temporaryFolder } from '../gateway-process.ts'

const run = promisify(execFile)

const setup = (weakest: string) => `schema = 1
[gateway]
weakest_tls = "${weakest}"
[[listener]]
name = "submission"
address = "127.0.0.1"
port = 0
security = "starttls"
tls = "${weakest}"
[[listener]]
name = "submissions"
address = "127.0.0.1"
port = 0
security = "implicit"
tls = "${weakest}"
[console]
port = 0
[[device]]
name = "Old copier"
addresses = ["127.0.0.9"]
tls = "${weakest}"
[[upstream]]
name = "kept"
kind = "outbox"
`

interface Scan {
  readonly versions: readonly string[]
  readonly suites: readonly { readonly version: string; readonly name: string }[]
  readonly text: string
}

async function scan(port: number, ...flags: readonly string[]): Promise<Scan> {
  const { stdout: text } = await run('sslscan', [
    '--no-colour',
    '--show-certificate',
    ...flags,
    `127.0.0.1:${port}`,
  ])
  return {
    versions: [...text.matchAll(/^(SSLv\d|TLSv1\.\d) +enabled$/gm)].map(([, version = '']) => version),
    suites: [...text.matchAll(/^(?:Preferred|Accepted) +(\S+) +\d+ bits +(\S+)/gm)].map(
      ([, version = '', name = '']) => ({ version, name }),
    ),
    text,
  }
}

const modern = ['TLSv1.2', 'TLSv1.3']
const legacy = ['TLSv1.0', 'TLSv1.1', ...modern]
/** Broken ciphers, no authentication, no encryption, exports, MD5 as MAC, single DES, and DHE with who knows what prime. */
const weak = /RC4|RC2|3DES|DES-CBC|ADH|AECDH|anon|NULL|EXP|MD5|IDEA|SEED|^DHE|PSK|SRP/
/** All that TLS 1.0 and 1.1 may use. */
const oldSuites = ['AES128-SHA', 'AES256-SHA', 'ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA']

describe('a TLS scanner at an address without a listed device', { timeout: 120_000 }, () => {
  for (const [weakest, versions] of [
    ['modern', modern],
    ['legacy', legacy],
    ['vintage', legacy],
  ] as const) {
    it(`finds ${versions.join(', ')} and nothing weak where weakest_tls is ${weakest}`, async () => {
      using folder = temporaryFolder()
      await using gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup: setup(weakest) })
      for (const found of [
        await scan(gateway.port('submissions')),
        await scan(gateway.port('submission'), '--starttls-smtp'),
      ]) {
        assert.deepEqual(found.versions, versions, found.text)
        assert.deepEqual([...new Set(found.suites.map(({ version }) => version))].toSorted(), versions)
        assert.deepEqual(
          found.suites.filter(({ name }) => weak.test(name)),
          [],
        )
        for (const { version, name } of found.suites) {
          if (!modern.includes(version)) assert.ok(oldSuites.includes(name), `${version} ${name}`)
        }
        assert.match(found.text, /^Signature Algorithm: sha256WithRSAEncryption$/m)
        assert.match(found.text, /^RSA Key Strength: +2048$/m)
        assert.doesNotMatch(found.text, /sha1|^TLSv1\.\d vulnerable|Insecure/im)
        if (weakest !== 'modern') assert.match(found.text, /^Server supports TLS Fallback SCSV$/m)
      }
      const sessions = gateway.ask('sessions', '--limit', '1000') as readonly SessionRecord[]
      assert.ok(sessions.length > 20)
      assert.deepEqual(
        sessions.filter(({ tls }) => tls.includes('(weak)')),
        [],
      )
    })
  }

  it('finds SSL 3.0 where its address is listed: the scan sees what is there', async () => {
    using folder = temporaryFolder()
    const listed = setup('vintage').replace('127.0.0.9', '127.0.0.1')
    await using gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup: listed })
    assert.ok((await scan(gateway.port('submissions'))).versions.includes('SSLv3'))
  })
})
