import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MessageNumbers, type NumberSource } from './message-numbers.ts'

/** A mark on a disk that may be full. */
function source(disk: { mark: number; isFull: boolean }): NumberSource {
  return {
    async take(count) {
      if (disk.isFull) return { kind: 'trouble', trouble: 'full', detail: 'full' }
      disk.mark += count
      return { kind: 'done', answer: { first: disk.mark - count + 1 } }
    },
    last: async () => disk.mark,
  }
}

async function taken(numbers: MessageNumbers, count: number): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, () => numbers.take()))
}

describe('numbers of messages', () => {
  it('are never above the mark on disk', async () => {
    const disk = { mark: 0, isFull: false }
    const numbers = new MessageNumbers(source(disk))
    for (let expected = 1; expected < 300; expected++) {
      assert.equal(await numbers.take(), expected)
      assert.ok(expected <= disk.mark)
    }
  })

  it('leave a gap after a restart, never a repeat', async () => {
    const disk = { mark: 0, isFull: false }
    const before = await taken(new MessageNumbers(source(disk)), 70)
    const after = await taken(new MessageNumbers(source(disk)), 70)
    assert.equal(new Set([...before, ...after]).size, 140)
  })

  it('go on without the mark while the disk is full, and do not come again when it is not', async () => {
    const disk = { mark: 500, isFull: true }
    const numbers = new MessageNumbers(source(disk))
    const without = await taken(numbers, 150)
    disk.isFull = false
    const after = await taken(numbers, 300)
    assert.equal(new Set([...without, ...after]).size, 450)
    assert.ok(Math.min(...without) > 500)
  })
})
