import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { Peer } from '../../../test/submission/peer.ts'
import { until } from '../../../test/submission/until.ts'
import { type Reply, replies } from '../../core/reply.ts'
import { wallMs } from '../../core/time.ts'
import { Transcript } from '../edge/transcript.ts'
import { Pop3Conversation } from './pop3-conversation.ts'
import type { Pop3Desk } from './pop3-session.ts'

/** A desk whose answer to a sign-in comes when the test says so. */
class SlowDesk implements Pop3Desk {
  readonly stamp = '<1@box>'
  readonly refusals: Reply[] = []
  readonly answer = Promise.withResolvers<Reply | undefined>()
  offersStls = () => false
  heard = () => undefined
  happened = () => undefined
  refused = (reply: Reply): void => void this.refusals.push(reply)
  signIn = () => this.answer.promise
}

async function converse(desk: SlowDesk, clock = new JumpingClock(wallMs(0))) {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const peer = Peer.connect(bound !== null && typeof bound === 'object' ? bound.port : 0)
  const [socket]: Socket[] = await once(server, 'connection')
  assert.ok(socket)
  server.close()
  const transcript = new Transcript(clock)
  void new Pop3Conversation(socket, { clock, transcript, desk, isSecure: false }).run(true)
  await peer.play('S: +OK inkpost *')
  const close = (): void => {
    peer.socket.destroy()
    socket.destroy()
  }
  return { peer, socket, transcript, [Symbol.dispose]: close }
}

describe('a POP3 conversation', () => {
  it('hears no more of a client that talks on while its sign-in is looked at, until that is answered', async () => {
    const desk = new SlowDesk()
    using talk = await converse(desk)
    const { peer, socket } = talk
    await peer.play('C: USER scan1\nS: +OK Send PASS')
    peer.says('PASS 1234\r\n')
    // Lines, so that each would be taken if it were its turn; far more than what both ends buffer.
    const line = `${'x'.repeat(1022)}\r\n`
    peer.says(line.repeat(16 * 1024))
    await until(() => socket.isPaused())
    const heard = socket.bytesRead
    for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(socket.bytesRead - heard <= 256 * 1024, `${socket.bytesRead - heard} octets were read on`)
    assert.ok(socket.bytesRead < 1024 * 1024, `${socket.bytesRead} octets were read`)
    desk.answer.resolve(replies.wrongCredentials)
    assert.equal(await peer.line(), '-ERR [AUTH] User name or password is wrong A0')
    assert.equal(await peer.line(), '-ERR Command not understood')
  })

  it('answers a flood of commands later and later no more', async () => {
    const clock = new JumpingClock(wallMs(0))
    const desk = new SlowDesk()
    using talk = await converse(desk, clock)
    const { peer, transcript } = talk
    peer.says('NOOP\r\n'.repeat(2000))
    await until(() => transcript.lines().some(({ text }) => text.startsWith('many commands')))
    const heard: string[] = []
    while (heard.at(-1) !== '(closed)') {
      await clock.jump(250)
      while (heard.at(-1) !== '(closed)' && (peer.rest !== '' || peer.isClosed)) heard.push(await peer.line())
    }
    assert.deepEqual(heard.slice(-2), ['-ERR Too many commands without a mail N7', '(closed)'])
    // 200 at once, then four a second, one of which is free.
    assert.ok(heard.length > 1200 && heard.length < 1300, `${heard.length}`)
    assert.deepEqual(desk.refusals, [replies.tooManyCommands])
  })
})
