// TLS, AUTH and whole mails, spoken by nodemailer and by hand.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { createTransport } from 'nodemailer'
import { type Azure, startAzure } from './azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import type { Identity } from './certificate-authority.ts'
import { fetchToken } from './https-raw-client.ts'
import { openRawSmtp, type RawSmtpClient } from './smtp-raw-client.ts'
import { allCapabilities, type SmtpCapabilities } from './smtp-settings.ts'
import { type SmtpUpstream, type SmtpUpstreamOptions, startSmtpUpstream } from './smtp-upstream.ts'

const account = { username: 'relay@contoso.com', password: 'pä$$ word' }
let azure: Azure
let clientIdentity: Identity

before(async () => {
  azure = await startAzure()
  clientIdentity = await azure.certificateAuthority.issue({ names: ['branch-07.contoso.com'] })
})
after(() => azure[Symbol.asyncDispose]())

function open(options: SmtpUpstreamOptions = {}): Promise<SmtpUpstream> {
  const { certificateAuthority } = azure
  return startSmtpUpstream({ certificateAuthority, accounts: [account], isAuthRequired: true, ...options })
}

interface NodemailerChange {
  readonly auth?: object
  readonly tls?: object
  readonly host?: string
}

function transport(upstream: SmtpUpstream, isImplicit: boolean, change: NodemailerChange = {}) {
  return createTransport({
    host: 'localhost',
    port: upstream.port,
    secure: isImplicit,
    requireTLS: !isImplicit,
    auth: { user: account.username, pass: account.password },
    ...change,
    tls: { ca: azure.caPem, ...change.tls },
  })
}

const mail = {
  envelope: { from: 'a@contoso.com', to: ['b@contoso.com', 'c@contoso.com'] },
  raw: `Subject: x\r\n\r\n.dot\r\n..two\r\n${'line\r\n'.repeat(30_000)}`,
}

