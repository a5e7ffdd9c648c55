import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { Peer } from '../../test/submission/peer.ts'
import { Rig } from '../../test/submission/rig.ts'
import { address, device, listener, passwordOf, setup } from '../../test/submission/setup.ts'
import { until } from '../../test/submission/until.ts'
import { second, wallMs } from '../core/time.ts'

const scanner = device('Scanner', { username: 'scan1', password: passwordOf('Scanner') })
const panel = device('Panel', { addresses: ['127.0.0.1'], sender: address('panel@contoso.com') })
const passwords = { [passwordOf('Scanner')]: '1234' }
const open = (...devices: ReturnType<typeof device>[]) => Rig.open({ setup: setup({ devices }), passwords })

describe('a session', () => {
  it('takes a mail from a device that signs in', async () => {
    await using rig = await open(scanner)
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 box.local ESMTP inkpost
      C: EHLO panel
      S: 250-box.local
      S: 250-PIPELINING
      S: 250-SIZE 35000000
      S: 250-STARTTLS
      S: 250-AUTH LOGIN PLAIN
      S: 250-ENHANCEDSTATUSCODES
      S: 250-8BITMIME
      S: 250 SMTPUTF8
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: c2NhbjE=
      S: 334 UGFzc3dvcmQ6
      C: MTIzNA==
      S: 235 2.7.0 Authentication successful
      C: MAIL FROM:<scanner@contoso.com>
      S: 250 2.1.0 Ok
      C: RCPT TO:<anna@contoso.com>
      S: 250 2.1.5 Ok
      C: DATA
      S: 354 End data with <CR><LF>.<CR><LF>
      C: Subject: Scan
      C:
      C: ..dot
      C: .
      S: 250 2.0.0 Ok 1
      C: QUIT
      S: 221 2.0.0 Bye
      S: (closed)
    `)
    const [spooled] = rig.spool.spooled
    assert.ok(spooled)
    assert.equal(spooled.message.device, 'Scanner')
    assert.equal(spooled.message.subject, 'Scan')
    assert.deepEqual(spooled.message.envelope.recipients, [{ address: 'anna@contoso.com' }])
    assert.match(
      spooled.content.toString(),
      /^Received: from panel \(\[127\.0\.0\.1\]\)\r\n by box\.local with ESMTPA id 1\r\n/,
    )
    assert.match(spooled.content.toString(), /\r\n\r\n\.dot\r\n$/)
    assert.deepEqual(rig.accepted, ['1'])
    assert.equal(rig.memory.used, 0)
  })

  it('knows a device by its address, without AUTH, after HELO', async () => {
    await using rig = await open(panel)
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: HELO 127.0.0.1
      S: 250 box.local*
      C: mail from: <Panel>
      S: 250 2.1.0 Ok
      C: RCPT TO:<x@y.test>
      S: 250 2.1.5 Ok
      C: DATA
      S: 354 *
      C: .
      S: 250 2.0.0 Ok 1
    `)
    assert.equal(rig.spool.spooled[0]?.message.envelope.reversePath, 'panel@contoso.com')
  })

  it('tells a stranger to sign in, and a wrong password that it is wrong', async () => {
    await using rig = await open(scanner)
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: HELO a
      S: 250 *
      C: MAIL FROM:<a@b.test>
      S: 530 5.7.0 Sign in first A4
      C: AUTH PLAIN AHNjYW4xADEyMzQ1
      S: 535 5.7.8 User name or password is wrong A0
      C: AUTH PLAIN AHNjYW4xADEyMzQ=
      S: 235 2.7.0 Authentication successful
      C: AUTH PLAIN AHNjYW4xADEyMzQ=
      S: 503 5.5.1 Signed in already
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok
    `)
  })

  it('takes CRAM-MD5 from a device that lists it, in the order it lists', async () => {
    const old = { ...scanner, addresses: ['127.0.0.1'], auth: ['CRAM-MD5', 'LOGIN'] as const }
    await using rig = await open(old)
    using peer = Peer.connect(rig.port())
    await peer.line()
    assert.match(await peer.ask('EHLO a'), /^250-AUTH CRAM-MD5 LOGIN$/m)
    const challenge = Buffer.from((await peer.ask('AUTH CRAM-MD5')).slice(4), 'base64')
    const proof = createHmac('md5', '1234').update(challenge).digest('hex')
    const answer = Buffer.from(`scan1 ${proof}`).toString('base64')
    assert.equal(await peer.ask(answer), '235 2.7.0 Authentication successful')
  })

  it('lets a device without password say any', async () => {
    await using rig = await open(panel)
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: HELO a
      S: 250 *
      C: AUTH PLAIN AGZvbwBiYXI=
      S: 235 2.7.0 Authentication successful
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok
    `)
    const notes = rig.submission.sessions()[0]?.lines.filter((line) => line.from === 'note')
    assert.match(notes?.at(-1)?.text ?? '', /no password is set for Panel/)
  })

  it('cannot sign in while the vault is locked, and says that this is ours', async () => {
    await using rig = await Rig.open({ setup: setup({ devices: [scanner, panel] }) })
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await peer.play(`
      S: 220 *
      C: HELO a
      S: 250 *
      C: AUTH PLAIN AHNjYW4xADEyMzQ=
      S: 454 4.7.0 Sign-in not possible now A8
    `)
    using other = Peer.connect(rig.port())
    await other.play(`
      S: 220 *
      C: HELO a
      S: 250 *
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok
    `)
  })

  it('is turned away from an unknown network', async () => {
    const known = setup({ devices: [panel], gateway: { trustedNetworks: ['127.0.0.1'] } })
    await using rig = await Rig.open({ setup: known })
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.9' })
    await peer.play(`
      S: 554 5.7.1 Your network is not allowed here N5
      S: (closed)
    `)
    assert.equal(rig.submission.openConnections(), 0)
  })

  it('is told when there are too many', async () => {
    const limits = { ...setup().limits, connections: 2 }
    await using rig = await Rig.open({ setup: setup({ devices: [panel], limits }) })
    using first = Peer.connect(rig.port())
    using second = Peer.connect(rig.port())
    await first.play('S: 220 *')
    await second.play('S: 220 *')
    using third = Peer.connect(rig.port())
    await third.play(`
      S: 421 4.7.0 Too many connections, try later N6
      S: (closed)
    `)
    first.socket.destroy()
    await until(() => rig.submission.openConnections() <= 1)
    using fourth = Peer.connect(rig.port())
    await fourth.play('S: 220 *')
  })

  it('hears each refusal of a recipient, and goes on', async () => {
    const narrow = { ...panel, allowedRecipients: ['*@contoso.com'] }
    const limits = { ...setup().limits, recipients: 2 }
    const aliases = [{ name: 'anna', to: [address('anna.meier@contoso.com')] }]
    await using rig = await Rig.open({ setup: setup({ devices: [narrow], limits, aliases }) })
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: HELO a
      S: 250 *
      C: DATA
      S: 503 5.5.1 Recipient first
      C: RCPT TO:<anna>
      S: 503 5.5.1 MAIL first
      C: MAIL FROM:<>
      S: 250 2.1.0 Ok
      C: RCPT TO:<x@fabrikam.com>
      S: 550 5.7.1 Recipient not allowed R1
      C: RCPT TO:<a@@b>
      S: 501 5.1.3 Recipient address not understood R1
      C: RCPT TO:<>
      S: 501 5.1.3 Recipient address not understood R1
      C: RCPT TO:<nobody@box.local>
      S: 550 5.7.1 Recipient not allowed R1
      C: RCPT TO:<anna>
      S: 250 2.1.5 Ok
      C: RCPT TO:<Anna.Meier@contoso.com>
      S: 250 2.1.5 Ok
      C: RCPT TO:<peter>
      S: 250 2.1.5 Ok
      C: RCPT TO:<paul>
      S: 452 4.5.3 Too many recipients R3
      C: DATA
      S: 354 *
      C: .
      S: 250 2.0.0 Ok 1
    `)
    assert.deepEqual(rig.spool.spooled[0]?.message.envelope.recipients, [
      { address: 'anna.meier@contoso.com', said: 'anna' },
      { address: 'peter@contoso.com', said: 'peter' },
    ])
  })

  it('may be dropped in any state: nothing is left', async () => {
    const script = [
      'HELO a',
      'MAIL FROM:<a@b.test>',
      'RCPT TO:<x@y.test>',
      'DATA',
      'Subject: x\r\n\r\nhalf a',
    ]
    await using rig = await open(panel)
    for (let steps = 0; steps <= script.length; steps++) {
      for (const how of ['fin', 'reset'] as const) {
        using peer = Peer.connect(rig.port())
        await peer.line()
        for (const line of script.slice(0, steps)) {
          peer.says(`${line}\r\n`)
          if (line.length < 20) await peer.reply()
        }
        if (how === 'fin') peer.socket.end()
        else peer.socket.resetAndDestroy()
        await peer.closed()
      }
    }
    await rig.submission.stop(new AbortController().signal)
    assert.deepEqual(rig.spool.spooled, [])
    assert.equal(rig.spool.open, 0)
    assert.equal(rig.memory.used, 0)
    assert.equal(rig.submission.openConnections(), 0)
    assert.equal(rig.spool.savedSessions.length, 12)
  })

  it('serves a hundred at once', async () => {
    await using rig = await open(panel)
    const replies = await Promise.all(
      Array.from({ length: 100 }, async () => {
        using peer = Peer.connect(rig.port())
        await peer.line()
        for (const line of ['HELO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<x@y.test>', 'DATA'])
          await peer.ask(line)
        return await peer.ask(`${'x'.repeat(70)}\r\n.`)
      }),
    )
    assert.equal(new Set(replies).size, 100, replies[0] ?? '')
    assert.equal(rig.spool.spooled.length, 100)
  })
})

describe('pipelined commands', () => {
  it('wait their turn, also those behind the end of DATA', async () => {
    await using rig = await open(panel)
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: HELO a\\r\\nMAIL FROM:<a@b.test>\\r\\nRCPT TO:<x@y.test>\\r\\nDATA\\r\\n\\
      S: 250 *
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 *
      C: Subject: 1\\r\\n\\r\\none\\r\\n.\\r\\nMAIL FROM:<c@d.test>\\r\\nRCPT TO:<z@y.test>\\r\\nDATA\\r\\n\\
      S: 250 2.0.0 Ok 1
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 *
      C: two\\r\\n.\\r\\nQUIT\\r\\nNOOP\\r\\n\\
      S: 250 2.0.0 Ok 2
      S: 221 2.0.0 Bye
      S: (closed)
    `)
    assert.deepEqual(
      rig.spool.spooled.map(({ message }) => message.envelope.reversePath),
      ['a@b.test', 'c@d.test'],
    )
  })

  it('are not run before the reply to DATA is known', async () => {
    await using rig = await open(panel)
    const stored = Promise.withResolvers<{ kind: 'stored' }>()
    rig.spool.publication = () => stored.promise
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: HELO a\\r\\nMAIL FROM:<a@b.test>\\r\\nRCPT TO:<x@y.test>\\r\\nDATA\\r\\n\\
      S: 250 *
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 *
      C: x\\r\\n.\\r\\nNOOP\\r\\n\\
    `)
    await until(() => rig.spool.open > 0)
    stored.resolve({ kind: 'stored' })
    await peer.play(`
      S: 250 2.0.0 Ok 1
      S: 250 2.0.0 Ok
    `)
  })

  it('may come all at once with a FIN behind them', async () => {
    await using rig = await open(panel)
    using peer = Peer.connect(rig.port())
    const all = 'EHLO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\nhello\r\n.\r\n'
    peer.socket.end(all)
    await peer.closed()
    assert.match(peer.rest, /\r\n250 2\.0\.0 Ok 1\r\n$/)
  })
})

describe('DATA', () => {
  const envelope = `
    S: 220 *
    C: HELO a\\r\\nMAIL FROM:<a@b.test>\\r\\nRCPT TO:<x@y.test>\\r\\nDATA\\r\\n\\
    S: 250 *
    S: 250 2.1.0 Ok
    S: 250 2.1.5 Ok
    S: 354 *`

  for (const ending of ['\\n.\\n', '\\r.\\r', '\\n.\\r\\n', '\\r\\n.\\n', '\\r.\\r\\n', '\\r\\n\\0.\\r\\n']) {
    it(`runs nothing behind a false end ${ending}`, async () => {
      await using rig = await open(panel)
      using peer = Peer.connect(rig.port())
      await peer.play(`${envelope}
        C: Subject: x\\r\\n\\r\\nx${ending}MAIL FROM:<evil@x.test>\\r\\nRCPT TO:<y@y.test>\\r\\nDATA\\r\\n\\
        C: .
        S: 250 2.0.0 Ok 1
        C: QUIT
        S: 221 2.0.0 Bye
        S: (closed)
      `)
      assert.equal(rig.spool.spooled.length, 1)
      assert.match(rig.spool.spooled[0]?.content.toString() ?? '', /evil@x\.test/)
    })
  }

  const small = setup({ devices: [panel], gateway: { maxMessageSize: 1000 } })

  it('is refused when it is too large as declared', async () => {
    await using rig = await Rig.open({ setup: small })
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: HELO a
      S: 250 *
      C: MAIL FROM:<a@b.test> SIZE=1001
      S: 552 5.3.4 Message too large Z1
      C: MAIL FROM:<a@b.test> SIZE=1000
      S: 250 2.1.0 Ok
    `)
  })

  it('is taken as not declared where SIZE is no number of octets', async () => {
    await using rig = await Rig.open({ setup: small })
    for (const size of ['abc', '-5', '1e9', '0x7fffffff', '']) {
      using peer = Peer.connect(rig.port())
      await peer.play(`
        S: 220 *
        C: HELO a
        S: 250 *
        C: MAIL FROM:<a@b.test> SIZE=${size}
        S: 250 2.1.0 Ok
      `)
    }
  })

  it('is drained, then refused when it is too large all the same', async () => {
    await using rig = await Rig.open({ setup: small })
    using peer = Peer.connect(rig.port())
    await peer.play(envelope)
    for (let n = 0; n < 100; n++) peer.says(`${'x'.repeat(998)}\r\n`)
    await peer.play(`
      C: .
      S: 552 5.3.4 Message too large Z1
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok
    `)
    assert.deepEqual(rig.spool.spooled, [])
    assert.equal(rig.spool.open, 0)
  })

  it('is stored byte for byte behind its mended header, in pieces of any length', async () => {
    await using rig = await open(panel)
    using peer = Peer.connect(rig.port())
    await peer.play(envelope)
    const body = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n % 77 === 76 ? 10 : 32 + (n % 90))))
    const content = Buffer.concat([
      Buffer.from('Subject: x\r\nFrom: a@b.test\r\n\r\n'),
      body,
      Buffer.from('\r\n'),
    ])
    const doubled = content.toString('latin1').replace(/(^|\n)\./g, '$1..')
    for (let at = 0; at < doubled.length; at += 7919)
      peer.says(Buffer.from(doubled.slice(at, at + 7919), 'latin1'))
    await peer.play(`
      C: .
      S: 250 2.0.0 Ok 1
    `)
    const stored = rig.spool.spooled[0]?.content ?? Buffer.alloc(0)
    assert.ok(stored.subarray(-body.length - 2).equals(Buffer.concat([body, Buffer.from('\r\n')])))
  })

  it('slows the client down while the spool is slow', async () => {
    await using rig = await Rig.open({ setup: setup({ devices: [panel], gateway: { maxMessageSize: 1e8 } }) })
    const gate = Promise.withResolvers<void>()
    rig.spool.writing = () => gate.promise
    using peer = Peer.connect(rig.port())
    await peer.play(envelope)
    peer.says('Subject: x\r\n\r\n')
    const line = Buffer.alloc(1 << 20, 'x')
    for (let n = 0; n < 64; n++) peer.says(line)
    using other = Peer.connect(rig.port())
    await other.play('S: 220 *')
    // A server that reads on takes 64 KB a turn: 500 turns are half of it.
    for (let n = 0; n < 500; n++) await other.ask('NOOP')
    assert.ok(peer.socket.writableLength > 48e6, `${peer.socket.writableLength} octets wait`)
    gate.resolve()
    await peer.play(`
      C:
      C: .
      S: 250 2.0.0 Ok 1
    `)
  })
})

