import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from './time.ts'
import { isWithin, nextOpening, parseTimeWindow } from './time-window.ts'

const at = (text: string) => wallMs(Date.parse(text))
const window = (text: string) => parseTimeWindow(text) ?? assert.fail(text)

describe('a time window', () => {
  it('is two times of a day', () => {
    assert.deepEqual(parseTimeWindow('02:00-04:30'), { from: 120, to: 270 })
    for (const text of [
      '',
      '2:00-4:00',
      '02:00',
      '24:00-01:00',
      '02:60-03:00',
      '02:00-02:00',
      ' 02:00-04:00',
    ])
      assert.equal(parseTimeWindow(text), undefined, text)
  })

  it('is open in it, also over midnight, by the clock of the zone', () => {
    const night = window('23:00-01:00')
    for (const [time, isOpen] of [
      ['2026-11-29T22:59:59Z', false],
      ['2026-11-29T23:00:00Z', true],
      ['2026-11-30T00:59:59Z', true],
      ['2026-11-30T01:00:00Z', false],
    ] as const)
      assert.equal(isWithin(night, at(time), 'UTC'), isOpen, time)
    assert.equal(isWithin(window('02:00-04:00'), at('2026-11-29T01:30:00Z'), 'Europe/Berlin'), true)
  })

  it('opens next on this day or the next one', () => {
    const early = window('02:00-04:00')
    for (const [time, opening] of [
      ['2026-11-29T01:20:30Z', '2026-11-29T02:00:00Z'],
      ['2026-11-29T03:00:00Z', '2026-11-29T03:00:00Z'],
      ['2026-11-29T04:00:00Z', '2026-11-30T02:00:00Z'],
    ] as const)
      assert.equal(nextOpening(early, at(time), 'UTC'), at(opening), time)
  })
})
