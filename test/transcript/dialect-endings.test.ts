// The ten malformed ends of DATA known from SMTP smuggling, through a real gateway to an SMTP upstream: what was hidden
// behind one arrives as text of the one message, and never as a message of its own.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'

const endings = [
  '\n.\n',
  '\r.\r',
  '\r.\n',
  '\n.\r',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r\n',
  '\r\n.\r',
  '\r\n\0.\r\n',
  '\r\n.\0\r\n',
]

const setup = (upstream: SmtpUpstream): string => `schema = 1
[gateway]
name = "branch-07"
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[device]]
name = "Old scanner"
addresses = ["127.0.0.2"]
sender = "scanner@contoso.com"
data_end = "lf"
[[upstream]]
name = "smarthost"
kind = "smarthost"
host = "${upstream.host}"
port = ${upstream.port}
security = "plain"
`

const hidden =
  'MAIL FROM:<evil@evil.test>\r\nRCPT TO:<victim@contoso.com>\r\nDATA\r\nSubject: evil\r\n\r\nevil'

describe('an end of DATA that is none', () => {
  const folder = temporaryFolder()
  let upstream: SmtpUpstream
  let gateway: GatewayProcess

  before(async () => {
    mkdirSync(join(folder.path, 'data'))
    upstream = await startSmtpUpstream({ security: 'plain' })
    gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup: setup(upstream) })
  })
  after(async () => {
    await gateway.stop()
    await upstream[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const arrived = (subject: string) =>
    until(`${subject} is at the upstream`, () => {
      const mails = upstream.ledger.filter(({ raw }) => raw.includes(`Subject: ${subject}\r\n`))
      return mails.length > 0 && mails
    })

  for (const [index, ending] of endings.entries()) {
    it(`${JSON.stringify(ending)} lets one message through and nothing out of it`, async () => {
      const before = upstream.ledger.length
      using client = await SmtpClient.connect(gateway.port('plain'))
      for (const line of ['EHLO scanner', 'MAIL FROM:<a@contoso.com>', 'RCPT TO:<anna@contoso.com>', 'DATA'])
        await client.command(line)
      client.write(`Subject: ending ${index}\r\n\r\nbefore${ending}${hidden}`)
      assert.match(await client.command('\r\n.'), /^250 2\.0\.0 Ok /)
      // The next mail of the session arrives behind it: had there been another between the two, it would be there.
      assert.match(
        await client.send({
          from: 'a@contoso.com',
          to: ['anna@contoso.com'],
          content: `Subject: next ${index}\r\n\r\nnext`,
        }),
        /^250 2\.0\.0 Ok /,
      )
      const [mail] = await arrived(`ending ${index}`)
      await arrived(`next ${index}`)
      assert.equal(upstream.ledger.length, before + 2)
      assert.deepEqual(
        mail?.recipients.map(({ address }) => address),
        ['anna@contoso.com'],
      )
      const raw = mail?.raw.toString('latin1') ?? ''
      assert.match(raw, /before/)
      assert.match(raw, /MAIL FROM:<evil@evil\.test>/)
      assert.doesNotMatch(raw, /\r(?!\n)|(?<!\r)\n/)
    })
  }

  it('of a device set to data_end = "lf" ends its session too: what stands behind it is not run', async () => {
    const before = upstream.ledger.length
    using client = await SmtpClient.connect(gateway.port('plain'), '127.0.0.1', '127.0.0.2')
    for (const line of ['EHLO scanner', 'MAIL FROM:<a@contoso.com>', 'RCPT TO:<anna@contoso.com>', 'DATA'])
      await client.command(line)
    client.write(`Subject: by LF\n\nbefore\n.\n${hidden}\r\n.\r\n`)
    assert.match(await client.reply(), /^250 2\.0\.0 Ok /)
    await assert.rejects(client.command('NOOP'))
    const [mail] = await arrived('by LF')
    assert.equal(upstream.ledger.length, before + 1)
    assert.doesNotMatch(mail?.raw.toString('latin1') ?? '', /evil/)
  })

  it('nothing of it broke a rule of SMTP at the upstream', () => {
    assert.deepEqual(
      upstream.connections.flatMap(({ violations }) => violations),
      [],
    )
  })
})
