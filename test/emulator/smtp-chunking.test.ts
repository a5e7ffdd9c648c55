// BDAT and BINARYMIME (RFC 3030), spoken by hand.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { openRawSmtp, type RawSmtpClient } from './smtp-raw-client.ts'
import { allCapabilities } from './smtp-settings.ts'
import { type SmtpUpstream, startSmtpUpstream } from './smtp-upstream.ts'

const capabilities = { ...allCapabilities, size: 100, isChunking: true, isBinaryMime: true }
let upstream: SmtpUpstream

before(async () => {
  upstream = await startSmtpUpstream({ security: 'plain' })
})
after(() => upstream[Symbol.asyncDispose]())
beforeEach(() => {
  upstream.settings.capabilities = capabilities
  upstream.script.clear()
  upstream.ledger.length = 0
  upstream.connections.length = 0
})

async function addressed(body = ''): Promise<RawSmtpClient> {
  const client = await openRawSmtp(upstream.port)
  await client.reply()
  await client.say('EHLO x')
  assert.match((await client.say(`MAIL FROM:<a@contoso.com>${body}`)) ?? '', /^250/)
  assert.match((await client.say('RCPT TO:<b@contoso.com>')) ?? '', /^250/)
  return client
}

describe('BDAT', () => {
  it('is announced with BINARYMIME', async () => {
    await using client = await openRawSmtp(upstream.port)
    await client.reply()
    assert.match((await client.say('EHLO x')) ?? '', /8BITMIME\n250-BINARYMIME\n250-CHUNKING\n250 SMTPUTF8$/)
  })

  it('takes chunks octet for octet: no dots are unstuffed and none ends the mail', async () => {
    await using client = await addressed()
    client.write('BDAT 12\r\nSubject: x\r\n')
    assert.match((await client.reply()) ?? '', /^250 /)
    client.write('BDAT 9\r\n\r\n..a\r\n.\r')
    assert.match((await client.reply()) ?? '', /^250 /)
    client.write('BDAT 1 LAST\r\n\n')
    assert.match((await client.reply()) ?? '', /^250 2\.0\.0 Ok: queued/)
    assert.equal(upstream.ledger[0]?.raw.toString(), 'Subject: x\r\n\r\n..a\r\n.\r\n')
    assert.equal(upstream.ledger[0]?.transfer, 'BDAT')
    assert.deepEqual(upstream.connections[0]?.violations, [])
  })

  it('takes several pipelined, and an empty last one', async () => {
    await using client = await addressed()
    client.write('BDAT 3\r\na\r\nBDAT 3\r\nb\r\nBDAT 0 LAST\r\nNOOP\r\n')
    for (let count = 0; count < 4; count += 1) assert.match((await client.reply()) ?? '', /^250/)
    assert.equal(upstream.ledger[0]?.raw.toString(), 'a\r\nb\r\n')
    assert.deepEqual(upstream.connections[0]?.violations, [])
  })

  it('takes bare line feeds and NUL in a binary body without a word', async () => {
    await using client = await addressed(' BODY=BINARYMIME')
    client.write(Buffer.concat([Buffer.from('BDAT 4 LAST\r\n'), Buffer.from([0, 10, 13, 255])]))
    assert.match((await client.reply()) ?? '', /^250/)
    assert.deepEqual([...(upstream.ledger[0]?.raw ?? [])], [0, 10, 13, 255])
    assert.deepEqual(upstream.connections[0]?.violations, [])
  })

  it('notes a bare line feed where the body is no binary one', async () => {
    await using client = await addressed()
    client.write('BDAT 4 LAST\r\na\nb\n')
    assert.match((await client.reply()) ?? '', /^250/)
    assert.deepEqual(upstream.connections[0]?.violations, ['bare LF in content'])
  })

  it('is 552 over the size, and 503 until RSET', async () => {
    await using client = await addressed()
    client.write(`BDAT 101\r\n${'x'.repeat(101)}BDAT 1 LAST\r\nx`)
    assert.match((await client.reply()) ?? '', /^552/)
    assert.match((await client.reply()) ?? '', /^503/)
    assert.match((await client.say('RSET')) ?? '', /^250/)
    assert.equal(upstream.ledger.length, 0)
  })

  it('is answered after its octets where it is refused: a scripted 451', async () => {
    upstream.script.add({ on: 'BDAT', action: { kind: 'reply', reply: '451 4.3.0 Later' }, count: 1 })
    await using client = await addressed()
    client.write('BDAT 6\r\nQUIT\r\nBDAT 2 LAST\r\n\r\n')
    assert.match((await client.reply()) ?? '', /^451/)
    assert.match((await client.reply()) ?? '', /^503/)
  })

  it('is cut in the middle of a chunk', async () => {
    upstream.script.add({ on: 'UPLOAD', action: { kind: 'drop', afterOctets: 5 } })
    await using client = await addressed()
    client.write(`BDAT 10 LAST\r\n${'x'.repeat(10)}`)
    assert.equal(await client.reply(), undefined)
    assert.equal(upstream.ledger.length, 0)
  })

  const refusals: [name: string, body: string, say: string, reply: RegExp, violation?: string][] = [
    ['no number', '', 'BDAT x', /^501/],
    ['another word than LAST', '', 'BDAT 0 END', /^501/],
    ['DATA for a binary body', ' BODY=BINARYMIME', 'DATA', /^503/, 'DATA where only BDAT may come'],
  ]
  for (const [name, body, line, reply, violation] of refusals) {
    it(`refuses ${name}`, async () => {
      await using client = await addressed(body)
      assert.match((await client.say(line)) ?? '', reply)
      assert.deepEqual(upstream.connections[0]?.violations, violation === undefined ? [] : [violation])
    })
  }

  it('refuses DATA after a chunk', async () => {
    await using client = await addressed()
    client.write('BDAT 3\r\na\r\n')
    await client.reply()
    assert.match((await client.say('DATA')) ?? '', /^503/)
  })

  it('is unknown, and a violation, where EHLO does not say CHUNKING', async () => {
    upstream.settings.capabilities = allCapabilities
    await using client = await addressed()
    client.write('BDAT 3 LAST\r\na\r\n')
    assert.match((await client.reply()) ?? '', /^500/)
    assert.deepEqual(upstream.connections[0]?.violations, ['BDAT, not offered'])
    assert.match((await client.say('RSET')) ?? '', /^250/)
  })

  it('is no pipelining: its chunk follows at once, whether or not that is offered', async () => {
    upstream.settings.capabilities = { ...capabilities, isPipelining: false }
    await using client = await addressed()
    client.write('BDAT 3 LAST\r\na\r\n')
    assert.match((await client.reply()) ?? '', /^250/)
    assert.deepEqual(upstream.connections[0]?.violations, [])
  })

  it('needs MAIL and RCPT', async () => {
    await using client = await openRawSmtp(upstream.port)
    await client.reply()
    await client.say('EHLO x')
    client.write('BDAT 1 LAST\r\nx')
    assert.match((await client.reply()) ?? '', /^503/)
  })
})
