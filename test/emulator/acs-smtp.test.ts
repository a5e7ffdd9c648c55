// The twin of smtp.azurecomm.net, spoken to by nodemailer, swaks and by hand.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTransport } from 'nodemailer'
import { type AcsSmtp, type AcsSmtpOptions, startAcsSmtp } from './acs-smtp.ts'
import { type Azure, startAzure } from './azure.ts'
import { type EntraApp, exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import { runClient } from './command-line-client.ts'
import { fetchToken } from './https-raw-client.ts'
import { openRawSmtp, type RawSmtpClient } from './smtp-raw-client.ts'

const longName = `contoso.${exampleClientId}.${exampleTenant}`
const sender = 'scanner@contoso.com'
const app: EntraApp = {
  tenant: exampleTenant,
  clientId: exampleClientId,
  secrets: [{ value: exampleSecret }],
  certificates: [],
  role: 'contributor',
}
const username = { username: 'box-07@contoso.com', clientId: exampleClientId, tenant: exampleTenant }

let azure: Azure
let now = Date.now()

before(async () => {
  azure = await startAzure({ now: () => now })
})
after(() => azure[Symbol.asyncDispose]())

function open(change: AcsSmtpOptions = {}, changed: Partial<EntraApp> = {}): Promise<AcsSmtp> {
  azure.settings.apps = [{ ...app, ...changed }]
  return startAcsSmtp(azure, { usernames: [username], ...change })
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

async function secured(acs: AcsSmtp): Promise<RawSmtpClient> {
  const client = await openRawSmtp(acs.port)
  await client.reply()
  await client.say('EHLO branch-07.contoso.com')
  await client.say('STARTTLS')
  await client.startTls({ ca: azure.caPem, servername: 'localhost' })
  await client.say('EHLO branch-07.contoso.com')
  return client
}

async function login(client: RawSmtpClient, user = longName, password = exampleSecret): Promise<string> {
  await client.say('AUTH LOGIN')
  await client.say(base64(user))
  return (await client.say(base64(password))) ?? 'hung up'
}

/** The last reply of the dialogue. */
async function submit(client: RawSmtpClient, from = sender, header = `From: ${from}`): Promise<string> {
  for (const line of [`MAIL FROM:<${from}>`, 'RCPT TO:<anna@example.org>', 'DATA']) {
    const reply = (await client.say(line)) ?? 'hung up'
    if (!/^[23]/.test(reply)) return reply
  }
  return (await client.say(`${header}\r\nSubject: x\r\n\r\nx\r\n.`)) ?? 'hung up'
}

describe('smtp.azurecomm.net: sign-in', () => {
  for (const user of [longName, longName.replaceAll('.', '|'), username.username]) {
    it(`takes the secret as password of ${user}, from nodemailer`, async () => {
      await using acs = await open()
      const transport = createTransport({
        host: 'localhost',
        port: acs.port,
        requireTLS: true,
        tls: { ca: azure.caPem },
        auth: { user, pass: exampleSecret },
      })
      await transport.sendMail({ from: sender, to: 'anna@example.org', text: 'x' })
      assert.equal(acs.connections[0]?.mechanism, 'LOGIN')
      assert.equal(acs.ledger[0]?.user, user)
    })
  }

  it('does not offer or take AUTH PLAIN, as swaks finds', async () => {
    await using acs = await open()
    const { output } = await runClient('swaks', [
      ...['--server', '127.0.0.1', '--port', String(acs.port), '--tls', '--auth', 'PLAIN'],
      ...['--auth-user', longName, '--auth-password', exampleSecret],
      ...['--from', sender, '--to', 'anna@example.org', '--helo', 'x'],
    ])
    assert.match(output, /250-AUTH LOGIN XOAUTH2/)
    assert.match(output, /no authentication type that was advertised|Auth not attempted/i)
    await using client = await secured(acs)
    assert.match((await client.say(`AUTH PLAIN ${base64(`\0${longName}\0x`)}`)) ?? '', /^504/)
  })

  const expired = [{ value: exampleSecret, expiresAt: 1 }]
  const early = [{ value: exampleSecret, startsAt: Date.parse('2100-01-01') }]
  const refusals: [reason: string, user: string, password: string, changed?: Partial<EntraApp>][] = [
    ['AADSTS7000215', longName, 'wrong'],
    ['AADSTS7000222', longName, exampleSecret, { secrets: expired }],
    ['AADSTS7000215', longName, exampleSecret, { secrets: early }],
    ['role', longName, exampleSecret, { role: 'none' }],
    ['username', `fabrikam.${exampleClientId}.${exampleTenant}`, exampleSecret],
    ['username', `contoso.${exampleClientId}`, exampleSecret],
    ['username', exampleClientId, exampleSecret],
  ]
  for (const [reason, user, password, changed] of refusals) {
    it(`refuses ${user}: ${reason} ${JSON.stringify(changed ?? {})}`, async () => {
      await using acs = await open({}, changed)
      await using client = await secured(acs)
      assert.match(await login(client, user, password), /^535 5\.7\.3 Authentication unsuccessful \[/)
      assert.deepEqual(
        acs.refusals.map((one) => one.reason),
        [reason],
      )
    })
  }

  it('looks at the secret each time', async () => {
    await using acs = await open()
    await using first = await secured(acs)
    assert.match(await login(first), /^235/)
    azure.settings.apps = [{ ...app, secrets: [{ value: 'rotated' }] }]
    await using second = await secured(acs)
    assert.match(await login(second), /^535/)
    assert.match(await login(second, longName, 'rotated'), /^235/)
  })

  const other: EntraApp = { ...app, clientId: '44444444-4444-4444-8444-444444444444' }
  const tokens: [reason: string | undefined, user: string, resource: string, byOther?: boolean][] = [
    [undefined, username.username, 'https://communication.azure.com'],
    [undefined, username.username, 'https://communication.azure.com/'],
    ['audience', username.username, 'https://outlook.office365.com'],
    ['username', 'other@contoso.com', 'https://communication.azure.com'],
    ['app', username.username, 'https://communication.azure.com', true],
  ]
  for (const [reason, user, resource, byOther = false] of tokens) {
    it(`XOAUTH2 with a token for ${resource} as ${user}: ${reason ?? 'taken'}`, async () => {
      await using acs = await open()
      azure.settings.apps = [app, other]
      const clientId = byOther ? other.clientId : exampleClientId
      const token = await fetchToken(azure, exampleTenant, clientId, exampleSecret, resource)
      await using client = await secured(acs)
      const response = base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`)
      const reply = (await client.say(`AUTH XOAUTH2 ${response}`)) ?? ''
      if (reason === undefined) assert.match(reply, /^235/)
      else assert.match((await client.say('')) ?? '', /^535 5\.7\.3 /)
      assert.deepEqual(
        acs.refusals.map((one) => one.reason),
        reason === undefined ? [] : [reason],
      )
    })
  }
})

describe('smtp.azurecomm.net: mail', () => {
  const refusals: [name: string, from: string, header: string | undefined, reply: RegExp][] = [
    [
      'a domain not linked',
      'a@fabrikam.com',
      undefined,
      /^501 5\.1\.7 The specified sender domain has not been/,
    ],
    ['an unknown sender', 'nobody@contoso.com', undefined, /^550 5\.1\.7 Invalid sender username/],
    ['no sender', '', undefined, /^501 5\.1\.7 /],
    ['From of a domain not linked', sender, 'From: x <a@fabrikam.com>', /^501 5\.1\.7 The specified sender/],
    ['From of an unknown sender', sender, 'From: nobody@contoso.com', /^550 5\.1\.7 Invalid sender username/],
    ['no From', sender, 'To: a@contoso.com', /^550 5\.7\.512 /],
    ['two in From', sender, `From: ${sender},\r\n\tnoreply@contoso.com`, /^550 5\.7\.512 /],
  ]
  for (const [name, from, header, reply] of refusals) {
    it(`is refused: ${name}`, async () => {
      await using acs = await open()
      await using client = await secured(acs)
      await login(client)
      assert.match(await submit(client, from, header), reply)
      assert.equal(acs.ledger.length, 0)
    })
  }

  it('may be from any linked MailFrom address, with a name', async () => {
    await using acs = await open()
    await using client = await secured(acs)
    await login(client)
    assert.match(await submit(client, sender, 'From: "Relay, old" <NoReply@contoso.com>'), /^250 2\.0\.0 OK/)
  })

  it('is 450 above the quota of the subscription, and refused tries count', async (context) => {
    const start = now
    context.after(() => {
      now = start
    })
    await using acs = await open()
    await using client = await secured(acs)
    await login(client)
    for (let count = 0; count < 30; count += 1) assert.match(await submit(client), /^250/)
    const excess = await submit(client)
    assert.match(
      excess,
      /^450 4\.5\.127 Message rejected\. Excessive message rate from sender\. .*EXOSmtpErrors/,
    )
    now += 59_000
    assert.match(await submit(client), /^450/)
    now += 2_000
    assert.match(await submit(client), /^250/)
    assert.equal(acs.ledger.length, 31)
  })

  it('has at most 50 recipients and 10 MB', async () => {
    await using acs = await open()
    await using client = await secured(acs)
    await login(client)
    assert.match((await client.say(`MAIL FROM:<${sender}> SIZE=10000001`)) ?? '', /^552 5\.3\.4 /)
    await client.say(`MAIL FROM:<${sender}>`)
    for (let count = 0; count < 50; count += 1)
      assert.match((await client.say(`RCPT TO:<r${count}@example.org>`)) ?? '', /^250/)
    assert.match((await client.say('RCPT TO:<one-more@example.org>')) ?? '', /^452 4\.5\.3 /)
    await client.say('DATA')
    client.write(`From: ${sender}\r\n\r\n`)
    const line = `${'x'.repeat(998)}\r\n`
    client.write(line.repeat(10_000))
    assert.match((await client.say('.')) ?? '', /^552 5\.3\.4 /)
  })
})
