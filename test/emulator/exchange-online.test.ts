// The twin of smtp.office365.com, spoken to by nodemailer, curl, swaks and by hand.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createTransport } from 'nodemailer'
import { type Azure, startAzure } from './azure.ts'
import { type EntraApp, exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { runClient } from './command-line-client.ts'
import { type ExchangeOnline, type ExchangeOnlineOptions, startExchangeOnline } from './exchange-online.ts'
import type { Mailbox } from './exchange-settings.ts'
import { fetchToken } from './https-raw-client.ts'
import { openRawSmtp, type RawSmtpClient } from './smtp-raw-client.ts'

const outlook = 'https://outlook.office365.com'
const objectId = '33333333-3333-4333-8333-333333333333'
const address = 'scanner@contoso.com'
const app: EntraApp = {
  tenant: exampleTenant,
  clientId: exampleClientId,
  objectId,
  secrets: [{ value: exampleSecret }],
  certificates: [],
  role: 'none',
  permissions: { [outlook]: ['SMTP.SendAsApp'] },
}
const mailbox: Mailbox = { address, password: 'secret', fullAccess: [exampleClientId] }
const principal = { clientId: exampleClientId, objectId }

let azure: Azure
let directory: string
let caFile: string
let now = Date.now()

before(async () => {
  azure = await startAzure({ apps: [app], now: () => now })
  directory = await mkdtemp(join(tmpdir(), 'inkpost-exchange-'))
  caFile = await azure.writeCa(directory)
})
after(async () => {
  await azure[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

function open(change: ExchangeOnlineOptions = {}): Promise<ExchangeOnline> {
  return startExchangeOnline(azure, { mailboxes: [mailbox], servicePrincipals: [principal], ...change })
}

function token(resource = outlook): Promise<string> {
  return fetchToken(azure, exampleTenant, exampleClientId, exampleSecret, resource)
}

function xoauth2(user: string, accessToken: string): string {
  return Buffer.from(`user=${user}\x01auth=Bearer ${accessToken}\x01\x01`).toString('base64')
}

async function secured(exchange: ExchangeOnline): Promise<RawSmtpClient> {
  const client = await openRawSmtp(exchange.port)
  await client.reply()
  await client.say('EHLO branch-07.contoso.com')
  assert.equal(await client.say('STARTTLS'), '220 2.0.0 SMTP server ready')
  await client.startTls({ ca: azure.caPem, servername: 'localhost' })
  await client.say('EHLO branch-07.contoso.com')
  return client
}

async function signedIn(exchange: ExchangeOnline, user = address): Promise<RawSmtpClient> {
  const client = await secured(exchange)
  assert.match((await client.say(`AUTH XOAUTH2 ${xoauth2(user, await token())}`)) ?? '', /^235 /)
  return client
}

const to = 'anna@contoso.com'

/** The reply to the end of the mail, or to what was refused before. */
async function submit(
  client: RawSmtpClient,
  from = address,
  recipients: readonly string[] = [to],
  header = from,
): Promise<string> {
  const lines = [`MAIL FROM:<${from}>`, ...recipients.map((one) => `RCPT TO:<${one}>`), 'DATA']
  for (const line of lines) {
    const reply = (await client.say(line)) ?? 'hung up'
    if (!/^[23]/.test(reply)) return reply
  }
  return (await client.say(`From: <${header}>\r\nSubject: x\r\n\r\nx\r\n.`)) ?? 'hung up'
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('smtp.office365.com: the dialogue', () => {
  it('is the captured one, before and behind STARTTLS', async () => {
    await using exchange = await open({
      upstream: { clientAddress: '203.0.113.7', now: () => Date.parse('2022-11-09T10:09:41Z') },
    })
    await using client = await openRawSmtp(exchange.port)
    const name = 'AM0PR01CA0001.outlook.office365.com'
    const greeting = `220 ${name} Microsoft ESMTP MAIL Service ready at Wed, 9 Nov 2022 10:09:41 +0000`
    assert.equal(await client.reply(), greeting)
    const hello = (line: string): string =>
      `250-${name} Hello [203.0.113.7]\n250-SIZE 157286400\n250-PIPELINING\n250-DSN\n250-ENHANCEDSTATUSCODES\n` +
      `250-${line}\n250-8BITMIME\n250-BINARYMIME\n250-CHUNKING\n250 SMTPUTF8`
    assert.equal(await client.say('EHLO branch-07.contoso.com'), hello('STARTTLS'))
    assert.match((await client.say('MAIL FROM:<>')) ?? '', /^451 5\.7\.3 STARTTLS is required to send mail/)
    assert.match((await client.say('AUTH LOGIN')) ?? '', /^504 5\.7\.4 /)
    await client.say('STARTTLS')
    await client.startTls({ ca: azure.caPem, servername: 'localhost' })
    assert.equal(await client.say('EHLO branch-07.contoso.com'), hello('AUTH LOGIN XOAUTH2'))
    assert.match((await client.say('MAIL FROM:<>')) ?? '', /^530 5\.7\.57 Client not authenticated to send/)
    assert.match((await client.say('AUTH PLAIN')) ?? '', /^504 5\.7\.4 /)
  })

  it('does not speak TLS 1.1', async () => {
    await using exchange = await open()
    const args = ['s_client', '-starttls', 'smtp', '-connect', `127.0.0.1:${exchange.port}`]
    const old = await runClient('openssl', [...args, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'])
    assert.notEqual(old.status, 0)
    assert.match(exchange.connections[0]?.tlsError ?? '', /PROTOCOL|VERSION/)
    const modern = await runClient('openssl', [...args, '-tls1_2', '-CAfile', caFile], 'QUIT\r\n')
    assert.match(modern.output, /Verify return code: 0 \(ok\)/)
  })
})

describe('smtp.office365.com: XOAUTH2', () => {
  it('takes an app with permission and mailbox from nodemailer and from curl', async () => {
    await using exchange = await open()
    const accessToken = await token()
    const transport = createTransport({
      host: 'localhost',
      port: exchange.port,
      requireTLS: true,
      tls: { ca: azure.caPem },
      auth: { type: 'OAuth2', user: address, accessToken },
    })
    const info = await transport.sendMail({ from: address, to, text: 'x' })
    assert.match(info.response, /^250 2\.0\.0 OK <1-1@AM0PR01CA0001\.outlook\.office365\.com> \[Hostname=/)
    const curl = await runClient(
      'curl',
      [
        ...['--silent', '--show-error', '--ssl-reqd', '--cacert', caFile],
        ...['--url', `smtp://localhost:${exchange.port}`, '--mail-from', address, '--mail-rcpt', to],
        ...['--user', address, '--oauth2-bearer', accessToken, '--login-options', 'AUTH=XOAUTH2'],
        ...['--upload-file', '-'],
      ],
      `From: ${address}\r\nSubject: by curl\r\n\r\nx\r\n`,
    )
    assert.equal(curl.status, 0, curl.output)
    assert.deepEqual(
      exchange.ledger.map((one) => one.user),
      [address, address],
    )
    assert.deepEqual(
      exchange.connections.flatMap((one) => one.violations),
      [],
    )
  })

  const refusals: [
    reason: string,
    user: string,
    make: () => Promise<string>,
    change?: ExchangeOnlineOptions,
  ][] = [
    ['signature', address, async () => 'ey.ey.ey'],
    ['audience', address, () => token('https://communication.azure.com')],
    ['tenant', address, () => token(), { tenant: '99999999-9999-4999-8999-999999999999' }],
    ['role', address, () => token(), { permission: 'Mail.Send' }],
    ['mailbox', 'nobody@contoso.com', () => token()],
    ['service-principal', address, () => token(), { servicePrincipals: [] }],
    [
      'service-principal',
      address,
      () => token(),
      { servicePrincipals: [{ ...principal, objectId: 'of-registration' }] },
    ],
    ['mailbox-permission', address, () => token(), { mailboxes: [{ address }] }],
  ]
  for (const [reason, user, make, change] of refusals) {
    it(`refuses by 334, empty line and 535: ${reason} (${JSON.stringify(change ?? user)})`, async () => {
      await using exchange = await open(change)
      await using client = await secured(exchange)
      const challenge = (await client.say(`AUTH XOAUTH2 ${xoauth2(user, await make())}`)) ?? ''
      assert.match(challenge, /^334 /)
      assert.equal(JSON.parse(Buffer.from(challenge.slice(4), 'base64').toString()).status, '401')
      assert.match((await client.say('')) ?? '', /^535 5\.7\.3 Authentication unsuccessful \[AM0PR01CA0001\./)
      assert.deepEqual(
        exchange.refusals.map((one) => one.reason),
        [reason],
      )
    })
  }

  it('refuses an expired token', async (context) => {
    const start = now
    context.after(() => {
      now = start
    })
    await using exchange = await open()
    const made = await token()
    now += 3_600_000
    await using client = await secured(exchange)
    await client.say(`AUTH XOAUTH2 ${xoauth2(address, made)}`)
    assert.match((await client.say('')) ?? '', /^535/)
    assert.equal(exchange.refusals[0]?.reason, 'expired')
  })

  it('refuses at once when told so, as in some captures', async () => {
    await using exchange = await open({ upstream: { tokenChallenge: undefined } })
    await using client = await secured(exchange)
    assert.match((await client.say(`AUTH XOAUTH2 ${xoauth2(address, 'x')}`)) ?? '', /^535 5\.7\.3 /)
  })

  it('is 501 for what is no XOAUTH2 string', async () => {
    await using exchange = await open()
    await using client = await secured(exchange)
    const wrong = base64(`user=${address}\nauth=Bearer x\n\n`)
    assert.match(
      (await client.say(`AUTH XOAUTH2 ${wrong}`)) ?? '',
      /^501 5\.5\.124 Invalid XOAUTH2 auth data/,
    )
  })
})

describe('smtp.office365.com: password', () => {
  async function swaks(exchange: ExchangeOnline, password: string): Promise<string> {
    const { output } = await runClient('swaks', [
      ...['--server', '127.0.0.1', '--port', String(exchange.port), '--tls'],
      ...['--auth', 'LOGIN', '--auth-user', address, '--auth-password', password],
      ...['--from', address, '--to', to, '--helo', 'branch-07.contoso.com'],
      ...['--data', `From: ${address}\n\nx`],
    ])
    return output
  }

  it('is taken by AUTH LOGIN where basic authentication is allowed', async () => {
    await using exchange = await open({ basicAuthentication: 'allowed' })
    assert.match(await swaks(exchange, 'secret'), /<~ {2}235 2\.7\.0 .*<~ {2}250 2\.0\.0 OK/s)
    assert.match(await swaks(exchange, 'wrong'), /535 5\.7\.3 Authentication unsuccessful \[/)
    assert.equal(exchange.refusals[0]?.reason, 'password')
  })

  const mailboxOff = { mailboxes: [{ ...mailbox, isSmtpAuthDisabled: true }] }
  const refusals: [name: string, change: ExchangeOnlineOptions, reply: RegExp][] = [
    ['basic authentication off', {}, /535 5\.7\.139 .*, basic authentication is disabled\. \[/],
    ['security defaults', { basicAuthentication: 'security-defaults' }, /535 5\.7\.139 .*security defaults/],
    ['conditional access', { basicAuthentication: 'criteria' }, /535 5\.7\.139 .*did not meet the criteria/],
    [
      'SMTP AUTH off for the tenant',
      { basicAuthentication: 'allowed', isSmtpAuthDisabled: true },
      /535 5\.7\.139 .*SmtpClientAuthentication is disabled for the Tenant/,
    ],
    [
      'SMTP AUTH off for the mailbox',
      { basicAuthentication: 'allowed', ...mailboxOff },
      /535 5\.7\.139 .*SmtpClientAuthentication is disabled for the Mailbox/,
    ],
  ]
  for (const [name, change, reply] of refusals) {
    it(`is refused: ${name}`, async () => {
      await using exchange = await open(change)
      assert.match(await swaks(exchange, 'secret'), reply)
      assert.equal(exchange.ledger.length, 0)
    })
  }

  it('SMTP AUTH switched off stops tokens too, and a mailbox may be excepted', async () => {
    await using exchange = await open({ isSmtpAuthDisabled: true })
    await using client = await secured(exchange)
    await client.say(`AUTH XOAUTH2 ${xoauth2(address, await token())}`)
    assert.match((await client.say('')) ?? '', /^535 5\.7\.139 .*for the Tenant/)
    exchange.tenant.mailboxes = [{ ...mailbox, isSmtpAuthDisabled: false }]
    assert.match((await client.say(`AUTH XOAUTH2 ${xoauth2(address, await token())}`)) ?? '', /^235/)
  })
})

describe('smtp.office365.com: the end of a mail', () => {
  const refusals: [name: string, change: ExchangeOnlineOptions, header: string, reply: RegExp][] = [
    [
      'another From',
      {},
      'boss@contoso.com',
      /^554 5\.2\.252 SendAsDenied; scanner@contoso\.com not allowed to send as boss@contoso\.com; STOREDRV\..*SendAsDenied/,
    ],
    ['a full mailbox', { mailboxes: [{ ...mailbox, isFull: true }] }, address, /^554 5\.2\.2 mailbox full; /],
    [
      'the tenant blocked',
      { tenantBlock: '550 5.7.705 Access denied, tenant has exceeded threshold' },
      address,
      /^550 5\.7\.705 /,
    ],
    [
      'the mailbox stopped',
      { mailboxes: [{ ...mailbox, stoppedFor: 'invalid recipients' }] },
      address,
      /^550 5\.2\.255 Sender throttled due to continuous invalid recipients errors/,
    ],
    ['no recipients left today', { recipientsPerDay: 0 }, address, /^554 5\.2\.0 .*SubmissionQuotaExceeded/],
  ]
  for (const [name, change, header, reply] of refusals) {
    it(`is refused: ${name}`, async () => {
      await using exchange = await open(change)
      await using client = await signedIn(exchange)
      assert.match(await submit(client, address, [to], header), reply)
      assert.equal(exchange.ledger.length, 0)
    })
  }

  it('takes another From where SendAs was given', async () => {
    await using exchange = await open({ mailboxes: [{ ...mailbox, sendAs: ['boss@contoso.com'] }] })
    await using client = await signedIn(exchange)
    assert.match(await submit(client, address, [to], 'Boss@contoso.com'), /^250/)
    assert.match(await submit(client, 'other@contoso.com', [to], address), /^554 5\.2\.252 SendAsDenied/)
  })

  it('stops the mailbox after repeated refusals, and starts it again later', async (context) => {
    const start = now
    context.after(() => {
      now = start
    })
    await using exchange = await open({ errorsBeforeStop: 2 })
    await using client = await signedIn(exchange)
    for (let count = 0; count < 2; count += 1)
      assert.match(await submit(client, address, [to], 'boss@contoso.com'), /SendAsDenied/)
    assert.match(await submit(client), /^550 5\.2\.252 Sender throttled due to continuous send as denied/)
    now += exchange.tenant.stoppedMs
    assert.match(await submit(client), /^250/)
  })

  it('lets the recipients of a day go after a day', async (context) => {
    const start = now
    context.after(() => {
      now = start
    })
    await using exchange = await open({ recipientsPerDay: 3 })
    await using client = await signedIn(exchange)
    assert.match(await submit(client, address, [to, 'b@contoso.com']), /^250/)
    assert.match(await submit(client, address, [to, 'b@contoso.com']), /SubmissionQuotaExceeded/)
    assert.match(await submit(client), /^250/)
    now += 24 * 3_600_000
    assert.match(await submit(client, address, [to, 'b@contoso.com']), /^250/)
  })

  it('is delayed, not refused, above 30 a minute', async () => {
    const delays: number[] = []
    await using exchange = await open({ delay: async (ms) => void delays.push(ms) })
    await using client = await signedIn(exchange)
    for (let count = 0; count < 31; count += 1) assert.match(await submit(client), /^250/)
    assert.deepEqual(delays, [60_000])
  })

  it('is 432 in the fourth connection of a mailbox, until one of the others goes', async () => {
    const other = { ...mailbox, address: 'other@contoso.com' }
    await using exchange = await open({ mailboxes: [mailbox, other] })
    const three = [await signedIn(exchange), await signedIn(exchange), await signedIn(exchange)]
    for (const client of three) assert.match(await submit(client), /^250/)
    await using fourth = await signedIn(exchange)
    assert.match(await submit(fourth), /^432 4\.3\.2 Concurrent connections limit exceeded\. .* \[Hostname=/)
    await using elsewhere = await signedIn(exchange, other.address)
    assert.match(await submit(elsewhere, other.address), /^250/)
    assert.match((await three[0]?.say('QUIT')) ?? '', /^221 2\.0\.0 Service closing/)
    assert.equal(await three[0]?.reply(), undefined)
    assert.match(await submit(fourth), /^250/)
    for (const client of three) await client[Symbol.asyncDispose]()
  })

  it('may come by BDAT, binary', async () => {
    await using exchange = await open()
    await using client = await signedIn(exchange)
    await client.say(`MAIL FROM:<${address}> BODY=BINARYMIME`)
    await client.say(`RCPT TO:<${to}>`)
    const part = `From: ${address}\r\n`
    client.write(`BDAT ${part.length}\r\n${part}`)
    assert.equal(await client.reply(), `250 2.6.0 CHUNK received OK, ${part.length} octets`)
    client.write('BDAT 4 LAST\r\n\r\n\0\n')
    assert.match((await client.reply()) ?? '', /^250 2\.0\.0 OK/)
    assert.equal(exchange.ledger[0]?.raw.toString(), `${part}\r\n\0\n`)
  })
})

describe('smtp.hve.mx.microsoft', () => {
  const hve: ExchangeOnlineOptions = { service: 'hve' }

  it('takes passwords whatever the switches say, and Mail.Send instead of SMTP.SendAsApp', async () => {
    await using exchange = await open({ ...hve, isSmtpAuthDisabled: true })
    await using client = await secured(exchange)
    await client.say(`AUTH XOAUTH2 ${xoauth2(address, await token())}`)
    await client.say('')
    assert.equal(exchange.refusals[0]?.reason, 'role')
    await client.say('AUTH LOGIN')
    await client.say(base64(address))
    assert.match((await client.say(base64('secret'))) ?? '', /^235/)
    assert.match(await submit(client), /^250/)
  })

  it('refuses recipients outside, and more than 50', async () => {
    await using exchange = await open({ ...hve, permission: 'SMTP.SendAsApp' })
    await using client = await signedIn(exchange)
    assert.match(await submit(client, address, ['x@example.org']), /^550 5\.5\.105 External sending is not/)
    await client.say('RSET')
    const many = Array.from({ length: 51 }, (_, index) => `r${index}@contoso.com`)
    assert.match(await submit(client, address, many), /^452 4\.5\.3 /)
  })
})
