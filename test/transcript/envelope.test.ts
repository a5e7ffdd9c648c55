// Envelope against header: who gets a mail, and as whose it goes out, through a real gateway to an SMTP upstream.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type SmtpUpstream, startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'

const setup = (upstream: SmtpUpstream): string => `schema = 1
[gateway]
name = "branch-07"
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.1"]
sender = "scanner@contoso.com"
[[upstream]]
name = "smarthost"
kind = "smarthost"
host = "${upstream.host}"
port = ${upstream.port}
security = "plain"
senders = ["scanner@contoso.com"]
`

interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly header: readonly string[]
}

describe('the envelope', () => {
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

  /** Every mail that arrived with this subject, once there is one. */
  async function arrives(subject: string, mail: Mail) {
    using client = await SmtpClient.connect(gateway.port('plain'))
    await client.command('EHLO scanner')
    const content = [...mail.header, `Subject: ${subject}`, '', 'page 1'].join('\r\n')
    assert.match(await client.send({ from: mail.from, to: mail.to, content }), /^250 2\.0\.0 Ok /)
    const found = () => upstream.ledger.filter(({ raw }) => raw.includes(`Subject: ${subject}\r\n`))
    await until(`${subject} is at the upstream`, () => {
      const told = found().flatMap(({ recipients }) => recipients)
      return told.length >= mail.to.length
    })
    return found()
  }

  it('Ricoh MP C307: MAIL FROM is the device, From the person who signed in: both become the sender, Reply-To keeps the person', async () => {
    const [mail] = await arrives('from-differs', {
      from: 'ricoh@printers.contoso.com',
      to: ['anna@contoso.com'],
      header: ['From: Bert Brand <bert@contoso.com>', 'To: anna@contoso.com'],
    })
    assert.equal(mail?.mailFrom.address, 'scanner@contoso.com')
    const header = mail?.raw.toString('latin1') ?? ''
    assert.match(header, /^From: .*<?scanner@contoso\.com>?\r$/m)
    assert.match(header, /^Reply-To: .*bert@contoso\.com/m)
  })

  it('smtp-oauth-relay#36: the device says its login as From', async () => {
    const [mail] = await arrives('login-as-from', {
      from: 'scan1',
      to: ['anna@contoso.com'],
      header: ['From: scan1', 'To: anna@contoso.com'],
    })
    assert.equal(mail?.mailFrom.address, 'scanner@contoso.com')
    assert.match(mail?.raw.toString('latin1') ?? '', /^From: .*<?scanner@contoso\.com>?\r$/m)
  })

  it('smtp-oauth-relay#82: recipients that stand in no header get it, those that stand in a header alone do not', async () => {
    const mails = await arrives('envelope-only', {
      from: 'a@contoso.com',
      to: ['hidden@contoso.com', 'anna@contoso.com'],
      header: ['From: a@contoso.com', 'To: anna@contoso.com, never@contoso.com'],
    })
    const told = mails.flatMap(({ recipients }) => recipients.map(({ address }) => address))
    assert.deepEqual(told.toSorted(), ['anna@contoso.com', 'hidden@contoso.com'])
  })
})
