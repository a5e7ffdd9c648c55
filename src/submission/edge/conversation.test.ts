import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { Peer } from '../../../test/submission/peer.ts'
import { until } from '../../../test/submission/until.ts'
import { type Reply, replies } from '../../core/reply.ts'
import type { SessionEvent } from '../../core/session-event.ts'
import { minute, wallMs } from '../../core/time.ts'
import { Conversation, type ConversationEnd } from './conversation.ts'
import type { Desk } from './desk.ts'
import type { DataSink } from './incoming-data.ts'
import { MachineServer } from './smtp-machine.ts'
import { Transcript } from './transcript.ts'

/** A desk that lets everything pass and writes down what it is told. */
class OpenDesk implements Desk {
  readonly told: string[] = []
  sink: Partial<DataSink> = {}
  signIn = (): Promise<Reply | undefined> => Promise.resolve(undefined)
  tlsFloor = () => 'legacy' as const
  certificate = () => 'auto' as const
  secured = () => undefined
  readonly events: SessionEvent[] = []
  happened = (event: SessionEvent): void => void this.events.push(event)
  readonly refusals: Reply[] = []
  repaired = () => undefined
  refused = (reply: Reply): void => void this.refusals.push(reply)
  dataEnd = () => 'crlf' as const
  capabilities = () => ['PIPELINING']
  offersStartTls = () => true
  maySignIn = () => undefined
  sender = () => undefined
  recipient = () => undefined
  hasRecipients = () => true
  misaddressed = () => undefined
  reset = () => undefined
  heard = (verb: string): void => void this.told.push(verb)
  openData(): DataSink {
    return {
      write: () => undefined,
      finish: () => Promise.resolve({ code: 250, status: '2.0.0', text: 'Ok' }),
      abandon: () => this.told.push('(abandoned)'),
      isWorthHearing: true,
      ...this.sink,
    }
  }
}

async function converse(desk: OpenDesk, clock = new JumpingClock(wallMs(0))) {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const peer = Peer.connect(bound !== null && typeof bound === 'object' ? bound.port : 0)
  const [socket]: Socket[] = await once(server, 'connection')
  assert.ok(socket)
  server.close()
  const transcript = new Transcript(clock)
  const shared = { clock, transcript, desk, isSecure: false }
  const parts = { raw: socket, server: new MachineServer(), hostname: 'box', ...shared }
  const conversation = new Conversation(socket, parts)
  const end: Promise<ConversationEnd> = conversation.run(true)
  await peer.play('S: 220 box ESMTP inkpost')
  const close = (): void => {
    peer.socket.destroy()
    socket.destroy()
  }
  return { peer, conversation, end, transcript, socket, [Symbol.dispose]: close }
}

const toData = `
  C: HELO a\\r\\nMAIL FROM:<a@b.test>\\r\\nRCPT TO:<x@y.test>\\r\\nDATA\\r\\n\\
  S: 250 *
  S: 250 *
  S: 250 *
  S: 354 *`

