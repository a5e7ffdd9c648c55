import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { setupOf } from '../../test/delivery-harness.ts'
import type { Alert } from '../core/alerts.ts'
import type { Setup } from '../core/setup.ts'
import { second, wallMs } from '../core/time.ts'
import { AbsentAddresses } from './absent-addresses.ts'

const at = (address: string): Setup => {
  const setup = setupOf([])
  return { ...setup, listeners: [], console: { ...setup.console, address } }
}

describe('addresses that the settings name', () => {
  let clock: JumpingClock
  let alerts: Map<string, Alert>
  let own: readonly string[]
  let changes: number
  let ending: AbortController
  beforeEach(() => {
    clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 29)))
    alerts = new Map()
    own = ['192.168.7.5']
    changes = 0
    ending = new AbortController()
  })

  const watch = (setup: Setup): AbsentAddresses => {
    const watched = new AbsentAddresses({
      setup: () => setup,
      own: () => own,
      alerts: {
        raise: (alert) => void alerts.set(alert.key, alert),
        clear: (key) => void alerts.delete(key),
        active: () => [],
      },
      clock,
      signal: ending.signal,
      onChange: () => {
        changes += 1
      },
    })
    watched.look()
    return watched
  }

  it('are told of while the machine lacks them, and opened when it has them', async () => {
    const watched = watch(at('192.168.7.9'))
    assert.deepEqual([[...alerts.keys()], changes], [['address-absent'], 1])
    own = ['192.168.7.9']
    await clock.jump(11 * second)
    assert.deepEqual([[...alerts.keys()], changes], [[], 2])
    own = ['192.168.7.5']
    await clock.jump(11 * second)
    assert.deepEqual([[...alerts.keys()], changes], [['address-absent'], 3])
    ending.abort()
    await watched.settled()
  })

  it('are told of where IPv6 is switched off', () => {
    watch(at('::1'))
    assert.deepEqual([...alerts.keys()], ['address-absent'])
  })

  for (const address of ['::', '0.0.0.0', '127.0.0.1'])
    it(`are not looked for again where there is only ${address}`, () => {
      watch(at(address))
      assert.deepEqual([clock.waiting, alerts.size, changes], [0, 0, 0])
    })
})
