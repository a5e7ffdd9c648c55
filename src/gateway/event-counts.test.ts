import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { replies } from '../core/reply.ts'
import { logRefused } from '../submission/refusal-log.ts'
import { EventCounts } from './event-counts.ts'

describe('event counts', () => {
  it('count messages taken and refusals by code', () => {
    const counts = new EventCounts()
    counts.write('info', 'accepted', { message: '7' })
    for (const reply of [replies.tooLarge, replies.diskFull, replies.noMemory])
      logRefused(counts, reply, { name: 'submission' }, 'Scanner')
    assert.equal(counts.accepted, 1)
    assert.equal(counts.work, 4)
    assert.deepEqual(
      [...counts.refused],
      [
        ['552', 1],
        ['452', 2],
      ],
    )
  })
})
