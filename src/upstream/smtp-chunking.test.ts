import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, beforeEach, describe, it } from 'node:test'
import { allCapabilities, defaultSmtpSettings } from '../../test/emulator/smtp-settings.ts'
import { type SmtpUpstream, startSmtpUpstream } from '../../test/emulator/smtp-upstream.ts'
import type { UpstreamSetup } from '../core/setup.ts'
import { address, exampleConsignment, exampleHouse, exampleSetup } from './example-consignment.fixture.ts'
import { packing, send, to } from './smtp-case.fixture.ts'
import { SmtpDriver } from './smtp-driver.ts'
import type { SmtpPack } from './smtp-parcel.ts'

let server: SmtpUpstream
let folder: string
let caFile: string
const capabilities = { ...allCapabilities, isChunking: true }

before(async () => {
  server = await startSmtpUpstream()
  folder = await mkdtemp(join(tmpdir(), 'chunking-'))
  caFile = await server.certificateAuthority.writeCa(folder)
})
after(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  Object.assign(server.settings, { ...defaultSmtpSettings(), script: server.script, capabilities })
  server.script.clear()
  server.ledger.length = 0
  server.connections.length = 0
})

const small = Buffer.from('Subject: Scan\r\n\r\n.\r\n..\r\nHere.\r\n')
const large = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.alloc(900_000, 'abcdefgh\r\n')])

function driver(pack: SmtpPack = packing(small), change: Partial<UpstreamSetup> = {}) {
  const house = exampleHouse()
  const setup = exampleSetup({ kind: 'smarthost', host: 'localhost', port: server.port, caFile, ...change })
  const upstream = new SmtpDriver('smarthost', setup, house, pack)
  return {
    house,
    upstream,
    [Symbol.asyncDispose]: async () => {
      await upstream[Symbol.asyncDispose]()
      house[Symbol.dispose]()
    },
  }
}

/** Offers CHUNKING and knows no BDAT. What it took for commands is in `heard`, what came after DATA in `content`. */
async function blindProxy() {
  const heard: string[] = []
  const content: string[] = []
  const answer = (line: string): string => {
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO') return '250-proxy\r\n250 CHUNKING'
    if (verb === 'DATA') return '354 go on'
    return ['MAIL', 'RCPT', 'RSET', 'QUIT'].includes(verb) ? '250 ok' : '500 5.5.2 what?'
  }
  const proxy = createServer((socket) => {
    let isData = false
    socket.on('error', () => undefined)
    socket.write('220 proxy\r\n')
    createInterface({ input: socket }).on('line', (line) => {
      if (isData && line !== '.') return void content.push(line)
      if (!isData) heard.push(line)
      socket.write(`${isData ? '250 taken' : answer(line)}\r\n`)
      isData = !isData && line === 'DATA'
    })
  }).listen(0, 'localhost')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  return { heard, content, port, [Symbol.asyncDispose]: async () => void proxy.close() }
}

const verbs = (): readonly string[] => server.connections.map((one) => one.verbs.join(' '))
const said = (verb: string): readonly string[] =>
  server.connections.flatMap((one) => one.transcript.filter((line) => line.startsWith(`C: ${verb}`)))

