import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import { minute, wallMs } from '../../core/time.ts'
import type { ListenerStatus } from '../../submission/parts.ts'
import { DeafListeners } from './deaf-listeners.ts'

const listener = (name: string, state: 'listening' | 'failed', isAddressAbsent = false): ListenerStatus => ({
  ...{ name, address: '192.168.7.5', port: 25, security: 'plain', protocol: 'smtp' },
  ...{ state, detail: '', isAddressAbsent },
})
const absent = [listener('site', 'failed', true), listener('local', 'listening')]

describe('a listener that can not be opened', () => {
  let clock: JumpingClock
  let hasNetwork = true
  let listeners: DeafListeners
  beforeEach(() => {
    clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 29)))
    hasNetwork = true
    listeners = new DeafListeners(clock, () => hasNetwork)
  })

  it('is deaf at once where its port is not free', () => {
    const taken = [listener('site', 'failed'), listener('local', 'listening')]
    assert.deepEqual(listeners.look(taken), { deaf: ['site'], waiting: [] })
  })

  it('waits for its address for two minutes', async () => {
    assert.deepEqual(listeners.look(absent), { deaf: [], waiting: ['site'] })
    await clock.jump(minute)
    assert.deepEqual(listeners.look(absent), { deaf: [], waiting: ['site'] })
    await clock.jump(minute)
    assert.deepEqual(listeners.look(absent), { deaf: ['site'], waiting: [] })
  })

  it('waits anew where the address was there meanwhile', async () => {
    listeners.look(absent)
    await clock.jump(minute)
    assert.deepEqual(listeners.look([listener('site', 'listening')]), { deaf: [], waiting: [] })
    await clock.jump(minute)
    assert.deepEqual(listeners.look(absent), { deaf: [], waiting: ['site'] })
  })

  it('waits for as long as the box is in no network at all', async () => {
    hasNetwork = false
    listeners.look(absent)
    await clock.jump(10 * minute)
    assert.deepEqual(listeners.look(absent), { deaf: [], waiting: ['site'] })
    hasNetwork = true
    await clock.jump(2 * minute)
    assert.deepEqual(listeners.look(absent), { deaf: ['site'], waiting: [] })
  })
})
