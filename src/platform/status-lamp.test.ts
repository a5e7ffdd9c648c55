import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lampBeats } from '../core/lamp.ts'
import type { Machine, MachineAnswer } from '../core/machine.ts'
import { StatusLamp } from './status-lamp.ts'

function lampOf(answer: MachineAnswer<Record<never, never>>) {
  const asked: unknown[] = []
  const logged: string[] = []
  const machine: Machine = {
    async call(_duty, ask) {
      asked.push(ask)
      return answer
    },
  }
  const lamp = new StatusLamp(machine, { write: (_, event) => void logged.push(event) })
  return { lamp, asked, logged }
}

describe('the driver of the lamp', () => {
  it('asks for what changed, and for the newest only', async () => {
    const { lamp, asked } = lampOf({ kind: 'done', answer: {} })
    await lamp.show('starting')
    await lamp.show('starting')
    void lamp.show('unclaimed')
    await lamp.show('working')
    assert.deepEqual(asked, [{ beats: lampBeats.starting }, { beats: lampBeats.working }])
  })

  it('says once that there is no lamp', async () => {
    const { lamp, asked, logged } = lampOf({ kind: 'refused', reason: 'this machine has no lamp' })
    for (const word of ['starting', 'working', 'trouble'] as const) await lamp.show(word)
    assert.equal(asked.length, 3)
    assert.deepEqual(logged, ['lamp-not-lit'])
  })

  it('says nothing where there is no machine service', async () => {
    const { lamp, logged } = lampOf({ kind: 'absent' })
    await lamp.show('starting')
    await lamp.show('working')
    assert.deepEqual(logged, [])
  })
})