describe('BDAT', () => {
  it('carries the content as it is, of the size that MAIL said, no dot stuffed', async () => {
    for (const step of [1, 3, small.length]) {
      await using test = driver(packing(small, step))
      assert.deepEqual((await send(test.upstream)).outcomes, ['accepted'])
      assert.deepEqual(server.ledger.at(-1)?.raw, small, `in pieces of ${step}`)
    }
    assert.deepEqual(said('BDAT').slice(0, 2), ['C: BDAT 1', `C: BDAT ${small.length - 1} LAST`])
    assert.equal(said('MAIL')[0], `C: MAIL FROM:<scanner@contoso.com> SIZE=${small.length}`)
    assert.deepEqual(said('DATA'), [])
    assert.deepEqual(
      server.connections.flatMap((one) => one.violations),
      [],
    )
  })

  it('says of sender and recipients what DATA says', async () => {
    const recipients = [
      { number: 1, address: address('jürgen@contoso.com'), notify: 'NEVER', orcpt: 'rfc822;x' },
    ]
    const { envelope } = exampleConsignment()
    const dsn = { ret: 'HDRS', envid: 'q1' } as const
    const change = { recipients, envelope: { ...envelope, recipients, smtputf8: true, dsn } }
    for (const isChunking of [true, false]) {
      server.settings.capabilities = { ...capabilities, isChunking }
      await using test = driver(packing(Buffer.from('Subject: ü\r\n\r\nü\r\n')))
      assert.deepEqual((await send(test.upstream, change)).outcomes, ['accepted'])
    }
    const [chunked, plain] = [said('MAIL'), said('RCPT')]
    assert.equal(chunked[0], chunked[1])
    assert.equal(plain[0], plain[1])
    assert.match(chunked[0] ?? '', / SMTPUTF8 BODY=8BITMIME SIZE=\d+ RET=HDRS ENVID=q1$/)
  })

  it('keeps the connection for the next mail', async () => {
    await using test = driver()
    await send(test.upstream)
    await send(test.upstream)
    assert.equal(said('BDAT').at(-1), `C: BDAT ${small.length} LAST`, 'which knows chunks by now')
    assert.ok(server.ledger.every(({ raw }) => raw.equals(small)))
    assert.deepEqual(verbs(), ['EHLO STARTTLS EHLO MAIL RCPT BDAT BDAT RSET MAIL RCPT BDAT'])
  })

  for (const isPipelining of [true, false]) {
    const how = isPipelining ? 'pipelined' : 'one by one'
    it(`sends no octet where all recipients or the sender are refused, ${how}`, async () => {
      server.settings.capabilities = { ...capabilities, isPipelining }
      const recipients = to('anna@contoso.com', 'bob@contoso.com')
      server.script.add({ on: 'RCPT', action: { kind: 'reply', reply: '550 5.1.1 User unknown' } })
      await using test = driver()
      const unknown = await send(test.upstream, recipients)
      assert.deepEqual(unknown.outcomes, Array(2).fill('permanent recipient unknown-recipient'))
      server.script.clear()
      server.script.add({ on: 'MAIL', action: { kind: 'reply', reply: '553 5.7.1 Not owned by user' } })
      const foreign = await send(test.upstream, recipients)
      assert.deepEqual(foreign.outcomes, Array(2).fill('paused sender sender-refused'))
      assert.deepEqual(said('BDAT'), [])
    })

    it(`takes each recipient by its own reply, ${how}`, async () => {
      server.settings.capabilities = { ...capabilities, isPipelining }
      server.script.add({ on: 'RCPT', match: /bob@/, action: { kind: 'reply', reply: '450 4.2.1 Busy' } })
      await using test = driver()
      const sent = await send(test.upstream, to('anna@contoso.com', 'bob@contoso.com', 'carl@contoso.com'))
      assert.deepEqual(sent.outcomes, ['accepted', 'transient smtp-450', 'accepted'])
      assert.deepEqual(
        server.ledger[0]?.recipients.map((one) => one.address),
        ['anna@contoso.com', 'carl@contoso.com'],
      )
    })

    it(`421 to MAIL is heard, ${how}`, async () => {
      server.settings.capabilities = { ...capabilities, isPipelining }
      server.script.add({ on: 'MAIL', action: { kind: 'reply', reply: '421 4.7.0 Busy', isClosing: true } })
      await using test = driver()
      assert.deepEqual((await send(test.upstream)).outcomes, ['transient smtp-421'])
    })
  }

  it('refused for its content is a verdict, not a reason for DATA', async () => {
    server.script.add({ on: 'CONTENT', action: { kind: 'reply', reply: '554 5.7.1 A virus' } })
    await using test = driver()
    assert.deepEqual((await send(test.upstream)).outcomes, ['permanent message smtp-554'])
    server.script.clear()
    assert.deepEqual((await send(test.upstream)).outcomes, ['accepted'])
    assert.equal(said('BDAT').length, 4)
    assert.equal(server.connections.length, 2, 'after a failed chunk nothing is known of the transaction')
  })

  for (const reply of ['500 5.5.1 Unrecognized', '502 5.5.1 No', '503 5.5.1 Bad sequence']) {
    it(`that is not understood (${reply.slice(0, 3)}): the same mail goes by DATA, on another connection`, async () => {
      server.script.add({ on: 'BDAT', action: { kind: 'reply', reply } })
      await using test = driver(packing(large))
      const consignment = exampleConsignment()
      const sent = await send(test.upstream, consignment)
      assert.deepEqual(sent.outcomes, ['accepted'])
      assert.deepEqual(sent.accepted, [consignment.operationId])
      assert.equal(server.ledger.length, 1)
      assert.ok(server.ledger[0]?.raw.equals(large))
      assert.equal(server.connections.length, 2)
      assert.deepEqual((await send(test.upstream)).outcomes, ['accepted'])
      assert.equal(said('BDAT').length, 1, 'and so do those after it')
    })
  }

  it('says nothing of a mail to a proxy that lets CHUNKING through and takes every line for a command', async () => {
    const crafted = Buffer.from('MAIL FROM:<eve@contoso.com>\r\nRCPT TO:<all@out.example>\r\n\r\nDATA\r\n')
    for (const step of [1, 4096]) {
      await using proxy = await blindProxy()
      await using test = driver(packing(crafted, step), { port: proxy.port, security: 'plain' })
      assert.deepEqual((await send(test.upstream)).outcomes, ['accepted'])
      assert.deepEqual(proxy.heard, [
        'EHLO branch-07.contoso.com',
        'MAIL FROM:<scanner@contoso.com>',
        'RCPT TO:<anna@contoso.com>',
        'BDAT 1',
        // What is left when the connection ends: no verb has one letter.
        'M',
        'EHLO branch-07.contoso.com',
        'MAIL FROM:<scanner@contoso.com>',
        'RCPT TO:<anna@contoso.com>',
        'DATA',
      ])
      assert.equal(proxy.content.join('\r\n'), crafted.toString().trimEnd())
    }
  })

  it('cut off after its first octet: surely not taken, however small the mail', async () => {
    server.script.add({ on: 'UPLOAD', count: 1, action: { kind: 'drop' } })
    await using test = driver()
    const cut = await send(test.upstream)
    assert.match(cut.outcomes[0] ?? '', /^transient unreachable-/)
    assert.match(cut.dialogue ?? '', /C: BDAT 1$/)
  })

  it('whose first octet is refused sends no more of it', async () => {
    server.script.add({ on: 'BDAT', action: { kind: 'reply', reply: '452 4.3.1 No room' } })
    await using test = driver()
    assert.deepEqual((await send(test.upstream)).outcomes, ['transient smtp-452'])
    assert.deepEqual(said('BDAT'), ['C: BDAT 1'])
  })

  it('cut off in the middle: surely not taken, and DATA is used from then on', async () => {
    await using test = driver(packing(large))
    await send(test.upstream)
    server.ledger.length = 0
    server.script.add({ on: 'UPLOAD', count: 1, action: { kind: 'drop', afterOctets: 100_000 } })
    const cut = await send(test.upstream)
    assert.match(cut.outcomes[0] ?? '', /^transient unreachable-/)
    assert.match(cut.dialogue ?? '', /C: BDAT 900014 LAST$/)
    assert.equal(server.ledger.length, 0)
    assert.deepEqual((await send(test.upstream)).outcomes, ['accepted'])
    assert.equal(said('DATA').length, 1)
    assert.equal(test.house.memory.used, 0)
  })

  it('without a reply after its last octet: indeterminate', async () => {
    server.script.add({ on: 'CONTENT', action: { kind: 'drop', isStored: true } })
    await using test = driver()
    assert.deepEqual((await send(test.upstream)).outcomes, ['indeterminate'])
  })

  it('of other octets than those prepared is never completed, nor is anything said beyond its size', async () => {
    const prepared = packing(small)
    for (const octets of [
      Buffer.from('Subject: Scan\r\n\r\n.\r\n..\r\nOther\r\n'),
      large,
      small.subarray(0, 20),
    ]) {
      const lying: SmtpPack = async (...given) => ({
        ...(await packing(octets, 16)(...given)),
        sha256: (await prepared(...given)).sha256,
        size: small.length,
      })
      await using test = driver(lying)
      assert.match((await send(test.upstream)).outcomes[0] ?? '', /^transient/)
    }
    assert.equal(server.ledger.length, 0)
    for (const one of verbs()) assert.match(one, /^EHLO STARTTLS EHLO MAIL RCPT( BDAT){0,2}$/)
  })

  it('ends with our own end', async () => {
    server.script.add({ on: 'UPLOAD', action: { kind: 'stall' } })
    await using test = driver(packing(large))
    const stop = new AbortController()
    const sending = send(test.upstream, {}, stop.signal)
    while (said('BDAT').length === 0) await new Promise(setImmediate)
    stop.abort()
    assert.match((await sending).outcomes[0] ?? '', /^(transient aborted|indeterminate)$/)
    assert.equal(test.house.memory.used, 0)
  })
})
