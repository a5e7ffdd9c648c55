import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { helloOf } from '../../test/submission/hello.ts'
import { Peer } from '../../test/submission/peer.ts'
import { Rig } from '../../test/submission/rig.ts'
import { device, listener, setup } from '../../test/submission/setup.ts'
import { until } from '../../test/submission/until.ts'
import { wallMs } from '../core/time.ts'
import { openSpool } from '../spool/open-spool.ts'

const panel = device('Panel', { addresses: ['127.0.0.1'] })
const devices = [panel]

describe('listeners', () => {
  it('say which port is taken, and the others work', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const bound = other.address()
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0
    const listeners = [listener('taken', { port }), listener('free'), listener('pop', { protocol: 'pop3' })]
    await using rig = await Rig.open({ setup: setup({ devices, listeners }) })
    assert.deepEqual(
      rig.submission.listeners().map(({ name, state, detail }) => [name, state, detail]),
      [
        ['free', 'listening', ''],
        ['pop', 'listening', ''],
        ['taken', 'failed', 'another program uses this port'],
      ],
    )
    using peer = Peer.connect(rig.port('free'))
    await peer.play('S: 220 *')
    other.close()
    await new Promise((resolve) => other.once('close', resolve))
    assert.deepEqual(await rig.change(setup({ devices, listeners })), [])
    assert.equal(rig.port('taken'), port)
  })

  it('follow the setup without dropping a session', async () => {
    await using rig = await Rig.open({ setup: setup({ devices, listeners: [listener('a'), listener('b')] }) })
    using onA = Peer.connect(rig.port('a'))
    using onB = Peer.connect(rig.port('b'))
    await onA.play('S: 220 *')
    await onB.play('S: 220 *')
    const before = rig.port('b')
    const gone = rig.port('a')
    const narrow = [{ ...panel, allowedRecipients: ['*@contoso.com'] }]
    await rig.change(
      setup({ devices: narrow, listeners: [listener('b', { security: 'plain' }), listener('c')] }),
    )
    assert.equal(rig.port('b'), before)
    assert.deepEqual(
      rig.submission.addresses().map(({ name }) => name),
      ['b', 'c'],
    )
    using refused = Peer.connect(gone)
    await refused.closed()
    await onA.play(`
      C: HELO a
      S: 250 *
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok
      C: RCPT TO:<x@fabrikam.com>
      S: 550 5.7.1 Recipient not allowed R1
    `)
    assert.equal(await onB.ask('NOOP'), '250 2.0.0 Ok')
  })
})

describe('stopping', () => {
  it('ends idle sessions with 421 and lets DATA finish', async () => {
    await using rig = await Rig.open({ setup: setup({ devices }) })
    using idle = Peer.connect(rig.port())
    using busy = Peer.connect(rig.port())
    await idle.play('S: 220 *')
    await busy.play(`
      S: 220 *
      C: HELO a\\r\\nMAIL FROM:<a@b.test>\\r\\nRCPT TO:<x@y.test>\\r\\nDATA\\r\\n\\
      S: 250 *
      S: 250 *
      S: 250 *
      S: 354 *
      C: Subject: x
    `)
    const port = rig.port()
    const stopped = rig.submission.stop(new AbortController().signal)
    await idle.play(`
      S: 421 4.3.2 Restarting, try again K4
      S: (closed)
    `)
    using late = Peer.connect(port)
    await late.closed()
    assert.equal(late.rest, '')
    await busy.play(`
      C:
      C: body
      C: .
      S: 250 2.0.0 Ok 1
      S: 421 4.3.2 Restarting, try again K4
      S: (closed)
    `)
    await stopped
    assert.equal(rig.spool.spooled.length, 1)
    assert.equal(rig.spool.savedSessions.length, 2)
  })

  it('cuts what is not done by the deadline: in every step of a handshake, before the banner, in DATA', async () => {
    await using rig = await Rig.open({
      setup: setup({ devices, listeners: [listener('s', { security: 'implicit' })] }),
    })
    using silent = Peer.connect(rig.port('s'))
    using shaking = Peer.connect(rig.port('s'))
    shaking.says(Uint8Array.from([0x16, 3, 1, 2, 0, 1]))
    using halfway = Peer.connect(rig.port('s'))
    halfway.says(await helloOf({}))
    using sending = Peer.connect(rig.port('s'))
    sending.says('HELO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\n')
    await sending.play('S: 220 *\nS: 250 *\nS: 250 *\nS: 250 *\nS: 354 *')
    await until(() => rig.submission.openConnections() >= 4)
    const deadline = new AbortController()
    const stopped = rig.submission.stop(deadline.signal)
    await silent.closed()
    await shaking.closed()
    await halfway.closed()
    deadline.abort()
    await stopped
    assert.equal(rig.spool.open, 0)
    assert.equal(rig.submission.openConnections(), 0)
  })
})

