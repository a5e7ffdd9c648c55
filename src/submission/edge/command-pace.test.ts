import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { hour, second, wallMs } from '../../core/time.ts'
import { CommandPace, type Pace } from './command-pace.ts'

const many = (pace: CommandPace, count: number): Pace['kind'][] =>
  Array.from({ length: count }, () => pace.next().kind)

describe('commands from which no mail comes', () => {
  it('are answered at once, later, and at last no more', () => {
    const kinds = many(new CommandPace(new JumpingClock(wallMs(0))), 1001)
    assert.deepEqual(
      (['go', 'wait', 'end'] as const).map((kind) => kinds.filter((other) => other === kind).length),
      [200, 800, 1],
    )
  })

  it('say once that they are slowed', () => {
    const pace = new CommandPace(new JumpingClock(wallMs(0)))
    many(pace, 200)
    const [first, second] = [pace.next(), pace.next()]
    assert.deepEqual(
      [first, second],
      [
        { kind: 'wait', ms: 250, isFirst: true },
        { kind: 'wait', ms: 250, isFirst: false },
      ],
    )
  })

  it('are free for ever at one a second: a kept session is kept', async () => {
    const clock = new JumpingClock(wallMs(0))
    const pace = new CommandPace(clock)
    for (let n = 0; n < 5000; n++) {
      assert.equal(pace.next().kind, 'go')
      await clock.jump(second)
    }
    many(pace, 1000)
    await clock.jump(hour)
    assert.equal(pace.next().kind, 'go')
  })

  it('are made up for by a mail, and recipients that are taken do not count', () => {
    const pace = new CommandPace(new JumpingClock(wallMs(0)))
    for (let mails = 0; mails < 50; mails++) {
      assert.deepEqual(new Set(many(pace, 100)), new Set(['go']))
      pace.mail()
    }
    for (let n = 0; n < 1000; n++) {
      assert.equal(pace.next().kind, 'go')
      pace.recipient()
    }
  })
})
