import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FleetStatus } from '../core/fleet.ts'
import { day, hour } from '../core/time.ts'
import { releaseTroubles } from './status.ts'

const now = Date.UTC(2026, 5, 1)

const troubles = (more: Partial<FleetStatus>, isAnyway = false): readonly string[] => {
  const facts = { version: '1.0.0', alarms: 0, warnings: 0, waiting: 0, paused: 0 }
  const box = { ...facts, fleet: 'contoso', name: 'branch-01', serial: 7, canary: true }
  const status = { ...box, state: 'current', reason: '', at: now, healthySince: now - day, ...more } as const
  return releaseTroubles([{ name: 'branch-01', status }], { serial: 7, now, isAnyway })
}

describe('what a canary told', () => {
  it('lets a serial go after a day of health', () => {
    assert.deepEqual(troubles({}), [])
    assert.deepEqual(troubles({ healthySince: now - day + 1 }), ['branch-01 is well for 23 h only, of 24'])
  })

  it('does not where it tells alarms, unless somebody says so anyway', () => {
    const alarm = { alarms: 1, paused: 2 }
    assert.deepEqual(troubles(alarm), [
      'branch-01 tells 1 alarm and 2 ways out paused: look there, or say --anyway',
    ])
    assert.deepEqual(troubles(alarm, true), [])
    assert.deepEqual(troubles({ ...alarm, healthySince: 0 }, true), ['branch-01 is not well'])
  })

  it('does not where it is old, or of a time that is to come', () => {
    assert.deepEqual(troubles({ at: now - 3 * hour, healthySince: now - 2 * day }), [
      'branch-01 is silent since 2026-05-31T21:00:00.000Z',
    ])
    assert.deepEqual(troubles({ at: now + 3 * hour }), [
      'branch-01 has a clock that is ahead: it says 2026-06-01T03:00:00.000Z',
    ])
  })
})
