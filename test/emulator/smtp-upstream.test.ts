import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type CertificateAuthority, createCertificateAuthority } from './certificate-authority.ts'
import { openRawSmtp, type RawSmtpClient } from './smtp-raw-client.ts'
import { allCapabilities, defaultSmtpSettings } from './smtp-settings.ts'
import { type SmtpUpstream, startSmtpUpstream } from './smtp-upstream.ts'

let ca: CertificateAuthority
let upstream: SmtpUpstream

before(async () => {
  ca = await createCertificateAuthority()
  upstream = await startSmtpUpstream({ certificateAuthority: ca })
})
after(() => upstream[Symbol.asyncDispose]())
beforeEach(() => {
  Object.assign(upstream.settings, { ...defaultSmtpSettings(), script: upstream.script })
  upstream.script.clear()
  upstream.ledger.length = 0
  upstream.connections.length = 0
})

/** Connected, greeted, EHLO said. */
async function greeted(server = upstream): Promise<RawSmtpClient> {
  const client = await openRawSmtp(server.port)
  assert.match((await client.reply()) ?? '', /^220 /)
  assert.match((await client.say('EHLO branch-07')) ?? '', /^250-/)
  return client
}

/** The dialogue `C: … / S: …`, in order; an S line is compared with the start of the reply. */
async function dialogue(client: RawSmtpClient, script: string): Promise<void> {
  for (const line of script
    .trim()
    .split('\n')
    .map((one) => one.trim())) {
    if (line.startsWith('C: ')) client.write(`${line.slice(3)}\r\n`)
    else assert.ok(((await client.reply()) ?? 'hung up').startsWith(line.slice(3)), `expected ${line}`)
  }
}

const envelope = `
  C: MAIL FROM:<a@contoso.com>
  S: 250
  C: RCPT TO:<b@contoso.com>
  S: 250
  C: DATA
  S: 354`

function connection() {
  const found = upstream.connections.at(-1)
  assert.ok(found)
  return found
}

describe('SMTP upstream: one mail', () => {
  it('stores envelope with parameters and content without stuffed dots', async () => {
    await using client = await greeted()
    await dialogue(
      client,
      `
      C: MAIL FROM:<a@contoso.com> SIZE=40 BODY=8BITMIME RET=HDRS ENVID=q1
      S: 250 2.1.0
      C: RCPT TO:<b@contoso.com> NOTIFY=FAILURE ORCPT=rfc822;b@contoso.com
      S: 250 2.1.5
      C: RCPT TO:<c@contoso.com>
      S: 250
      C: DATA
      S: 354`,
    )
    client.write('Subject: x\r\n\r\n..dot\r\nend\r\n.\r\n')
    assert.match((await client.reply()) ?? '', /^250 2\.0\.0 /)
    const [mail] = upstream.ledger
    assert.ok(mail)
    assert.deepEqual(mail.mailFrom, {
      address: 'a@contoso.com',
      parameters: { SIZE: '40', BODY: '8BITMIME', RET: 'HDRS', ENVID: 'q1' },
    })
    assert.deepEqual(mail.recipients[0]?.parameters, { NOTIFY: 'FAILURE', ORCPT: 'rfc822;b@contoso.com' })
    assert.equal(mail.recipients.length, 2)
    assert.equal(mail.raw.toString(), 'Subject: x\r\n\r\n.dot\r\nend\r\n')
    assert.equal(mail.sha256, createHash('sha256').update('Subject: x\r\n\r\n.dot\r\nend\r\n').digest('hex'))
    assert.deepEqual(connection().violations, [])
    assert.deepEqual(connection().verbs, ['EHLO', 'MAIL', 'RCPT', 'RCPT', 'DATA'])
  })

  it('finds the final dot wherever the stream is cut', async () => {
    const whole = 'a\r\n..\r\nb\r\n.\r\n'
    await using client = await greeted()
    for (let cut = 1; cut < whole.length; cut += 1) {
      await dialogue(client, envelope)
      client.write(whole.slice(0, cut))
      await new Promise(setImmediate)
      client.write(whole.slice(cut))
      assert.match((await client.reply()) ?? '', /^250/, `cut at ${cut}`)
    }
    assert.ok(upstream.ledger.every((mail) => mail.raw.toString() === 'a\r\n.\r\nb\r\n'))
  })

  it('takes an empty content, and pipelined commands after the dot', async () => {
    await using client = await greeted()
    await dialogue(client, envelope)
    client.write('.\r\nMAIL FROM:<>\r\nRCPT TO:<b@contoso.com>\r\n')
    await dialogue(client, 'S: 250\nS: 250\nS: 250')
    assert.equal(upstream.ledger[0]?.size, 0)
  })
})

describe('SMTP upstream: what it is strict about', () => {
  const refusals: [name: string, commands: string, reply: string][] = [
    ['MAIL before EHLO', 'HELO x|STARTTLS', '220'],
    ['RCPT before MAIL', 'RCPT TO:<b@contoso.com>', '503'],
    ['DATA before RCPT', 'MAIL FROM:<a@contoso.com>|DATA', '554'],
    ['a second MAIL', 'MAIL FROM:<a@contoso.com>|MAIL FROM:<a@contoso.com>', '503'],
    ['a space after the colon', 'MAIL FROM: <a@contoso.com>', '501'],
    ['no angle brackets', 'MAIL FROM:a@contoso.com', '501'],
    ['an empty recipient', 'MAIL FROM:<>|RCPT TO:<>', '501'],
    ['an address without a domain', 'MAIL FROM:<>|RCPT TO:<anna>', '501'],
    ['a parameter not announced', 'MAIL FROM:<a@contoso.com> HOLDFOR=3', '555'],
    ['a parameter of RCPT on MAIL', 'MAIL FROM:<a@contoso.com> NOTIFY=NEVER', '555'],
    ['a parameter twice', 'MAIL FROM:<a@contoso.com> SIZE=1 SIZE=2', '501'],
    ['SIZE above the limit', 'MAIL FROM:<a@contoso.com> SIZE=35000001', '552 5.3.4'],
    ['an unknown BODY', 'MAIL FROM:<a@contoso.com> BODY=BINARYMIME', '501'],
    ['a non-ASCII address without SMTPUTF8', 'MAIL FROM:<ä@contoso.com>', '553 5.6.7'],
    ['an unknown command', 'XYZZY', '500'],
    ['AUTH in clear', 'AUTH PLAIN AAAA', '538'],
    ['EHLO without a name', 'EHLO', '501'],
  ]
  for (const [name, commands, reply] of refusals) {
    it(`${reply} for ${name}`, async () => {
      await using client = await greeted()
      let last: string | undefined
      for (const command of commands.split('|')) last = await client.say(command)
      assert.ok(last?.startsWith(reply), last)
    })
  }
})
