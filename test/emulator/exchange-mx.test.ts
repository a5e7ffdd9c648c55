// The twin of a tenant's MX, spoken to by nodemailer, swaks and by hand.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createTransport } from 'nodemailer'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Identity,
  makeSelfSignedIdentity,
} from './certificate-authority.ts'
import { runClient } from './command-line-client.ts'
import { type ExchangeMx, type ExchangeMxOptions, startExchangeMx } from './exchange-mx.ts'
import type { InboundConnector } from './mx-attribution.ts'
import { openRawSmtp } from './smtp-raw-client.ts'

const branch = '203.0.113.7'
const inside = 'anna@contoso.com'
const outside = 'bert@example.org'
const byAddress: InboundConnector = {
  name: 'branch',
  type: 'OnPremises',
  senderIpAddresses: ['203.0.113.0/24'],
}
const byCertificate: InboundConnector = {
  name: 'box',
  type: 'OnPremises',
  tlsSenderCertificateName: 'branch-07.contoso.com',
}
let authority: CertificateAuthority
let box: Identity

before(async () => {
  authority = await createCertificateAuthority()
  box = await authority.issue({ names: ['branch-07.contoso.com'] })
})

function open(change: ExchangeMxOptions = {}, clientAddress = branch): Promise<ExchangeMx> {
  return startExchangeMx({ upstream: { certificateAuthority: authority, clientAddress }, ...change })
}

interface Trial {
  readonly from?: string
  readonly to?: string
  readonly name?: string
  readonly identity?: Identity
  readonly header?: string
}

