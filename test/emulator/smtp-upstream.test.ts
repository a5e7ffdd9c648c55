import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type CertificateAuthority, createCertificateAuthority } from './certificate-authority.ts'
import { openRawSmtp, type RawSmtpClient } from './smtp-raw-client.ts'
import type { SmtpRule } from './smtp-script.ts'
import { allCapabilities, defaultSmtpSettings, type SmtpCapabilities } from './smtp-settings.ts'
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
    ['RCPT before MAIL', 'RCPT TO:<b@contoso.com>', '503'],
    ['DATA before RCPT', 'MAIL FROM:<a@contoso.com>|DATA', '554'],
    ['DATA before MAIL', 'DATA', '503'],
    ['a second MAIL', 'MAIL FROM:<a@contoso.com>|MAIL FROM:<a@contoso.com>', '503'],
    ['a space after the colon', 'MAIL FROM: <a@contoso.com>', '501'],
    ['no angle brackets', 'MAIL FROM:a@contoso.com', '501'],
    ['an empty recipient', 'MAIL FROM:<>|RCPT TO:<>', '501'],
    ['an address without a domain', 'MAIL FROM:<>|RCPT TO:<anna>', '501'],
    ['a parameter not announced', 'MAIL FROM:<a@contoso.com> HOLDFOR=3', '555'],
    ['a parameter of RCPT on MAIL', 'MAIL FROM:<a@contoso.com> NOTIFY=NEVER', '555'],
    ['a parameter twice', 'MAIL FROM:<a@contoso.com> SIZE=1 SIZE=2', '501'],
    ['SIZE above the limit', 'MAIL FROM:<a@contoso.com> SIZE=35000001', '552 5.3.4'],
    ['SIZE that is no number', 'MAIL FROM:<a@contoso.com> SIZE=big', '501'],
    ['an unknown BODY', 'MAIL FROM:<a@contoso.com> BODY=BINARYMIME', '501'],
    ['a non-ASCII address without SMTPUTF8', 'MAIL FROM:<ä@contoso.com>', '553 5.6.7'],
    ['a non-ASCII recipient without SMTPUTF8', 'MAIL FROM:<>|RCPT TO:<ö@contoso.com>', '553 5.6.7'],
    ['an unknown command', 'XYZZY', '500'],
    ['AUTH in clear', 'AUTH PLAIN AAAA', '538'],
    ['EHLO without a name', 'EHLO', '501'],
    ['DATA with an argument', 'MAIL FROM:<>|RCPT TO:<b@contoso.com>|DATA now', '501'],
  ]
  for (const [name, commands, reply] of refusals) {
    it(`${reply} for ${name}`, async () => {
      await using client = await greeted()
      let last: string | undefined
      for (const command of commands.split('|')) last = await client.say(command)
      assert.ok(last?.startsWith(reply), last ?? 'hung up')
    })
  }

  it('503 for MAIL before EHLO', async () => {
    await using client = await openRawSmtp(upstream.port)
    await client.reply()
    assert.match((await client.say('MAIL FROM:<>')) ?? '', /^503/)
  })

  const unsaid: [name: string, change: Partial<SmtpCapabilities>, command: string][] = [
    ['SIZE', { size: undefined }, 'MAIL FROM:<> SIZE=1'],
    ['8BITMIME', { isEightBitMime: false }, 'MAIL FROM:<> BODY=8BITMIME'],
    ['SMTPUTF8', { isSmtpUtf8: false }, 'MAIL FROM:<> SMTPUTF8'],
    ['DSN', { isDsn: false }, 'MAIL FROM:<> RET=FULL'],
  ]
  for (const [name, change, command] of unsaid) {
    it(`555 for ${name} when EHLO does not say it`, async () => {
      upstream.settings.capabilities = { ...allCapabilities, ...change }
      await using client = await openRawSmtp(upstream.port)
      await client.reply()
      assert.doesNotMatch((await client.say('EHLO x')) ?? '', new RegExp(`[ -]${name}`))
      assert.match((await client.say(command)) ?? '', /^555/)
    })
  }

  it('takes SMTPUTF8 addresses when asked properly', async () => {
    await using client = await greeted()
    assert.match((await client.say('MAIL FROM:<ä@contoso.com> SMTPUTF8')) ?? '', /^250/)
    assert.match((await client.say('RCPT TO:<ö@contoso.com>')) ?? '', /^250/)
  })

  it('452 above so many recipients, keeping those before', async () => {
    upstream.settings.maxRecipients = 1
    await using client = await greeted()
    await dialogue(
      client,
      'C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<b@contoso.com>\nS: 250\nC: RCPT TO:<c@contoso.com>\nS: 452 4.5.3\nC: DATA\nS: 354\nC: .\nS: 250',
    )
    assert.equal(upstream.ledger[0]?.recipients.length, 1)
  })

  it('refuses and records bare line feeds', async () => {
    await using client = await greeted()
    await dialogue(client, envelope)
    client.write('a\nb\r\n.\r\n')
    assert.match((await client.reply()) ?? '', /^550 5\.6\.11/)
    assert.deepEqual(connection().violations, ['bare LF in content'])
    assert.equal(upstream.ledger.length, 0)
  })

  it('records long lines, NUL, bare CR and undeclared 8-bit content, but stores it', async () => {
    await using client = await greeted()
    await dialogue(client, envelope)
    client.write(`${'x'.repeat(999)}\r\nä\0\r\r\n.\r\n`)
    assert.match((await client.reply()) ?? '', /^250/)
    assert.deepEqual(connection().violations, [
      'bare CR in content',
      'line over 1000 octets in content',
      'NUL in content',
      '8-bit content without BODY=8BITMIME',
    ])
    assert.equal(upstream.ledger[0]?.longLines, 1)
  })

  it('552 for content above the limit that was not declared', async () => {
    upstream.settings.capabilities = { ...allCapabilities, size: 10 }
    await using client = await greeted()
    await dialogue(client, envelope)
    client.write('123456789\r\n.\r\n')
    assert.match((await client.reply()) ?? '', /^552 5\.3\.4/)
    assert.equal(upstream.ledger.length, 0)
  })

  it('records commands ended by LF and pipelining that was not offered or not allowed', async () => {
    await using client = await greeted()
    client.write('NOOP\n')
    await client.reply()
    client.write('EHLO y\r\nRSET\r\n')
    await client.reply()
    await client.reply()
    upstream.settings.capabilities = { ...allCapabilities, isPipelining: false }
    client.write('MAIL FROM:<>\r\nRCPT TO:<b@contoso.com>\r\n')
    await client.reply()
    await client.reply()
    assert.deepEqual(connection().violations, [
      'command ended by bare LF',
      'pipelined after EHLO',
      'pipelined after MAIL, not offered',
    ])
  })
})