describe('nodemailer and the SMTP upstream', () => {
  for (const security of ['starttls', 'implicit'] as const) {
    it(`exchange a mail over ${security}, octet for octet`, async () => {
      await using upstream = await open({ security })
      await transport(upstream, security === 'implicit').sendMail(mail)
      const [stored] = upstream.ledger
      assert.equal(stored?.sha256, createHash('sha256').update(mail.raw).digest('hex'))
      assert.deepEqual(
        stored?.recipients.map((one) => one.address),
        mail.envelope.to,
      )
      assert.equal(stored?.user, account.username)
      assert.deepEqual([stored?.tls?.version, stored?.tls?.servername], ['TLSv1.3', 'localhost'])
      assert.deepEqual(upstream.connections[0]?.violations, [])
    })
  }

  it('exchange a mail in clear, without AUTH', async () => {
    await using upstream = await open({ security: 'plain', isAuthRequired: false })
    const plain = createTransport({ host: 'localhost', port: upstream.port, secure: false, ignoreTLS: true })
    await plain.sendMail(mail)
    assert.deepEqual([upstream.ledger[0]?.tls, upstream.ledger[0]?.user], [undefined, undefined])
  })

  for (const mechanism of ['PLAIN', 'LOGIN'] as const) {
    it(`agree on AUTH ${mechanism}, and on a wrong password`, async () => {
      await using upstream = await open({ capabilities: { ...allCapabilities, auth: [mechanism] } })
      await transport(upstream, false).sendMail(mail)
      assert.equal(upstream.connections[0]?.mechanism, mechanism)
      const transcript = upstream.connections[0]?.transcript.join('\n') ?? ''
      for (const secret of [
        `\0${account.username}\0${account.password}`,
        account.username,
        account.password,
      ]) {
        assert.ok(!transcript.includes(base64(secret)))
      }
      assert.match(transcript, /^C: AUTH .*\*\*\*$/m)
      const auth = { user: account.username, pass: 'wrong' }
      await assert.rejects(transport(upstream, false, { auth }).sendMail(mail), {
        code: 'EAUTH',
        responseCode: 535,
      })
      assert.equal(upstream.ledger.length, 1)
    })
  }

  it('agree on XOAUTH2 with a token of the emulated Entra, and on a refused one', async () => {
    await using upstream = await open({
      isTokenValid: (user, token) =>
        user === account.username && azure.readToken(token)?.appid === exampleClientId,
    })
    const accessToken = await fetchToken(azure, exampleTenant, exampleClientId, exampleSecret)
    const auth = { type: 'OAuth2', user: account.username, accessToken }
    await transport(upstream, false, { auth }).sendMail(mail)
    assert.equal(upstream.connections[0]?.mechanism, 'XOAUTH2')
    const refused = { ...auth, accessToken: 'other' }
    await assert.rejects(transport(upstream, false, { auth: refused }).sendMail(mail), {
      code: 'EAUTH',
      responseCode: 535,
    })
  })

  it('see a recipient refused alone', async () => {
    await using upstream = await open()
    upstream.script.add({
      on: 'RCPT',
      match: /TO:<c@/,
      action: { kind: 'reply', reply: '550 5.1.1 No such user' },
    })
    const info = await transport(upstream, false).sendMail(mail)
    assert.deepEqual([info.accepted, info.rejected], [['b@contoso.com'], ['c@contoso.com']])
    assert.deepEqual(
      upstream.ledger[0]?.recipients.map((one) => one.address),
      ['b@contoso.com'],
    )
  })

  it('do not trust a certificate of another name, authority or time', async () => {
    const ofOtherName = { certificateNames: ['wrong.example'] }
    const expired = { certificateNotAfter: new Date(Date.now() - 1000) }
    for (const [options, tls, reason] of [
      [ofOtherName, {}, /altnames/],
      [expired, {}, /expired/],
      [{}, { ca: [] }, /certificate/],
    ] as const) {
      await using upstream = await open(options)
      await assert.rejects(transport(upstream, false, { tls }).sendMail(mail), reason)
      assert.equal(upstream.ledger.length, 0)
    }
  })

  it('use the TLS version that both can', async () => {
    await using upstream = await open({ maxTlsVersion: 'TLSv1.2' })
    await transport(upstream, false).sendMail(mail)
    assert.equal(upstream.ledger[0]?.tls?.version, 'TLSv1.2')
    await assert.rejects(transport(upstream, false, { tls: { minVersion: 'TLSv1.3' } }).sendMail(mail))
    assert.match(upstream.connections[1]?.tlsError ?? '', /PROTOCOL/)
  })

  it('show a client certificate to who asks for it', async () => {
    await using upstream = await open({ wantsClientCertificate: true, isAuthRequired: false })
    const tls = { key: clientIdentity.keyPem, cert: clientIdentity.certificatePem }
    await transport(upstream, false, { tls }).sendMail(mail)
    assert.equal(upstream.ledger[0]?.tls?.clientCertificate?.commonName, 'branch-07.contoso.com')
  })
})