/** The last reply of the dialogue. */
async function submit(mx: ExchangeMx, trial: Trial = {}): Promise<string> {
  const { from = 'scanner@contoso.com', to = inside, name = 'branch-07.contoso.com', identity } = trial
  await using client = await openRawSmtp(mx.port)
  await client.reply()
  await client.say(`EHLO ${name}`)
  await client.say('STARTTLS')
  const own = identity === undefined ? {} : { key: identity.keyPem, cert: identity.certificatePem }
  await client.startTls({ ca: authority.caPem, servername: 'localhost', ...own })
  for (const line of [`EHLO ${name}`, `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA']) {
    const reply = (await client.say(line)) ?? 'hung up'
    if (!/^[23]/.test(reply)) return reply
  }
  const header = trial.header ?? `From: ${from}`
  return (await client.say(`${header}\r\nSubject: x\r\n\r\nx\r\n.`)) ?? 'hung up'
}

const queued = /^250 2\.6\.0 <.*> \[InternalId=.* bytes in .* Queued mail for delivery$/
const relayDenied = /^550 5\.7\.64 TenantAttribution; Relay Access Denied \[AM0EUR01FT001\./

describe('a tenant’s MX', () => {
  it('tells the client its public address and offers no AUTH', async () => {
    await using mx = await open()
    await using client = await openRawSmtp(mx.port)
    assert.match(
      (await client.reply()) ?? '',
      /^220 AM0EUR01FT001\.mail\.protection\.outlook\.com Microsoft ESMTP/,
    )
    const name = 'AM0EUR01FT001.mail.protection.outlook.com'
    assert.equal(
      await client.say('EHLO branch-07.contoso.com'),
      `250-${name} Hello [${branch}]\n250-SIZE 157286400\n250-PIPELINING\n250-DSN\n250-ENHANCEDSTATUSCODES\n` +
        '250-STARTTLS\n250-8BITMIME\n250-BINARYMIME\n250-CHUNKING\n250 SMTPUTF8',
    )
    assert.match((await client.say('AUTH LOGIN')) ?? '', /^504 5\.7\.4/)
  })

  it('tells a client the address it came from where none is set', async () => {
    await using mx = await startExchangeMx()
    const { output } = await runClient('swaks', [
      ...['--server', '127.0.0.1', '--port', String(mx.port), '--helo', 'branch-07.contoso.com'],
      ...['--from', 'scanner@contoso.com', '--to', inside],
      ...['--data', 'From: scanner@contoso.com\n\nx'],
    ])
    assert.match(output, /Hello \[127\.0\.0\.1\]/)
    assert.match(output, /<- {2}250 2\.6\.0 /)
    assert.equal(mx.ledger[0]?.tls, undefined)
  })
})

describe('Direct Send', () => {
  it('takes mail for the tenant from nodemailer, with or without TLS', async () => {
    await using mx = await open()
    for (const ignoreTLS of [false, true]) {
      const transport = createTransport({
        ...{ host: 'localhost', port: mx.port, ignoreTLS, name: 'branch-07.contoso.com' },
        tls: { ca: authority.caPem },
      })
      const info = await transport.sendMail({ from: 'scanner@contoso.com', to: inside, text: 'x' })
      assert.match(info.response, queued)
    }
    assert.deepEqual(
      mx.deliveries.map((one) => one.attribution.kind),
      ['none', 'none'],
    )
    assert.deepEqual(
      mx.ledger.map((one) => one.tls?.version),
      ['TLSv1.3', undefined],
    )
  })

  const rejected: ExchangeMxOptions = { isDirectSendRejected: true }
  const rejection =
    /^550 5\.7\.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources/
  const rows: [name: string, change: ExchangeMxOptions, trial: Trial, reply: RegExp][] = [
    [
      'a recipient outside',
      {},
      { to: outside },
      /^550 5\.7\.54 SMTP; Unable to relay recipient in non-accepted/,
    ],
    ['RejectDirectSend', rejected, {}, rejection],
    ['RejectDirectSend, from another domain', rejected, { from: 'a@fabrikam.com' }, queued],
    ['RejectDirectSend, through a connector', { ...rejected, connectors: [byAddress] }, {}, queued],
    [
      'an unknown recipient',
      { recipients: ['Anna@contoso.com'] },
      { to: 'x@contoso.com' },
      /^550 5\.4\.1 Recipient address rejected: Access denied\. AS\(201806281\)/,
    ],
    ['a known recipient', { recipients: ['Anna@contoso.com'] }, {}, queued],
    [
      'a banned address',
      { banned: ['203.0.113.0/24'] },
      {},
      /^550 5\.7\.606 Access denied, banned sending IP \[203\.0\.113\.7\]\. .*sender\.office\.com/,
    ],
    [
      'an address without history',
      { greyListed: [branch] },
      {},
      /^451 4\.7\.500 Server busy\. Please try again later from \[203\.0\.113\.7\]\. \(AS/,
    ],
    [
      'the name of the server as own',
      {},
      { name: 'am0eur01ft001.mail.protection.outlook.com' },
      /^550 5\.7\.506 Access Denied, Bad HELO/,
    ],
    ['the tenant’s domain as own', {}, { name: 'contoso.com' }, /^550 5\.7\.506 /],
    ['no From', {}, { header: 'To: x@contoso.com' }, /^550 5\.7\.512 /],
    ['a block', { block: '550 5.7.750 Service unavailable.' }, {}, /^550 5\.7\.750 /],
  ]
  for (const [name, change, trial, reply] of rows) {
    it(`answers ${name}`, async () => {
      await using mx = await open(change)
      assert.match(await submit(mx, trial), reply)
      assert.equal(mx.ledger.length, reply === queued ? 1 : 0)
    })
  }
})

describe('an inbound connector', () => {
  const partner: InboundConnector = { ...byAddress, type: 'Partner' }
  const wildcard: InboundConnector = { ...byCertificate, tlsSenderCertificateName: '*.contoso.com' }
  const elsewhere: InboundConnector = { ...byAddress, senderIpAddresses: ['198.51.100.1', '2001:db8::/32'] }
  const foreign = 'a@fabrikam.com'
  const rows: [
    name: string,
    connector: InboundConnector,
    trial: Trial,
    hasCertificate: boolean,
    reply: RegExp,
  ][] = [
    ['relays by address', byAddress, {}, false, queued],
    ['by address not for MAIL FROM of another domain', byAddress, { from: foreign }, false, relayDenied],
    [
      'by address not for the null sender',
      byAddress,
      { from: '', header: 'From: a@contoso.com' },
      false,
      relayDenied,
    ],
    ['not from another address', elsewhere, {}, false, relayDenied],
    ['relays by certificate', byCertificate, {}, true, queued],
    ['by certificate for every MAIL FROM', byCertificate, { from: foreign }, true, queued],
    ['not without the certificate', byCertificate, {}, false, relayDenied],
    ['relays by a certificate under the star', wildcard, {}, true, queued],
    ['of type Partner does not relay', partner, {}, false, relayDenied],
  ]
  for (const [name, connector, trial, hasCertificate, reply] of rows) {
    it(name, async () => {
      await using mx = await open({ connectors: [connector] })
      const identity = hasCertificate ? { identity: box } : {}
      assert.match(await submit(mx, { to: outside, ...identity, ...trial }), reply)
      const [delivery] = mx.deliveries
      assert.deepEqual(delivery?.attribution, reply === queued ? { kind: 'connector', connector } : undefined)
    })
  }

  const stranger = { tlsSenderCertificateName: 'relay.fabrikam.com' }
  it('of a certificate outside the accepted domains needs MAIL FROM within', async () => {
    const identity = await authority.issue({ names: ['relay.fabrikam.com'] })
    await using mx = await open({ connectors: [{ ...byCertificate, ...stranger }] })
    assert.match(await submit(mx, { to: outside, identity, from: foreign }), relayDenied)
    assert.match(await submit(mx, { to: outside, identity }), queued)
  })

  for (const [name, make] of [
    ['of another name', () => authority.issue({ names: ['branch-08.contoso.com'] })],
    ['that signed itself', () => makeSelfSignedIdentity('branch-07.contoso.com')],
    [
      'of another authority',
      async () => (await createCertificateAuthority()).issue({ names: ['branch-07.contoso.com'] }),
    ],
    [
      'that has expired',
      () => authority.issue({ names: ['branch-07.contoso.com'], notAfter: new Date(Date.now() - 1000) }),
    ],
  ] as const) {
    it(`does not know a certificate ${name}`, async () => {
      await using mx = await open({ connectors: [byCertificate] })
      assert.match(await submit(mx, { to: outside, identity: await make() }), relayDenied)
    })
  }
})
