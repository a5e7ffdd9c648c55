import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { untilAborted } from './until-aborted.ts'

describe('a wait that may be aborted', () => {
  it('settles as its promise does, and leaves no listener on the signal', async () => {
    const { signal } = new AbortController()
    assert.equal(await untilAborted(Promise.resolve(7), signal), 7)
    await assert.rejects(untilAborted(Promise.reject(new Error('no')), signal), /^Error: no$/)
    assert.deepEqual(getEventListeners(signal, 'abort'), [])
  })

  it('ends with the signal, before or while it waits', async () => {
    const stop = new AbortController()
    const waiting = untilAborted(new Promise(() => {}), stop.signal)
    stop.abort(new Error('stopping'))
    await assert.rejects(waiting, /stopping/)
    await assert.rejects(untilAborted(new Promise(() => {}), stop.signal), /stopping/)
  })
})
