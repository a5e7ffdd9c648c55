import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { Peer } from '../../test/submission/peer.ts'
import { Rig, type RigOptions } from '../../test/submission/rig.ts'
import { address, device, setup } from '../../test/submission/setup.ts'
import type { SpoolDouble } from '../../test/submission/spool-double.ts'
import { until } from '../../test/submission/until.ts'
import { type MessageId, messageIdOf } from '../core/message-id.ts'
import type { FragmentRefusal } from '../core/spool.ts'
import { hour, second, wallMs } from '../core/time.ts'

const panel = device('Panel', { addresses: ['127.0.0.1'], sender: address('panel@contoso.com') })
const open = (options: Partial<RigOptions<SpoolDouble>> = {}) =>
  Rig.open({ setup: setup({ devices: [panel] }), ...options })

/** Hands in one mail on a connection of its own; the reply to its end. */
async function handIn(rig: Rig, content = 'Subject: x\r\n\r\nbody\r\n', to = ['x@y.test']): Promise<string> {
  using peer = Peer.connect(rig.port())
  const reply = await handInBy(peer, content, to)
  await peer.ask('QUIT')
  return reply
}

/** Early talk, so that a standing clock does not keep the banner. */
async function handInBy(peer: Peer, content: string, to: readonly string[]): Promise<string> {
  peer.says('HELO a\r\n')
  await peer.line()
  await peer.line()
  await peer.ask('MAIL FROM:<a@b.test>')
  for (const recipient of to) await peer.ask(`RCPT TO:<${recipient}>`)
  await peer.ask('DATA')
  return await peer.ask(`${content}.`)
}

/** Hands in one mail and breaks the connection before anything follows the reply. */
async function handInAndVanish(rig: Rig, content: string, to = ['x@y.test']): Promise<string> {
  using peer = Peer.connect(rig.port())
  const reply = await handInBy(peer, content, to)
  peer.socket.resetAndDestroy()
  return reply
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a header', () => {
  it('without end in octets or lines is too large', async () => {
    await using rig = await open()
    const lines = (count: number) => 'X: y\r\n'.repeat(count)
    assert.match(await handIn(rig, `${lines(4999)}\r\nbody\r\n`), /^250 /)
    assert.equal(await handIn(rig, `${lines(5000)}\r\nbody\r\n`), '552 5.3.4 Message too large Z1')
    assert.equal(await handIn(rig, `${lines(5001)}`), '552 5.3.4 Message too large Z1')
    assert.equal(await handIn(rig, `X: ${'y'.repeat(300_000)}\r\n`), '552 5.3.4 Message too large Z1')
    assert.match(await handIn(rig, `${lines(4000)}\r\n${'\r\n'.repeat(9000)}`), /^250 /)
    assert.equal(rig.spool.open, 0)
    assert.equal(rig.memory.used, 0)
  })
})

