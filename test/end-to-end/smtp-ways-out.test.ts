// The kinds of SMTP ways out in a whole gateway.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { allCapabilities } from '../emulator/smtp-settings.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { createPublicAuthority } from '../public-authority.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

const box = plainBox({ gateway: 'hostname = "branch-07.contoso.com"' })

const wayOut = (kind: string, port: number, ca: string, more = ''): string => `[[upstream]]
name = "${kind}"
kind = "${kind}"
host = "localhost"
port = ${port}
ca_file = "${ca}"
accepted_domains = ["contoso.com"]
${more}`

describe('a connector', () => {
  it('waits for its certificate to be signed, and shows it', { timeout: 60_000 }, async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    await using server = await startSmtpUpstream({ wantsClientCertificate: true })
    const ca = await server.certificateAuthority.writeCa(folder.path)
    const connector = (file: string): string =>
      box +
      wayOut(
        'exchange-connector',
        server.port,
        ca,
        `[upstream.credential]\nkind = "client-certificate"\n${file}`,
      )
    await using gateway = await GatewayInProcess.start(folder.path, connector(''), { clock })
    const { id } = await gateway.send({ to: ['anna@fabrikam.com'] })
    const { reason, remedy } = await gateway.upstreamIs('exchange-connector', 'paused')
    assert.match(reason, /signed by a public authority/)
    assert.match(remedy, /certificate NAME --csr/)

    const asked = await gateway.operations.certificateRequest('exchange-connector')
    assert.ok(asked.kind === 'done')
    const { file } = createPublicAuthority(folder.path).sign(asked.pem)
    const applied = await gateway.operations.applySetup(connector(`certificate_file = "${file}"\n`), {
      check: false,
      who: 'test',
    })
    assert.equal(applied.kind, 'applied')
    await gateway.messageIs(id, 'accepted')
    assert.equal(server.ledger[0]?.tls?.clientCertificate?.commonName, 'branch-07.contoso.com')
  })
})

describe('recipients inside and outside the organisation', () => {
  it('go by the way out that takes them, and a refusal is kept word by word', {
    timeout: 60_000,
  }, async () => {
    using folder = temporaryFolder()
    const clock = new RunningClock(wallMs(Date.now()))
    const certificateAuthority = await createCertificateAuthority()
    const account = { username: 'scan', password: 'pass-w0rd-of-the-relay' }
    await using inside = await startSmtpUpstream({ certificateAuthority })
    await using relay = await startSmtpUpstream({
      certificateAuthority,
      isAuthRequired: true,
      accounts: [account],
      capabilities: { ...allCapabilities, auth: ['LOGIN'], isChunking: true },
    })
    relay.script.add({
      on: 'CONTENT',
      action: { kind: 'reply', reply: '554 5.7.1 Message contains a virus' },
    })
    const ca = await certificateAuthority.writeCa(folder.path)
    const credential = `[upstream.credential]\nkind = "password"\nusername = "${account.username}"\npassword = "${account.password}"\n`
    const setup =
      box + wayOut('exchange-direct', inside.port, ca) + wayOut('smarthost', relay.port, ca, credential)
    await using gateway = await GatewayInProcess.start(folder.path, setup, { clock })
    const { id } = await gateway.send({ to: ['anna@contoso.com', 'ben@fabrikam.com'] })
    await gateway.messageIs(id, 'accepted', 'bounced')
    assert.deepEqual(
      inside.ledger[0]?.recipients.map((one) => one.address),
      ['anna@contoso.com'],
    )
    const view = await gateway.operations.message(id)
    const byWay = new Map(view?.attempts.map((attempt) => [attempt.upstream, attempt.dialogue]))
    assert.equal(byWay.get('exchange-direct'), undefined, 'of a success nothing is kept')
    const said = byWay.get('smarthost') ?? ''
    assert.match(said, /^S: 220 .*\nC: EHLO branch-07\.contoso\.com\n/)
    assert.match(said, /\nC: AUTH LOGIN\nS: 334 .*\nC: \*\*\*\nS: 334 .*\nC: \*\*\*\nS: 235 /)
    assert.match(said, /\nC: RCPT TO:<ben@fabrikam\.com>\n/)
    assert.match(said, /\nC: BDAT \d+ LAST\nS: 554 5\.7\.1 Message contains a virus$/)
    for (const secret of [account.password, Buffer.from(account.password).toString('base64')])
      assert.ok(!said.includes(secret))
    assert.doesNotMatch(said, /Subject:/)
  })
})
