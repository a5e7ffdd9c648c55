// Looking back at what was sent, and the list of what is dialled, held against every connection that was opened.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { Dialled } from '../dialled.ts'
import { startAzure } from '../emulator/azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from '../emulator/azure-settings.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { startSmtpUpstream } from '../emulator/smtp-upstream.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { plainBox } from './plain-box.ts'

const base = plainBox({ gateway: 'postmaster = "it@contoso.com"\nsender = "noreply@contoso.com"' })

interface Place {
  readonly port: number
  readonly purpose: string
}

describe('looking back', () => {
  it('dials what the firewall list says and nothing else; counts the month; rehearses', {
    timeout: 60_000,
  }, async () => {
    const clock = new RunningClock(wallMs(Date.now()))
    const certificateAuthority = await createCertificateAuthority()
    await using azure = await startAzure({ certificateAuthority, now: () => clock.wall() })
    await using smtp = await startSmtpUpstream({ certificateAuthority, now: () => clock.wall() })
    using folder = temporaryFolder()
    const ca = await azure.writeCa(folder.path)
    const setup = `${base}[[upstream]]
name = "acs"
kind = "acs-email"
endpoint = "${azure.endpoint}"
authority = "${azure.authority}"
senders = ["scanner@contoso.com", "noreply@contoso.com"]
price = { per_message = 0.00025, per_megabyte = 0.00012, currency = "USD" }
max_message_size = "20KB"
ca_file = "${ca}"
[upstream.credential]
kind = "client-secret"
tenant_id = "${exampleTenant}"
client_id = "${exampleClientId}"
secret = "${exampleSecret}"
[[upstream]]
name = "relay"
kind = "smarthost"
host = "localhost"
port = ${smtp.port}
ca_file = "${ca}"
[[upstream]]
name = "inside"
kind = "exchange-direct"
host = "contoso-com.mail.protection.outlook.invalid"
accepted_domains = ["contoso.com"]
enabled = false
`
    using dialled = new Dialled()
    await using gateway = await GatewayInProcess.start(folder.path, setup, { clock })
    const short = await gateway.send({ to: ['anna@contoso.com'], text: 'short' })
    const long = await gateway.send({
      to: ['anna@contoso.com', 'eve@elsewhere.example'],
      text: 'long line\r\n'.repeat(6000),
    })
    await Promise.all([azure.ledgerReaches(1), smtp.ledgerReaches(1)])

    const firewall = await gateway.operations.report('firewall', nothingElse)
    assert.ok(firewall.kind === 'done')
    const { destinations } = firewall.data as { readonly destinations: readonly Place[] }
    const own = new Set([gateway.port('plain')])
    const outside = [...dialled.tcp].filter((port) => !own.has(port))
    assert.deepEqual(outside.toSorted(), [...new Set(destinations.map(({ port }) => port))].toSorted())
    assert.deepEqual(
      destinations.map(({ purpose }) => purpose),
      ['mail', 'sign-in', 'mail'],
    )

    await gateway.messageIs(short.id, 'accepted', 'confirmed')
    await gateway.messageIs(long.id, 'accepted', 'confirmed')
    const month = await gateway.operations.report('month', nothingElse)
    assert.ok(month.kind === 'done')
    assert.match(month.text, /\nacs +1 +1 +\d+ bytes +0 +0\.0003 USD\n/)
    assert.match(month.text, /\nrelay +1 +2 +\d+ KB +0\n/)

    const rehearsed = await gateway.operations.rehearse('inside')
    assert.ok(rehearsed.kind === 'done')
    const { mails, deliveries, refused } = rehearsed.rehearsal
    assert.deepEqual(
      [mails, deliveries, refused.map(({ why, deliveries }) => [why, deliveries])],
      [2, 3, [['external-recipient', 1]]],
    )
    const quota = await gateway.operations.report('quota', nothingElse)
    assert.ok(quota.kind === 'done' && quota.text.includes('Mails: 2, to 3 recipients'))
    const relay = await gateway.operations.report('quota', { ...nothingElse, upstream: 'relay' })
    assert.match(relay.kind === 'refused' ? relay.reason : '', /only acs-email and acs-smtp/)
  })
})

const nothingElse = { month: undefined, upstream: undefined }
