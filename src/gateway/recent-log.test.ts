import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RecentLog } from './recent-log.ts'

describe('the last events', () => {
  it('are kept in order, so many of them', () => {
    let now = 0
    const log = new RecentLog(() => now, 3)
    assert.deepEqual(log.lines(), [])
    for (let n = 1; n <= 10; n += 1) {
      now = n * 1000
      log.write('info', 'accepted', { id: `${n}` })
      assert.equal(log.lines().length, Math.min(n, 3))
    }
    assert.deepEqual(log.lines(), [
      '{"at":"1970-01-01T00:00:08.000Z","level":"info","event":"accepted","id":"8"}',
      '{"at":"1970-01-01T00:00:09.000Z","level":"info","event":"accepted","id":"9"}',
      '{"at":"1970-01-01T00:00:10.000Z","level":"info","event":"accepted","id":"10"}',
    ])
  })
})
