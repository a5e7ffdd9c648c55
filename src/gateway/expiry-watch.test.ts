import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Alert, Alerts } from '../core/alerts.ts'
import type { CalendarEntry } from '../core/calendar.ts'
import { wallMs } from '../core/time.ts'
import { tellExpiries } from './expiry-watch.ts'

const clock = new JumpingClock(wallMs(Date.UTC(2028, 3, 1)))
const entry: CalendarEntry = {
  key: 'client-certificate/acs',
  kind: 'client-certificate',
  what: 'The certificate of acs expires',
  certainty: 'fixed',
  due: '2028-05-01',
  when: '1 May 2028',
  remedy: 'Renew it.',
  source: 'a test',
}

/** Alerts that are kept in a map. */
function bookOf(kept: Map<string, Alert>): Alerts {
  return {
    raise: (alert) => void kept.set(alert.key, alert),
    clear: (key) => void kept.delete(key),
    active: () => [...kept.values()].map((alert) => ({ ...alert, since: clock.wall() })),
  }
}

describe('what ends', () => {
  const told = (calendar: readonly CalendarEntry[], unread: readonly string[], kept: Map<string, Alert>) => {
    tellExpiries({ alerts: bookOf(kept), clock, calendar: () => calendar, unread: () => new Set(unread) })
    return [...kept.keys()]
  }

  it('is an alert until it has been renewed', () => {
    const kept = new Map<string, Alert>()
    assert.deepEqual(told([entry], [], kept), ['expires/client-certificate/acs'])
    assert.deepEqual(told([{ ...entry, due: '2030-05-01' }], [], kept), [])
  })

  it('stays one while it cannot be read: a locked vault renews nothing', () => {
    const kept = new Map<string, Alert>()
    told([entry], [], kept)
    assert.deepEqual(told([], [entry.key], kept), ['expires/client-certificate/acs'])
    assert.deepEqual(told([], [], kept), [])
  })
})