describe('who speaks first', () => {
  it('an early talker is served in order', async () => {
    await using rig = await open(panel)
    using peer = Peer.connect(rig.port())
    await peer.play(`
      C: EHLO RT-IPC\\r\\nNOOP\\r\\n\\
      S: 220 box.local ESMTP inkpost
      S: 250-box.local
    `)
    assert.match(await peer.line(), /250-PIPELINING/)
  })

  it('plain text is served on an implicit port, its banner comes after two silent seconds', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    const listeners = [listener('submissions', { security: 'implicit' })]
    await using rig = await Rig.open({ setup: setup({ devices: [panel], listeners }), clock })
    using eager = Peer.connect(rig.port('submissions'))
    await eager.play(`
      C: HELO a
      S: 220 *
      S: 250 *
    `)
    using patient = Peer.connect(rig.port('submissions'))
    await until(() => rig.submission.openConnections() >= 2)
    await clock.jump(1999)
    assert.equal(patient.rest, '')
    await clock.jump(1)
    await patient.play('S: 220 *')
  })

  it('garbage is answered in SMTP’s words, then no more', async () => {
    await using rig = await open(panel)
    using peer = Peer.connect(rig.port())
    peer.says(
      Buffer.concat(Array.from({ length: 120 }, () => Buffer.from('\0\xff\x01garbage\r\n', 'latin1'))),
    )
    await peer.closed()
    assert.match(peer.rest, /^220 .*\r\n500 5\.5\.2 Command not understood\r\n/)
    assert.match(peer.rest, /421 4\.7\.0 Too many errors N3\r\n$/)
  })

  it('octets without any line end are not collected', async () => {
    await using rig = await open(panel)
    using peer = Peer.connect(rig.port())
    peer.says(Buffer.alloc(200_000, 'x'))
    await peer.closed()
    assert.match(peer.rest, /421 4\.7\.0 Too many errors N3\r\n$/)
  })
})