describe('SMTP upstream: script', () => {
  const bad: SmtpRule = {
    on: 'RCPT',
    match: /TO:<bad@/,
    action: { kind: 'reply', reply: '550 5.1.1 No such user' },
  }

  it('refuses one recipient and takes the others', async () => {
    upstream.script.add(bad)
    await using client = await greeted()
    await dialogue(
      client,
      `
      C: MAIL FROM:<a@contoso.com>
      S: 250
      C: RCPT TO:<bad@contoso.com>
      S: 550 5.1.1 No such user
      C: RCPT TO:<good@contoso.com>
      S: 250
      C: DATA
      S: 354
      C: .
      S: 250`,
    )
    assert.deepEqual(
      upstream.ledger[0]?.recipients.map((one) => one.address),
      ['good@contoso.com'],
    )
  })

  for (const on of [
    'CONNECT',
    'EHLO',
    'STARTTLS',
    'MAIL',
    'RCPT',
    'DATA',
    'CONTENT',
    'RSET',
    'QUIT',
  ] as const) {
    it(`replies to ${on} in several lines, once, and hangs up if told to`, async () => {
      upstream.script.add({
        on,
        count: 1,
        action: { kind: 'reply', reply: '451 4.3.0 Not now\nreally', isClosing: true },
      })
      await using client = await openRawSmtp(upstream.port)
      const commands = [
        'EHLO x',
        'STARTTLS',
        'MAIL FROM:<>',
        'RCPT TO:<b@contoso.com>',
        'DATA',
        '.',
        'RSET',
        'QUIT',
      ]
      let last = await client.reply()
      for (const command of commands) {
        if (last?.startsWith('451')) break
        if (command === 'STARTTLS' && on !== 'STARTTLS') continue
        last = await client.say(command)
      }
      assert.equal(last, '451-4.3.0 Not now\n451 really')
      assert.equal(await client.reply(), undefined)
      assert.equal(upstream.ledger.length, on === 'RSET' || on === 'QUIT' ? 1 : 0)
    })
  }

  it('changes only the text of a positive reply', async () => {
    upstream.script.add({
      on: 'CONTENT',
      action: { kind: 'reply', reply: '250 2.6.0 <id> Queued mail for delivery' },
    })
    await using client = await greeted()
    await dialogue(client, `${envelope}\nC: .\nS: 250 2.6.0 <id> Queued`)
    assert.equal(upstream.ledger.length, 1)
  })

  for (const isStored of [true, false]) {
    it(`drops the connection after the final dot, ${isStored ? 'having' : 'without'} stored`, async () => {
      upstream.script.add({ on: 'CONTENT', match: /TO:<b@contoso.com>/, action: { kind: 'drop', isStored } })
      await using client = await greeted()
      await dialogue(client, envelope)
      assert.equal(await client.say('.'), undefined)
      assert.equal(upstream.ledger.length, isStored ? 1 : 0)
    })
  }

  it('drops the connection in the middle of content', async () => {
    upstream.script.add({ on: 'UPLOAD', action: { kind: 'drop', afterOctets: 5 } })
    await using client = await greeted()
    await dialogue(client, envelope)
    client.write('1234567890')
    assert.equal(await client.reply(), undefined)
    assert.equal(upstream.ledger.length, 0)
  })

  it('stalls after storing until the client gives up', async () => {
    upstream.script.add({ on: 'CONTENT', action: { kind: 'stall', isStored: true } })
    const client = await greeted()
    await dialogue(client, envelope)
    client.write('.\r\n')
    await upstream.ledgerReaches(1)
    assert.equal(connection().transcript.at(-1), 'S: 354 End data with <CR><LF>.<CR><LF>')
    await client[Symbol.asyncDispose]()
  })

  it('holds a reply back until the test lets it go, after so many matches', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    upstream.script.add({ on: 'NOOP', skip: 1, count: 1, wait: promise })
    await using client = await greeted()
    assert.match((await client.say('NOOP')) ?? '', /^250/)
    const held = client.say('NOOP')
    assert.equal(await Promise.race([held, new Promise((done) => setImmediate(done, 'held'))]), 'held')
    resolve()
    assert.match((await held) ?? '', /^250/)
  })
})