describe('what becomes of a mail', () => {
  it('250 with its id comes after the commit only', async () => {
    await using rig = await open()
    const stored = Promise.withResolvers<{ kind: 'stored' }>()
    let isAsked = false
    rig.spool.publication = () => {
      isAsked = true
      return stored.promise
    }
    let reply: string | undefined
    const handed = handIn(rig).then((said) => {
      reply = said
    })
    await until(() => isAsked)
    for (let n = 0; n < 20; n++) await turn()
    assert.equal(reply, undefined)
    assert.deepEqual(rig.accepted, [])
    stored.resolve({ kind: 'stored' })
    await handed
    assert.equal(reply, '250 2.0.0 Ok 1')
    assert.deepEqual(rig.accepted, ['1'])
  })

  it('452 when the disk is full, and mail again as soon as it is not', async () => {
    await using rig = await open()
    rig.spool.publication = () => Promise.resolve({ kind: 'full' })
    assert.equal(await handIn(rig), '452 4.3.1 Disk full, try later K1')
    rig.spool.publication = () => Promise.resolve({ kind: 'stored' })
    assert.equal(await handIn(rig), '250 2.0.0 Ok 2')
  })

  it('452 and 552 where a fragment finds no place in its set, 250 with the first id where it is there already', async () => {
    await using rig = await open()
    const answers: readonly (readonly [FragmentRefusal, string])[] = [
      [{ kind: 'too-many-sets' }, '452 4.3.1 Too many unfinished scans wait K6'],
      [{ kind: 'too-large' }, '552 5.3.4 Message too large Z1'],
      [{ kind: 'repeat', of: messageIdOf(77) }, `250 2.0.0 Ok ${messageIdOf(77)}`],
    ]
    for (const [publication, reply] of answers) {
      rig.spool.publication = () => Promise.resolve(publication)
      assert.equal(await handIn(rig), reply)
    }
    assert.equal(rig.memory.used, 0)
  })

  it('451 when the spool fails, whether it says so or breaks', async () => {
    await using rig = await open()
    rig.spool.publication = () => Promise.resolve({ kind: 'failed', detail: 'I/O error' })
    assert.equal(await handIn(rig), '451 4.3.0 Could not be stored, try later K2')
    rig.spool.publication = () => Promise.reject(new Error('broken'))
    assert.equal(await handIn(rig), '451 4.3.0 Could not be stored, try later K2')
    rig.spool.writing = () => Promise.reject(new Error('broken'))
    assert.equal(await handIn(rig), '451 4.3.0 Could not be stored, try later K2')
    assert.equal(rig.memory.used, 0)
    assert.deepEqual(rig.accepted, [])
  })

  it('552 or 554 when no way out takes it: nothing is kept', async () => {
    await using rig = await open({
      wayOut: (message) => ({ kind: message.facts.size > 2000 ? 'too-large' : 'no-way' }),
    })
    assert.equal(await handIn(rig), '554 5.6.1 No way out takes this kind of mail W1')
    const large = `Subject: x\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(40)}`
    assert.equal(await handIn(rig, large), '552 5.3.4 Too large for every way out Z2')
    assert.equal(rig.spool.open, 0)
    assert.deepEqual(rig.spool.spooled, [])
  })

  it('552 when its header never ends', async () => {
    await using rig = await open()
    const header = `X-Long: ${'x'.repeat(900)}\r\n`.repeat(400)
    assert.equal(await handIn(rig, header), '552 5.3.4 Message too large Z1')
    assert.equal(rig.spool.open, 0)
  })

  it('is described for spool and routing', async () => {
    await using rig = await open({ clock: new JumpingClock(wallMs(1_800_000_000_000)) })
    const content = [
      'From: Ward 7 <ward7@contoso.com>',
      'Subject: Scan',
      'Message-ID: <1@panel>',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: application/pdf; name=a.pdf',
      'Content-Transfer-Encoding: base64',
      '',
      'JVBERg==',
      '--b--',
      '',
    ].join('\r\n')
    await handIn(rig, content, ['x@y.test', 'x@y.test', 'z@y.test'])
    const message = rig.spool.spooled[0]?.message
    assert.ok(message)
    assert.equal(message.from, 'ward7@contoso.com')
    assert.equal(message.headerMessageId, '1@panel')
    assert.equal(message.isIdentifiable, true)
    assert.equal(message.contentSha256, createHash('sha256').update(content).digest('hex'))
    assert.equal(message.facts.size, rig.spool.spooled[0]?.content.length)
    assert.equal(message.envelope.recipients.length, 2)
    assert.equal(message.acceptedWall, 1_800_000_000_000)
    assert.deepEqual(
      message.index.parts.map((part) => part.fileName ?? part.type),
      ['multipart/mixed', 'a.pdf'],
    )
    assert.equal(message.notBefore, undefined)
  })

  it('keeps its subject to itself where the history may not', async () => {
    const { history, ...rest } = setup({ devices: [panel] })
    await using rig = await open({ setup: { ...rest, history: { ...history, keepSubjects: false } } })
    await handIn(rig, 'Subject: Notice to Anna\r\n\r\nbody\r\n')
    assert.equal(rig.spool.spooled[0]?.message.subject, '')
    assert.match(rig.spool.spooled[0]?.content.toString() ?? '', /^Subject: Notice to Anna\r$/m)
  })

  it('without any header or line is a mail too', async () => {
    await using rig = await open()
    assert.equal(await handIn(rig, ''), '250 2.0.0 Ok 1')
    assert.equal(await handIn(rig, 'just text\r\n'), '250 2.0.0 Ok 2')
    assert.match(rig.spool.spooled[1]?.content.toString() ?? '', /\r\n\r\njust text\r\n$/)
  })
})

