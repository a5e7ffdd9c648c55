import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Machine } from '../core/machine.ts'
import { minute, second, wallMs } from '../core/time.ts'
import { ClaimFile } from './claim-file.ts'

function box(refusals: number) {
  const asked: unknown[] = []
  const logged: string[] = []
  const clock = new JumpingClock(wallMs(0))
  const stopping = new AbortController()
  const machine: Machine = {
    async call(_duty, ask) {
      asked.push(ask)
      return asked.length <= refusals ? { kind: 'refused', reason: 'no answer' } : { kind: 'absent' }
    },
  }
  const file = new ClaimFile({
    machine,
    clock,
    log: { write: (_level, event) => void logged.push(event) },
    signal: stopping.signal,
    claim: () => ({ kind: 'open', code: 'ABCD2345' }),
    consoleUrl: () => 'https://192.168.7.5/',
  })
  return { file, asked, logged, clock, stopping }
}

describe('the file with the claim code', () => {
  it('is asked for again where the machine did not write it, said once, and then no more', async () => {
    const { file, asked, logged, clock } = box(2)
    await file.follow()
    assert.deepEqual(asked, [{ code: 'ABCD2345', port: 443 }])
    for (let n = 0; n < 4; n += 1) {
      await clock.jump(30 * second)
      await file.follow()
    }
    assert.equal(asked.length, 3)
    assert.deepEqual(logged, ['claim-file-not-written'])
  })

  it('is not asked for by a gateway that ended', async () => {
    const { file, asked, clock, stopping } = box(9)
    await file.follow()
    stopping.abort()
    await clock.jump(10 * minute)
    await file.follow()
    assert.equal(asked.length, 1)
  })
})
