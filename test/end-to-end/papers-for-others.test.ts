// What a running box writes for people outside: the page for a security officer, and the text for somebody who helps.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Report } from '../../src/core/operations.ts'
import type { SecurityFacts } from '../../src/core/security-facts.ts'
import { GatewayProcess, temporaryFolder } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'
import { inkpost } from './command-line.ts'

const password = '48151623'
const setup = `schema = 1
[gateway]
name = "branch-07"
weakest_tls = "legacy"
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[device]]
name = "Scanner"
username = "scan1"
password = "${password}"
sender = "scanner@contoso.com"
allowed_recipients = ["*@contoso.com"]
[[upstream]]
name = "outbox"
kind = "outbox"
`

describe('papers for other people', { timeout: 120_000 }, () => {
  it('of a running box', async () => {
    using folder = temporaryFolder()
    const data = join(folder.path, 'data')
    mkdirSync(data)
    await using gateway = await GatewayProcess.start(data, { setup })
    {
      using client = await SmtpClient.connect(gateway.port('plain'))
      await client.command('EHLO scanner')
      await client.signIn('scan1', password)
      const content =
        'From: scanner@contoso.com\r\nTo: anna.meier@contoso.com\r\nSubject: secret plans\r\n\r\nx'
      await client.send({ from: 'scanner@contoso.com', to: ['anna.meier@contoso.com'], content })
      await client.command('QUIT')
    }
    const weaker = setup.replace(
      'allowed_recipients',
      'tls = "legacy"\nweak_until = "2031-03-01"\nallowed_recipients',
    )
    assert.equal(applied(gateway, weaker), 0)
    const text = gateway.run('report', 'security')
    assert.equal(text.code, 0, text.stderr)
    for (const words of [
      /^Security of the mail gateway "branch-07", \d{4}-/,
      new RegExp(`^ {2}${gateway.port('plain')} +127\\.0\\.0\\.1 +mail of devices \\("plain"\\) +none`, 'm'),
      /^ {2}outbox +outbox +stays on the box/m,
      /^ {2}Scanner +password, PLAIN +\d{4}-\d\d-\d\d +in clear +weak: no encryption/m,
      /^ {2}Scanner may use TLS 1\.0 and up +until 2031-03-01 +.* at the command line, \d{4}-/m,
      /^ {2}Open relay: no;/m,
      /^ {2}Audit: intact, \d+ entries since/m,
      /^ {2}There is no recovery code\./m,
      /OpenSSL 3\.\d.*\n {2}Packages: .*nodemailer \d/,
    ])
      assert.match(text.stdout, words)
    const facts = gateway.ask('report', 'security') as Report['data'] & SecurityFacts
    assert.equal(facts.devices[0]?.name, 'Scanner')
    assert.equal(facts.audit.kind, 'intact')

    const bundle = gateway.run('support-bundle', '-')
    assert.equal(bundle.code, 0, bundle.stderr)
    for (const words of [
      /"event":"accepted"/,
      /^ {2}\d+ ms C: RCPT TO:<a…@contoso\.com>/m,
      /name = "Scanner"/,
    ])
      assert.match(bundle.stdout, words)
    assert.doesNotMatch(bundle.stdout, new RegExp(`${password}|meier|secret plans`))
    const marked = gateway.run('audit', '--weakens')
    assert.match(marked.stdout, /less protected: device "Scanner": tls changed/)
    const values = gateway.ask('audit', '--text', 'weak_until') as {
      changes: { what: string; after: string }[]
    }[]
    assert.deepEqual(
      values[0]?.changes.map(({ what, after }) => [what, after]),
      [
        ['device "Scanner": tls', 'legacy'],
        ['device "Scanner": weak_until', '2031-03-01'],
      ],
    )
  })
})

function applied(gateway: GatewayProcess, text: string): number | null {
  const file = join(gateway.data, '..', 'weaker.toml')
  writeFileSync(file, text)
  return inkpost(gateway.data, {}, 'apply', file).code
}
