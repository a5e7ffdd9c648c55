import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { perHourOf } from './device-limit.ts'
import { wallMs } from './time.ts'

const at = (text: string) => wallMs(Date.parse(`${text}Z`))
const device = { maxPerHour: 200, raisedPerHour: 500, raisedUntil: '2026-11-29' }

describe('a raised limit', () => {
  it('holds to the end of its last day, as the zone has it', () => {
    const perHour = (text: string, timezone: string) => perHourOf(device, { timezone }, at(text))
    assert.equal(perHour('2026-11-29T23:59:00', 'UTC'), 500)
    assert.equal(perHour('2026-11-30T00:00:00', 'UTC'), 200)
    assert.equal(perHour('2026-11-30T07:59:00', 'America/Los_Angeles'), 500)
    assert.equal(perHour('2026-11-29T15:00:00', 'Asia/Tokyo'), 200)
  })

  it('lowers nothing, and needs a clock', () => {
    assert.equal(
      perHourOf({ ...device, raisedPerHour: 10 }, { timezone: 'UTC' }, at('2026-11-01T00:00')),
      200,
    )
    assert.equal(perHourOf(device, { timezone: 'UTC' }, undefined), 200)
    assert.equal(perHourOf({ ...device, raisedUntil: '' }, { timezone: 'UTC' }, at('2026-11-01T00:00')), 200)
  })
})