describe('a conversation', () => {
  it('ends where TLS begins after the banner', async () => {
    using talk = await converse(new OpenDesk())
    const { peer, end } = talk
    peer.says(Uint8Array.from([0x16, 3, 1, 2, 0]))
    assert.equal(await end, 'tls-late')
    peer.socket.destroy()
  })

  it('takes a 0x16 for what it is once SMTP was spoken', async () => {
    using talk = await converse(new OpenDesk())
    const { peer, end } = talk
    await peer.play(`
      C: NOOP
      S: 250 2.0.0 Ok
      C: \\x16\\x03\\x01
      S: 500 5.5.2 Command not understood
      C: QUIT
      S: 221 *
      S: (closed)
    `)
    peer.socket.destroy()
    assert.equal(await end, 'closed')
  })

  it('cuts off what goes on without end behind a refusal: its reply is the last word', async () => {
    const desk = new OpenDesk()
    desk.sink = { isWorthHearing: false, finish: () => Promise.resolve(replies.tooLarge) }
    using talk = await converse(desk)
    const { peer, end } = talk
    await peer.play(`${toData}
      C: x\\r\\nNOOP
      S: 552 5.3.4 Message too large Z1
      S: (closed)
    `)
    peer.socket.destroy()
    assert.equal(await end, 'closed')
    assert.deepEqual(desk.told, ['HELO', 'MAIL', 'RCPT', 'DATA'])
  })

  it('publishes what came whole although the connection breaks while it is written', async () => {
    const desk = new OpenDesk()
    const written = Promise.withResolvers<void>()
    let isFinished = false
    desk.sink = {
      write: () => written.promise,
      finish: () => {
        isFinished = true
        return Promise.resolve(replies.tooLarge)
      },
    }
    using talk = await converse(desk)
    const { peer, end, transcript } = talk
    await peer.play(`${toData}
      C: x\\r\\n.
    `)
    await until(() => transcript.lines().some((line) => line.text === '3 octets of DATA'))
    peer.socket.resetAndDestroy()
    assert.equal(await end, 'closed')
    written.resolve()
    await until(() => isFinished)
    assert.equal(desk.told.at(-1), 'DATA')
  })

  it('says nothing more while the client does not read, and does nothing for it', async () => {
    const desk = new OpenDesk()
    using talk = await converse(desk)
    const { peer, socket } = talk
    peer.socket.pause()
    socket.write = () => false
    peer.says('NOOP\r\n'.repeat(50))
    await until(() => desk.told.length > 0)
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(desk.told.length, 1)
    socket.emit('drain')
    assert.equal(desk.told.length, 2)
    peer.socket.destroy()
    socket.destroy()
  })

  it('answers MAIL and RCPT in one segment, what comes behind them in the next, and holds back no more than that', async () => {
    const desk = new OpenDesk()
    using talk = await converse(desk)
    const { peer, socket } = talk
    await peer.play('C: HELO a\nS: 250 *')
    const send = socket.write.bind(socket)
    const written: number[] = []
    socket.write = (text: string) => {
      written.push(text.split('\r\n').length - 1)
      return send(text)
    }
    const mail = (recipients: number): string =>
      `MAIL FROM:<a@b.test>\r\n${'RCPT TO:<x@y.test>\r\n'.repeat(recipients)}`
    peer.says(`${mail(3)}NOOP\r\nRSET\r\n`)
    for (let n = 0; n < 6; n++) assert.match(await peer.line(), /^250 /)
    assert.deepEqual(written, [5, 1])
    peer.says(mail(150))
    for (let n = 0; n < 151; n++) assert.match(await peer.line(), /^250 /)
    const segments = written.slice(2)
    assert.equal(
      segments.reduce((sum, replies) => sum + replies, 0),
      151,
    )
    assert.ok(segments.length < 10 && Math.max(...segments) <= 100, `${segments}`)
  })

  it('takes no DATA from a client that does not read', async () => {
    const desk = new OpenDesk()
    let octets = 0
    const write = (content: Buffer): undefined => {
      octets += content.length
    }
    desk.sink = { write }
    using talk = await converse(desk)
    const { peer, socket } = talk
    await peer.play('C: HELO a\nS: 250 *')
    const send = socket.write
    socket.write = () => false
    peer.says('MAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\n')
    await until(() => desk.told.includes('DATA'))
    for (let n = 0; n < 3; n++) await new Promise((resolve) => setImmediate(resolve))
    peer.says('x'.repeat(100_000))
    await until(() => socket.isPaused())
    assert.equal(octets, 0)
    socket.write = send
    socket.emit('drain')
    await until(() => octets > 99_000)
    assert.equal(socket.isPaused(), false)
  })

  it('leaves no timer behind where the connection ends before the commit', async () => {
    const desk = new OpenDesk()
    const commit = Promise.withResolvers<Reply>()
    desk.sink = { finish: () => commit.promise }
    const clock = new JumpingClock(wallMs(0))
    using talk = await converse(desk, clock)
    await talk.peer.play(toData)
    talk.peer.says('Subject: x\r\n\r\nx\r\n.\r\n')
    await until(() => talk.transcript.lines().some(({ text }) => text.endsWith('octets of DATA')))
    talk.socket.destroy()
    assert.equal(await talk.end, 'closed')
    commit.resolve({ code: 250, status: '2.0.0', text: 'Ok' })
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(clock.waiting, 0)
  })

  it('says what is due before it hangs up, and nothing to a client that is gone', async () => {
    const gone = await converse(new OpenDesk())
    gone.peer.says('NOOP\r\n')
    await until(() => gone.transcript.lines().length > 2)
    gone.socket.destroy()
    assert.equal(await gone.end, 'closed')
    using talk = await converse(new OpenDesk())
    talk.peer.says('NOOP\r\nNOOP\r\n')
    await until(() => talk.transcript.lines().length > 4)
    talk.conversation.stop()
    await talk.peer.play('S: 250 *\nS: 250 *\nS: 421 *\nS: (closed)')
  })

  it('has said 220 when the socket changes hands for STARTTLS', async () => {
    using talk = await converse(new OpenDesk())
    const said = talk.socket.bytesWritten
    talk.peer.says('STARTTLS\r\n')
    assert.equal(await talk.end, 'starttls')
    assert.equal(talk.socket.bytesWritten - said, '220 2.0.0 Ready to start TLS\r\n'.length)
  })

  it('runs nothing behind QUIT and hangs up on a client that does not', async () => {
    const desk = new OpenDesk()
    const clock = new JumpingClock(wallMs(0))
    using talk = await converse(desk, clock)
    const { peer, end, socket } = talk
    await peer.play(`
      C: QUIT\\r\\nNOOP\\r\\n\\
      S: 221 2.0.0 Bye
    `)
    await clock.jump(5000)
    assert.equal(socket.destroyed, true)
    assert.equal(await end, 'closed')
    assert.deepEqual(desk.told, ['QUIT'])
    peer.socket.destroy()
  })

  it('gives up after a hundred bad commands', async () => {
    using talk = await converse(new OpenDesk())
    const { peer, end } = talk
    peer.says('FOO\r\n'.repeat(200))
    for (let n = 0; n < 100; n++) assert.equal(await peer.line(), '500 5.5.2 Command not understood')
    await peer.play('S: 421 4.7.0 Too many errors N3\nS: (closed)')
    peer.socket.destroy()
    await end
  })

  it('is not held open by a command that trickles', async () => {
    const clock = new JumpingClock(wallMs(0))
    using talk = await converse(new OpenDesk(), clock)
    const { peer, socket } = talk
    for (let n = 0; n < 5; n++) {
      const before = socket.bytesRead
      peer.says('x')
      await until(() => socket.bytesRead > before)
      await clock.jump(minute)
    }
    await peer.play('S: 421 4.4.2 Timed out N4\nS: (closed)')
  })

  it('is held open by commands, however long it lasts', async () => {
    const clock = new JumpingClock(wallMs(0))
    using talk = await converse(new OpenDesk(), clock)
    for (let n = 0; n < 5; n++) {
      assert.equal(await talk.peer.ask('NOOP'), '250 2.0.0 Ok')
      await clock.jump(4 * minute)
    }
  })

  it('bears slow DATA, and ends DATA that brings less than 16 KB in 10 minutes', async () => {
    const clock = new JumpingClock(wallMs(0))
    const desk = new OpenDesk()
    let octets = 0
    desk.sink = {
      write: (content) => {
        octets += content.length
        return undefined
      },
    }
    using talk = await converse(desk, clock)
    await talk.peer.play(toData)
    const trickle = async (count: number): Promise<void> => {
      const before = octets
      talk.peer.says(Buffer.alloc(count, 'x'))
      await until(() => octets - before === count)
      await clock.jump(minute)
    }
    for (let minutes = 0; minutes < 40; minutes++) await trickle(2000)
    for (let minutes = 0; minutes < 20 && !desk.told.includes('(abandoned)'); minutes++) await trickle(100)
    await talk.peer.play('S: 421 4.4.2 Timed out N4\nS: (closed)')
  })

  it('answers a flood of commands later and later no more, and a mail makes up for it', async () => {
    const clock = new JumpingClock(wallMs(0))
    const desk = new OpenDesk()
    using talk = await converse(desk, clock)
    const { peer, transcript } = talk
    for (let mails = 0; mails < 2; mails++) {
      peer.says('RSET\r\n'.repeat(200))
      for (let n = 0; n < 200; n++) assert.equal(await peer.line(), '250 2.0.0 Ok')
      if (mails === 0) {
        await clock.jump(4000)
        await peer.play(`${toData}\nC: x\nC: .\nS: 250 *`)
      }
    }
    peer.says('RSET\r\n'.repeat(2000))
    await until(() => transcript.lines().some(({ text }) => text.startsWith('many commands and no mail')))
    const heard: string[] = []
    while (heard.at(-1) !== '(closed)') {
      await clock.jump(250)
      while (peer.rest !== '' || peer.isClosed) {
        heard.push(await peer.line())
        if (heard.at(-1) === '(closed)') break
      }
    }
    assert.deepEqual(heard.slice(-2), ['421 4.7.0 Too many commands without a mail N7', '(closed)'])
    assert.deepEqual(desk.refusals, [replies.tooManyCommands])
    // Four a second, one of which is free.
    assert.ok(heard.length > 1000 && heard.length < 1200, `${heard.length}`)
  })

  it('is quiet while nothing is under way, and gives its place when it is told to', async () => {
    const clock = new JumpingClock(wallMs(0))
    using talk = await converse(new OpenDesk(), clock)
    const { peer, conversation } = talk
    await clock.jump(1000)
    assert.equal(conversation.quietSince(), 0)
    assert.equal(await peer.ask('HELO a'), '250 box')
    assert.equal(conversation.quietSince(), 1000)
    assert.equal(await peer.ask('MAIL FROM:<a@b.test>'), '250 2.1.0 Ok')
    assert.equal(conversation.quietSince(), undefined)
    assert.equal(await peer.ask('RSET'), '250 2.0.0 Ok')
    assert.equal(conversation.quietSince(), 1000)
    conversation.giveWay()
    await peer.play('S: 421 4.7.0 Too many connections, try later N6\nS: (closed)')
  })
})