describe('a reception that is cut', () => {
  it('while its message has no id yet leaves nothing', async () => {
    await using rig = await open()
    const id = Promise.withResolvers<MessageId>()
    rig.spool.takeId = () => id.promise
    using peer = Peer.connect(rig.port())
    peer.says('HELO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\n')
    await peer.play('S: 220 *\nS: 250 *\nS: 250 *\nS: 250 *\nS: 354 *')
    peer.says('Subject: x\r\n\r\nhalf a')
    using other = Peer.connect(rig.port())
    await other.play('S: 220 *')
    await rig.submission.stop(AbortSignal.abort())
    id.resolve(messageIdOf(1))
    await turn()
    assert.equal(rig.spool.open, 0)
    assert.equal(rig.memory.used, 0)
  })
})

describe('mail to the test address', () => {
  it('is a message of its own kind, and told on the log', async () => {
    await using rig = await open({ wayOut: () => ({ kind: 'no-way' }) })
    assert.equal(await handIn(rig, 'Subject: x\r\n\r\nbody\r\n', ['test']), '250 2.0.0 Ok 1')
    const [spooled] = rig.spool.spooled
    assert.equal(spooled?.message.kind, 'test')
    assert.deepEqual(spooled?.message.envelope.recipients, [{ address: 'test@box.local' }])
    const line = rig.log.find((entry) => entry.event === 'test-accepted')
    assert.deepEqual(line?.fields?.['types'], ['text/plain'])
  })

  it('does not travel with other recipients: they get theirs', async () => {
    await using rig = await open()
    assert.equal(
      await handIn(rig, 'Subject: x\r\n\r\nbody\r\n', ['TEST@box.local', 'x@y.test']),
      '250 2.0.0 Ok 1',
    )
    const kinds = rig.spool.spooled.map(({ message }) => [
      message.kind,
      message.envelope.recipients[0]?.address,
    ])
    assert.deepEqual(kinds, [
      ['mail', 'x@y.test'],
      ['test', 'test@box.local'],
    ])
    const [mail, test] = rig.spool.spooled.map(({ content }) => content.toString().split('\r\n\r\n')[1])
    assert.equal(mail, 'body\r\n')
    assert.equal(test, mail)
  })
})

describe('a device above its own rate', () => {
  it('is taken and paced, and refused ten times above it', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    await using rig = await open({ setup: setup({ devices: [{ ...panel, maxPerHour: 1 }] }), clock })
    await handIn(rig)
    await handIn(rig)
    const [first, second] = rig.spool.spooled.map(({ message }) => message.notBefore)
    assert.equal(first, undefined)
    assert.equal(second, clock.wall() + hour)
    for (let n = 2; n < 10; n++) assert.match(await handIn(rig), /^250/)
    using peer = Peer.connect(rig.port())
    await peer.play(`
      C: HELO a
      S: 220 *
      S: 250 *
      C: MAIL FROM:<a@b.test>
      S: 451 4.7.1 Far above this device's rate Q1
    `)
  })
})

describe('mail that is not stored', () => {
  it('does not count: neither is later mail paced nor refused', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    await using rig = await open({ setup: setup({ devices: [{ ...panel, maxPerHour: 1 }] }), clock })
    rig.spool.publication = () => Promise.resolve({ kind: 'full' })
    for (let n = 0; n < 6; n++) assert.match(await handIn(rig), /^452/)
    rig.spool.publication = () => Promise.reject(new Error('broken'))
    for (let n = 0; n < 6; n++) assert.equal(await handIn(rig), '451 4.3.0 Could not be stored, try later K2')
    rig.spool.publication = () => Promise.resolve({ kind: 'stored' })
    assert.match(await handIn(rig), /^250/)
    assert.match(await handIn(rig), /^250/)
    const [first, second] = rig.spool.spooled.map(({ message }) => message.notBefore)
    assert.equal(first, undefined)
    assert.equal(second, clock.wall() + hour)
  })
})

