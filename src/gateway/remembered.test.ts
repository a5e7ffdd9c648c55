import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RunningClock } from '../../test/running-clock.ts'
import { wallMs } from '../core/time.ts'
import { remembered, shared } from './remembered.ts'

describe('an answer that many ask for', () => {
  it('is shared by those who asked before it was begun, and found anew for those after', async () => {
    const asked: PromiseWithResolvers<number>[] = []
    const ask = shared(() => {
      const answer = Promise.withResolvers<number>()
      asked.push(answer)
      return answer.promise
    })
    const first = ask()
    const [second, third] = [ask(), ask()]
    assert.equal(asked.length, 1)
    asked[0]?.resolve(1)
    assert.equal(await first, 1)
    await Promise.resolve()
    asked[1]?.resolve(2)
    assert.deepEqual(await Promise.all([second, third]), [2, 2])
    assert.equal(asked.length, 2)
    const last = ask()
    asked[2]?.resolve(3)
    assert.equal(await last, 3)
  })

  it('keeps no failure', async () => {
    let fails = true
    const ask = shared(async () => {
      if (fails) throw new Error('the reader is gone')
      return 1
    })
    await assert.rejects(ask(), /gone/)
    fails = false
    assert.equal(await ask(), 1)
  })

  it('is kept for as long as it cost', async () => {
    const clock = new RunningClock(wallMs(0))
    let asks = 0
    const ask = remembered(clock, async () => {
      asks += 1
      await clock.jump(1000)
      return asks
    })
    assert.equal(await ask(), 1)
    assert.equal(await ask(), 1)
    await clock.jump(51_000)
    assert.equal(await ask(), 2)
  })
})
