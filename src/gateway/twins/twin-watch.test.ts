import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { JumpingClock } from '../../../test/clock.ts'
import { Lan } from '../../../test/lan.ts'
import { minute, second, wallMs } from '../../core/time.ts'
import { compareRanks, type TwinRank } from '../../core/twin.ts'
import { freshWord, openTwinMessage, sealTwinMessage } from './twin-message.ts'
import { TwinWatch } from './twin-watch.ts'

const key = randomBytes(32)
const rank = (generation: number, since = 0, mark = '00'.repeat(16)): TwinRank => ({
  generation,
  since: wallMs(since),
  mark,
})

let lan: Lan
let clock: JumpingClock
beforeEach(() => {
  lan = new Lan()
  clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 29)))
})

async function box(own: TwinRank, its = key) {
  const heard: string[] = []
  const watch = new TwinWatch({
    key: its,
    rank: () => own,
    air: await lan.open(),
    clock,
    onTwin: ({ generation }, order) => heard.push(`${order} ${generation}`),
  })
  return { watch, heard }
}

/** Until nobody answers anybody any more. */
async function quiet(): Promise<void> {
  for (let n = -1; n !== lan.said.length; ) {
    n = lan.said.length
    for (let turns = 0; turns < 5; turns += 1) await turn()
  }
}

describe('two boxes with one identity', () => {
  it('both know who is the newer, whoever asks', async () => {
    const [older, newer] = [await box(rank(1)), await box(rank(2))]
    older.watch.ask()
    await quiet()
    assert.deepEqual([...new Set(older.heard)], ['newer 2'])
    assert.deepEqual([...new Set(newer.heard)], ['older 1'])
  })

  it('of which one is a copy of the other say so both', async () => {
    const [one, other] = [await box(rank(1)), await box(rank(1))]
    one.watch.ask()
    await quiet()
    assert.deepEqual([...new Set(one.heard)], ['same 1'])
    assert.deepEqual([...new Set(other.heard)], ['same 1'])
  })

  it('do not hear of boxes of another identity, nor of themselves', async () => {
    const [one, other] = [await box(rank(1)), await box(rank(2), randomBytes(32))]
    one.watch.ask()
    other.watch.ask()
    await quiet()
    assert.deepEqual([...one.heard, ...other.heard], [])
    assert.equal(lan.said.length, 2, 'nobody answers a stranger')
  })
})

describe('a stranger in the LAN', () => {
  it('that forges is not heard: any octet changed, any length, another key', async () => {
    const older = await box(rank(1))
    older.watch.ask()
    const asked = openTwinMessage(key, lan.said[0] ?? assert.fail())
    const answer = {
      kind: 'answer',
      run: freshWord(),
      rank: rank(9),
      challenge: asked?.challenge ?? '',
    } as const
    const right = sealTwinMessage(key, answer)
    for (let at = 0; at < right.length; at += 1) {
      const wrong = Buffer.from(right)
      wrong[at] = (wrong[at] ?? 0) ^ 1
      lan.say(wrong)
    }
    for (let end = 0; end < right.length; end += 1) lan.say(right.subarray(0, end))
    lan.say(Buffer.concat([right, Buffer.alloc(1)]))
    lan.say(sealTwinMessage(randomBytes(32), answer))
    await quiet()
    assert.deepEqual(older.heard, [])
    lan.say(right)
    await quiet()
    assert.deepEqual(older.heard, ['newer 9'], 'the very same answer, as it was, is heard')
  })

  it('that repeats what a newer box said once stops nobody', async () => {
    const newer = await box(rank(2))
    newer.watch.ask()
    const older = await box(rank(1))
    older.watch.ask()
    await quiet()
    assert.deepEqual([...new Set(older.heard)], ['newer 2'])
    // The newer one has gone; the older one was told to stay, in a process that knows nothing of it.
    const recorded = [...lan.said]
    lan = new Lan()
    const alone = await box(rank(1))
    await clock.jump(minute)
    for (let n = 0; n < 5; n += 1) {
      alone.watch.ask()
      for (const octets of recorded) lan.say(octets)
      await quiet()
      await clock.jump(second)
    }
    assert.deepEqual(alone.heard, [])
  })

  it('that repeats an answer too late stops nobody: it was for a question of then', async () => {
    const alone = await box(rank(1))
    alone.watch.ask()
    const asked = openTwinMessage(key, lan.said[0] ?? assert.fail())
    const challenge = asked?.challenge ?? ''
    await clock.jump(11 * second)
    lan.say(sealTwinMessage(key, { kind: 'answer', run: freshWord(), rank: rank(9), challenge }))
    await quiet()
    assert.deepEqual(alone.heard, [])
  })

  it('learns nothing: every message has the same length, and none is like another', async () => {
    const [one, other] = [await box(rank(0)), await box(rank(1_000_000, 2e12, 'ff'.repeat(16)))]
    one.watch.ask()
    other.watch.ask()
    await quiet()
    assert.deepEqual([...new Set(lan.said.map((octets) => octets.length))], [93])
    const texts = lan.said.map((octets) => Buffer.from(octets).toString('hex'))
    assert.equal(new Set(texts).size, texts.length)
  })

  it('that repeats a question makes no flood of it', async () => {
    const newer = await box(rank(2))
    newer.watch.ask()
    const hello = sealTwinMessage(key, {
      kind: 'hello',
      run: freshWord(),
      rank: rank(1),
      challenge: freshWord(),
    })
    for (let n = 0; n < 100; n += 1) lan.say(hello)
    await quiet()
    assert.equal(lan.said.length, 1 + 100 + 1, 'one answer')
  })
})

describe('which box is the newer', () => {
  for (const [one, other, order] of [
    [rank(2, 0), rank(1, 9), 1],
    [rank(1, 5), rank(1, 4), 1],
    [rank(1, 5, 'b0'.repeat(16)), rank(1, 5, 'a0'.repeat(16)), 1],
    [rank(1, 5), rank(1, 5), 0],
  ] as const)
    it(`generation ${one.generation} since ${one.since} against ${other.generation} since ${other.since}`, () => {
      assert.equal(Math.sign(compareRanks(one, other)), order)
      assert.equal(Math.sign(compareRanks(other, one)), order === 0 ? 0 : -order)
    })
})