async function secured(upstream: SmtpUpstream): Promise<RawSmtpClient> {
  const client = await openRawSmtp(upstream.port)
  await client.reply()
  await client.say('EHLO x')
  assert.match((await client.say('STARTTLS')) ?? '', /^220/)
  await client.startTls({ ca: azure.caPem, servername: 'localhost' })
  return client
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('AUTH by hand', () => {
  const plain = base64(`\0${account.username}\0${account.password}`)
  const badToken = base64('user=relay@contoso.com\x01auth=Bearer nope\x01\x01')
  const dialogues: [name: string, lines: [line: string, reply: RegExp][]][] = [
    ['PLAIN with an initial response', [[`AUTH PLAIN ${plain}`, /^235/]]],
    [
      'PLAIN without',
      [
        ['AUTH PLAIN', /^334 $/],
        [plain, /^235/],
      ],
    ],
    [
      'LOGIN',
      [
        ['AUTH LOGIN', /^334 VXNlcm5hbWU6$/],
        [base64(account.username), /^334 UGFzc3dvcmQ6$/],
        [base64(account.password), /^235/],
      ],
    ],
    [
      'LOGIN with an initial response',
      [
        [`auth login ${base64(account.username)}`, /^334 UGFzc3dvcmQ6$/],
        [base64('x'), /^535 5\.7\.8/],
      ],
    ],
    [
      'XOAUTH2 refused: JSON, empty line, 535',
      [
        [`AUTH XOAUTH2 ${badToken}`, /^334 eyJ/],
        ['', /^535 5\.7\.3/],
      ],
    ],
    [
      'cancelled',
      [
        ['AUTH PLAIN', /^334/],
        ['*', /^501/],
      ],
    ],
    ['not base64', [['AUTH PLAIN a-b_', /^501/]]],
    ['an unknown mechanism', [['AUTH CRAM-MD5', /^504/]]],
    [
      'twice',
      [
        [`AUTH PLAIN ${plain}`, /^235/],
        [`AUTH PLAIN ${plain}`, /^503/],
      ],
    ],
    ['MAIL without it', [['MAIL FROM:<>', /^530/]]],
  ]
  for (const [name, lines] of dialogues) {
    it(name, async () => {
      await using upstream = await open()
      await using client = await secured(upstream)
      await client.say('EHLO x')
      for (const [line, reply] of lines) assert.match((await client.say(line)) ?? 'hung up', reply)
      assert.deepEqual(upstream.connections[0]?.violations, [])
    })
  }

  it('notes a client that answers the XOAUTH2 error with something', async () => {
    await using upstream = await open()
    await using client = await secured(upstream)
    await client.say('EHLO x')
    await client.say(`AUTH XOAUTH2 ${badToken}`)
    assert.match((await client.say('AAAA')) ?? '', /^535/)
    assert.equal(upstream.connections[0]?.violations.length, 1)
  })
})

describe('STARTTLS by hand', () => {
  it('forgets EHLO, is offered once, and offers AUTH only behind it', async () => {
    await using upstream = await open()
    await using plain = await openRawSmtp(upstream.port)
    await plain.reply()
    const before = (await plain.say('EHLO x')) ?? ''
    assert.match(before, /STARTTLS/)
    assert.doesNotMatch(before, /AUTH/)
    await using client = await secured(upstream)
    assert.match((await client.say('MAIL FROM:<>')) ?? '', /^503/)
    const behind = (await client.say('EHLO x')) ?? ''
    assert.doesNotMatch(behind, /STARTTLS/)
    assert.match(behind, /AUTH PLAIN LOGIN XOAUTH2/)
    assert.match((await client.say('STARTTLS')) ?? '', /^503/)
  })

  it('throws away and records what was smuggled in before it', async () => {
    await using upstream = await open()
    await using client = await openRawSmtp(upstream.port)
    await client.reply()
    await client.say('EHLO x')
    client.write('STARTTLS\r\nNOOP\r\n')
    assert.match((await client.reply()) ?? '', /^220/)
    await client.startTls({ ca: azure.caPem, servername: 'localhost' })
    assert.match((await client.say('EHLO x')) ?? '', /^250-upstream\.test/)
    assert.deepEqual(upstream.connections[0]?.violations, [
      'pipelined after STARTTLS',
      'sent plain octets after STARTTLS',
    ])
  })

  it('is 503 where it is not offered', async () => {
    await using upstream = await open({ security: 'plain' })
    await using client = await openRawSmtp(upstream.port)
    await client.reply()
    assert.match((await client.say('STARTTLS')) ?? '', /^503/)
  })
})

describe('EHLO', () => {
  const rows: [change: Partial<SmtpCapabilities>, present: RegExp, absent: RegExp][] = [
    [
      {},
      /SIZE 35000000\n.*PIPELINING\n.*DSN\n.*ENHANCEDSTATUSCODES\n.*AUTH PLAIN LOGIN XOAUTH2\n.*8BITMIME\n250 SMTPUTF8$/s,
      /CHUNKING/,
    ],
    [{ size: 0 }, /250-SIZE\n/, /SIZE \d/],
    [{ auth: [] }, /250-8BITMIME/, /AUTH/],
    [{ auth: ['LOGIN'], isSmtpUtf8: false }, /AUTH LOGIN\n250 8BITMIME$/, /PLAIN|SMTPUTF8/],
  ]
  for (const [change, present, absent] of rows) {
    it(`says what is configured: ${JSON.stringify(change)}`, async () => {
      await using upstream = await open({
        security: 'plain',
        isAuthInClear: true,
        capabilities: { ...allCapabilities, ...change },
      })
      await using client = await openRawSmtp(upstream.port)
      await client.reply()
      const reply = (await client.say('EHLO x')) ?? ''
      assert.match(reply, present)
      assert.doesNotMatch(reply, absent)
    })
  }
})