describe('a reply that may be lost', () => {
  const identifiable = 'Message-ID: <1@panel>\r\n\r\nbody\r\n'

  it('is noted when nothing followed it', async () => {
    await using rig = await open()
    await handInAndVanish(rig, identifiable)
    await until(() => rig.submission.openConnections() === 0)
    assert.deepEqual(rig.spool.markedLost, ['1'])
  })

  it('is not noted when anything followed', async () => {
    await using rig = await open()
    await handIn(rig, identifiable)
    await until(() => rig.submission.openConnections() === 0)
    assert.deepEqual(rig.spool.markedLost, [])
  })

  it('is noted when the connection broke before it', async () => {
    await using rig = await open()
    const stored = Promise.withResolvers<{ kind: 'stored' }>()
    let isAsked = false
    rig.spool.publication = () => {
      isAsked = true
      return stored.promise
    }
    using peer = Peer.connect(rig.port())
    void handInBy(peer, identifiable, ['x@y.test'])
    await until(() => isAsked)
    peer.socket.resetAndDestroy()
    await until(() => rig.submission.openConnections() === 0)
    stored.resolve({ kind: 'stored' })
    await until(() => rig.spool.markedLost.length > 0)
    assert.deepEqual(rig.spool.markedLost, ['1'])
  })

  it('makes the same mail once more no second message', async () => {
    await using rig = await open()
    await handInAndVanish(rig, identifiable)
    await until(() => rig.submission.openConnections() === 0)
    assert.equal(await handIn(rig, identifiable), '250 2.0.0 Ok 1')
    assert.equal(rig.spool.spooled.length, 1)
    assert.equal(rig.spool.open, 0)
    assert.deepEqual(rig.accepted, ['1'])
  })

  it('is over when something followed the reply to the repeat: the next one is meant', async () => {
    await using rig = await open()
    await handInAndVanish(rig, identifiable)
    await until(() => rig.submission.openConnections() === 0)
    assert.equal(await handIn(rig, identifiable), '250 2.0.0 Ok 1')
    assert.deepEqual(rig.spool.markedHeard, ['1'])
    assert.equal(await handIn(rig, identifiable), '250 2.0.0 Ok 3')
  })

  it('was that of a mail and a test, or of a test alone: neither is taken twice', async () => {
    for (const to of [['x@y.test', 'test'], ['test']]) {
      await using rig = await open()
      await handInAndVanish(rig, identifiable, to)
      await until(() => rig.submission.openConnections() === 0)
      assert.equal(await handIn(rig, identifiable, to), '250 2.0.0 Ok 1')
      assert.equal(rig.spool.spooled.length, to.length)
    }
  })

  it('makes the repeat known before it is on disk', async () => {
    await using rig = await open()
    let isAsked = false
    rig.spool.markReplyLost = () => {
      isAsked = true
      return new Promise(() => undefined)
    }
    await handInAndVanish(rig, identifiable)
    await until(() => isAsked)
    assert.equal(await handIn(rig, identifiable), '250 2.0.0 Ok 1')
  })

  it('changes nothing for mail that cannot be told from a second scan, and for alarms', async () => {
    await using rig = await open()
    const anonymous = 'Subject: x\r\n\r\nbody\r\n'
    await handInAndVanish(rig, anonymous)
    await until(() => rig.submission.openConnections() === 0)
    assert.equal(await handIn(rig, anonymous), '250 2.0.0 Ok 2')
    await rig.change(setup({ devices: [{ ...panel, priority: 'alarm' }], listeners: rig.listeners() }))
    await handInAndVanish(rig, identifiable)
    await until(() => rig.submission.openConnections() === 0)
    assert.equal(await handIn(rig, identifiable), '250 2.0.0 Ok 4')
  })
})

describe('memory', () => {
  it('that is full keeps DATA waiting, then says that we are busy', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    await using rig = await open({ clock, memory: 100_000 })
    const hold = rig.memory.tryReserve(100_000)
    using patient = Peer.connect(rig.port())
    const script = 'HELO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\n'
    patient.says(script)
    await patient.play('S: 220 *\nS: 250 *\nS: 250 *\nS: 250 *')
    await until(() => rig.memory.waiting >= 1)
    hold?.[Symbol.dispose]()
    await patient.play('S: 354 *\nC: .\nS: 250 2.0.0 Ok 1')

    const again = rig.memory.tryReserve(100_000)
    using late = Peer.connect(rig.port())
    late.says(script)
    await until(() => rig.memory.waiting >= 1)
    await clock.jump(21 * second)
    await late.play('S: 220 *\nS: 250 *\nS: 250 *\nS: 250 *\nS: 452 4.3.1 Busy, try later K3')
    again?.[Symbol.dispose]()
    assert.equal(rig.memory.used, 0)
  })
})