describe('deadlines', () => {
  const start = wallMs(1_800_000_000_000)
  const quiet = async (clock: JumpingClock) => {
    const rig = await Rig.open({ setup: setup({ devices: [panel] }), clock })
    const peer = Peer.connect(rig.port())
    await peer.play(`
      C: HELO a
      S: 220 *
      S: 250 *
    `)
    return { rig, peer }
  }

  it('five silent minutes end a session', async () => {
    const clock = new JumpingClock(start)
    const { rig, peer } = await quiet(clock)
    await clock.jump(299 * second)
    assert.equal(peer.rest, '')
    await clock.jump(2 * second)
    await peer.play(`
      S: 421 4.4.2 Timed out N4
      S: (closed)
    `)
    await rig[Symbol.asyncDispose]()
  })

  it('ten minutes without progress end DATA, and its last octets are told', async () => {
    const clock = new JumpingClock(start)
    const { rig, peer } = await quiet(clock)
    await peer.play(`
      C: MAIL FROM:<a@b.test>\\r\\nRCPT TO:<x@y.test>\\r\\nDATA\\r\\n\\
      S: 250 2.1.0 Ok
      S: 250 2.1.5 Ok
      S: 354 *
      C: Subject: x\\r\\n\\r\\nend\\n.\\n\\
    `)
    await until(() => rig.spool.open > 0)
    await clock.jump(601 * second)
    await peer.play(`
      S: 421 4.4.2 Timed out N4
      S: (closed)
    `)
    await rig.submission.stop(new AbortController().signal)
    const lines = rig.submission.sessions()[0]?.lines.map((line) => line.text)
    assert.ok(
      lines?.some((line) => /no end of DATA .*0a2e0a$/.test(line)),
      lines?.join('\n') ?? '',
    )
    assert.equal(rig.spool.open, 0)
  })
})