describe('SMTP upstream: connections', () => {
  const openUpstream = () => startSmtpUpstream({ security: 'plain' })

  it('above the limit are refused at once', async () => {
    await using upstream = await openUpstream()
    upstream.settings.connectionLimit = {
      connections: 1,
      at: 'CONNECT',
      reply: '421 4.7.0 Too many connections',
    }
    await using first = await greeted(upstream)
    await using second = await openRawSmtp(upstream.port)
    assert.equal(await second.reply(), '421 4.7.0 Too many connections')
    assert.equal(await second.reply(), undefined)
    assert.match((await first.say('NOOP')) ?? '', /^250/)
    assert.deepEqual(
      upstream.connections.map((one) => one.isOverLimit),
      [false, true],
    )
  })

  it('above the limit may be refused at MAIL, as Exchange does', async () => {
    await using upstream = await openUpstream()
    upstream.settings.connectionLimit = {
      connections: 1,
      at: 'MAIL',
      reply: '432 4.3.2 Concurrent connections limit exceeded',
    }
    await using first = await greeted(upstream)
    await using second = await greeted(upstream)
    assert.match((await second.say('MAIL FROM:<>')) ?? '', /^432 4\.3\.2/)
    assert.match((await first.say('MAIL FROM:<>')) ?? '', /^250/)
    assert.deepEqual([upstream.openConnections, upstream.peakConnections], [2, 2])
  })

  it('are counted with their commands and mails', async () => {
    await using client = await greeted(upstream)
    for (let index = 0; index < 2; index += 1) await dialogue(client, `${envelope}\nC: .\nS: 250`)
    await client.say('QUIT')
    assert.equal(await client.reply(), undefined)
    assert.equal(connection().mailsStored, 2)
    assert.equal(connection().verbs.filter((verb) => verb === 'MAIL').length, 2)
    assert.equal(connection().greeting, 'branch-07')
  })

  it('are refused or reset during an outage', async () => {
    await using client = await greeted(upstream)
    await upstream.setOutage('refuse')
    assert.equal(await client.reply(), undefined)
    await assert.rejects(openRawSmtp(upstream.port), { code: 'ECONNREFUSED' })
    await upstream.setOutage('reset')
    const [outcome] = await Promise.allSettled([openRawSmtp(upstream.port).then((one) => one.reply())])
    assert.ok(outcome?.status === 'rejected' || outcome?.value === undefined)
    await upstream.setOutage('none')
    await using again = await greeted(upstream)
    assert.match((await again.say('NOOP')) ?? '', /^250/)
  })
})
