import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RaisedAlert, Telling } from '../core/alerts.ts'
import { day, hour, minute, type WallMs, wallMs } from '../core/time.ts'
import {
  byTheClock,
  calmMs,
  flapRaises,
  gapMs,
  gone,
  holdMs,
  nextStep,
  repeatMs,
  seen,
} from './telling-plan.ts'

const start = wallMs(Date.UTC(2026, 10, 21))
const at = (ms: number): WallMs => wallMs(start + ms)
const warning: RaisedAlert = {
  key: 'upstream-paused/acs',
  severity: 'warning',
  sentence: 'acs is paused.',
  remedy: 'Look.',
  since: start,
}
const fresh = seen(undefined, warning, start)
const toldOf = (telling: Telling, when: WallMs, more: Partial<Telling> = {}): Telling => ({
  ...telling,
  toldAt: when,
  toldSeverity: telling.severity,
  toldChapter: telling.chapter,
  toldBy: ['mail'],
  ...more,
})
const told = toldOf(fresh, at(holdMs.warning))

describe('what is told of an alert, and when', () => {
  it('has to last first', () => {
    for (const severity of ['alarm', 'warning', 'notice'] as const) {
      const telling = seen(undefined, { ...warning, severity }, start)
      assert.deepEqual(nextStep(telling), { kind: 'tell', event: 'raised', at: at(holdMs[severity]) })
    }
  })

  it('is nothing where it was over before, and forgotten after an hour', () => {
    assert.deepEqual(nextStep(gone(fresh, at(minute))), { kind: 'forget', at: at(hour) })
  })

  it('is repeated while it lasts, by its severity', () => {
    assert.deepEqual(nextStep(told), {
      kind: 'tell',
      event: 'still',
      at: at(holdMs.warning + repeatMs.warning),
    })
    const notice = seen(undefined, { ...warning, severity: 'notice' }, start)
    assert.deepEqual(nextStep(toldOf(notice, at(hour))), { kind: 'nothing' })
  })

  it('is that it is over after a little calm, and nothing if it came back in that', () => {
    const over = gone(told, at(hour))
    assert.deepEqual(nextStep(over), { kind: 'tell', event: 'over', at: at(hour + calmMs) })
    const back = seen(over, { ...warning, since: at(hour + minute) }, at(hour + minute))
    assert.deepEqual(nextStep(back), nextStep(told))
  })

  it('waits out the gap when it comes back after its end was told', () => {
    const over = toldOf(gone(told, at(hour)), at(hour + calmMs), { toldSeverity: undefined, toldBy: [] })
    const back = seen(over, { ...warning, since: at(hour + 10 * minute) }, at(hour + 10 * minute))
    assert.deepEqual(nextStep(back), { kind: 'tell', event: 'raised', at: at(hour + calmMs + gapMs.warning) })
  })

  it('is told at once when it becomes graver, not when milder', () => {
    const graver = seen(told, { ...warning, severity: 'alarm' }, at(hour))
    assert.deepEqual(nextStep(graver), { kind: 'tell', event: 'raised', at: told.toldAt })
    const milder = seen(toldOf({ ...fresh, severity: 'alarm' }, at(hour)), warning, at(2 * hour))
    assert.equal(nextStep(milder).kind === 'tell' && nextStep(milder).kind, 'tell')
    assert.deepEqual(nextStep(milder), { kind: 'tell', event: 'still', at: at(hour + repeatMs.warning) })
  })

  it('is told anew with its next chapter, which a restart does not make', () => {
    const first = toldOf(seen(undefined, { ...warning, chapter: '30' }, start), at(hour))
    const restarted = seen(first, warning, at(2 * hour))
    assert.equal(restarted.chapter, '30')
    assert.equal(
      nextStep(restarted).kind === 'tell' ? Reflect.get(nextStep(restarted), 'event') : '',
      'still',
    )
    const next = seen(first, { ...warning, chapter: '14' }, at(day))
    assert.deepEqual(nextStep(next), { kind: 'tell', event: 'raised', at: at(hour) })
  })

  /** Raised and over within a minute, again and again. */
  const flapped = (times: number): Telling => {
    let telling = gone(fresh, at(minute))
    for (let n = 1; n < times; n++) {
      const since = at(n * 5 * minute)
      telling = gone(seen(telling, { ...warning, since }, since), wallMs(since + minute))
    }
    return telling
  }

  it('is one message where it comes and goes too fast to be told', () => {
    assert.equal(nextStep(flapped(flapRaises - 1)).kind, 'forget')
    const flapping = flapped(flapRaises)
    assert.deepEqual(nextStep(flapping), { kind: 'tell', event: 'raised', at: flapping.clearedAt })
    const calm = toldOf(flapping, at(22 * minute))
    assert.deepEqual(nextStep(calm), {
      kind: 'tell',
      event: 'over',
      at: wallMs((flapping.clearedAt ?? 0) + hour),
    })
  })

  it('counts comings and goings within an hour only', () => {
    const late = seen(flapped(flapRaises - 1), { ...warning, since: at(3 * hour) }, at(3 * hour))
    assert.equal(late.raises, 1)
  })

  it('counts times of the future, written by a wrong clock, from now on', () => {
    const year = at(365 * day)
    const wrong = toldOf(fresh, year)
    assert.equal(byTheClock(wrong, at(hour)).toldAt, at(hour))
    assert.equal(byTheClock(told, at(hour)), told)
  })
})