describe('sessions', () => {
  it('can be seen while they last, and are saved in batches', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    await using rig = await Rig.open({ setup: setup({ devices }), clock })
    using peer = Peer.connect(rig.port())
    await peer.play(`
      C: EHLO panel.local
      S: 220 *
      S: 250-box.local
    `)
    const [live] = rig.submission.sessions()
    assert.equal(live?.helo, 'panel.local')
    assert.equal(live?.address, '127.0.0.1')
    assert.equal(live?.listener, 'submission')
    peer.socket.end()
    await until(() => rig.submission.openConnections() === 0)
    assert.equal(rig.spool.savedSessions.length, 0)
    await clock.jump(5000)
    assert.equal(rig.spool.savedSessions[0]?.id, live?.id)
    assert.equal(rig.submission.sessions()[0]?.id, live?.id)
  })
})

/** A spool in a folder of its own; both go when it is disposed. */
async function spoolOnDisk() {
  const folder = await mkdtemp(join(tmpdir(), 'inkpost-'))
  const opening = await openSpool({ file: join(folder, 'spool.db') })
  if (opening.kind !== 'open') throw new Error(opening.kind)
  const { spool } = opening
  await spool.recover(wallMs(Date.now()))
  const close = async (): Promise<void> => {
    await spool[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  }
  return { spool, [Symbol.asyncDispose]: close }
}

describe('with the spool on disk', () => {
  it('a mail is there after its 250, byte for byte', async () => {
    await using disk = await spoolOnDisk()
    {
      await using rig = await Rig.with({ setup: setup({ devices }), spool: disk.spool })
      using peer = Peer.connect(rig.port())
      await peer.play(`
        S: 220 *
        C: HELO a
        S: 250 *
        C: MAIL FROM:<a@b.test>
        S: 250 2.1.0 Ok
        C: RCPT TO:<x@y.test>
        S: 250 2.1.5 Ok
        C: DATA
        S: 354 *
        C: Subject: Scan\\r\\nMessage-ID: <1@panel>\\r\\n\\r\\n\\
      `)
      for (let n = 0; n < 500; n++) peer.says(`${'x'.repeat(998)}\r\n`)
      await peer.play(`
        C: .
        S: 250 2.0.0 Ok 1
      `)
    }
    const [row] = await disk.spool.queue({ all: true, limit: 10 })
    assert.equal(row?.address, 'x@y.test')
    const content = row && (await disk.spool.content(row.message))
    const pieces: Uint8Array[] = []
    if (content) for await (const piece of content.read()) pieces.push(piece)
    const text = Buffer.concat(pieces).toString()
    assert.match(text, /^Received: /)
    assert.equal(text.slice(text.indexOf('\r\n\r\n') + 4), `${'x'.repeat(998)}\r\n`.repeat(500))
    assert.equal((await disk.spool.sessions(10)).length, 1)
  })

  it('the same mail after a lost reply is no second message', async () => {
    await using disk = await spoolOnDisk()
    {
      await using rig = await Rig.with({ setup: setup({ devices }), spool: disk.spool })
      const handIn = async (): Promise<string> => {
        using peer = Peer.connect(rig.port())
        await peer.line()
        for (const line of ['HELO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<x@y.test>', 'DATA'])
          await peer.ask(line)
        const reply = await peer.ask('Message-ID: <1@panel>\r\n\r\nbody\r\n.')
        peer.socket.resetAndDestroy()
        await until(() => rig.submission.openConnections() === 0)
        return reply
      }
      const first = await handIn()
      assert.match(first, /^250 2\.0\.0 Ok /)
      assert.equal(await handIn(), first)
    }
    assert.equal((await disk.spool.queue({ all: true, limit: 10 })).length, 1)
  })
})
