import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dateWords, daysUpTo, latestMonday, localDate, localTime, startOf, timeWords } from './local-time.ts'
import { wallMs } from './time.ts'

const utc = (text: string) => wallMs(Date.parse(`${text}Z`))
const iso = (at: number): string => new Date(at).toISOString().slice(0, 16)

describe('local time', () => {
  it('is what the clock on the wall says there', () => {
    assert.deepEqual(localTime(utc('2026-11-22T23:30:00'), 'Europe/Berlin'), {
      year: 2026,
      month: 11,
      day: 23,
      weekday: 0,
      hour: 0,
      minute: 30,
    })
    assert.equal(timeWords(utc('2026-11-22T23:30:00'), 'UTC'), '22 Nov 23:30')
    assert.equal(timeWords(utc('2026-11-22T23:30:00'), 'Asia/Kolkata'), '23 Nov 05:00')
  })

  it('reads and writes days of the calendar', () => {
    assert.equal(dateWords('2028-05-01'), '1 May 2028')
    assert.equal(startOf('2028-05-01'), Date.UTC(2028, 4, 1))
    assert.equal(startOf('soon'), undefined)
  })
})

describe('Monday morning', () => {
  for (const [now, zone, monday] of [
    ['2026-11-23T06:59:00', 'UTC', '2026-11-16T07:00'],
    ['2026-11-23T07:00:00', 'UTC', '2026-11-23T07:00'],
    ['2026-11-29T23:59:59', 'UTC', '2026-11-23T07:00'],
    // Berlin is an hour ahead: its Monday begins earlier.
    ['2026-11-23T05:59:00', 'Europe/Berlin', '2026-11-16T06:00'],
    ['2026-11-23T06:00:00', 'Europe/Berlin', '2026-11-23T06:00'],
    // Summer time ended on Sunday, 25 October, and began on 29 March.
    ['2026-10-26T05:30:00', 'Europe/Berlin', '2026-10-19T05:00'],
    ['2026-10-28T12:00:00', 'Europe/Berlin', '2026-10-26T06:00'],
    ['2026-03-30T04:00:00', 'Europe/Berlin', '2026-03-23T06:00'],
    ['2026-03-30T05:00:00', 'Europe/Berlin', '2026-03-30T05:00'],
    ['2026-11-22T20:00:00', 'Pacific/Auckland', '2026-11-22T18:00'],
    ['2026-11-23T14:00:00', 'America/Los_Angeles', '2026-11-16T15:00'],
  ] as const) {
    it(`${now} in ${zone}`, () => assert.equal(iso(latestMonday(utc(now), zone, 7)), monday))
  }
})

describe('the days up to now', () => {
  it('begin at midnight of the zone, each with its own date', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Auckland']) {
      for (const now of [
        '2026-11-29T23:59:00',
        '2026-11-29T00:00:00',
        '2026-03-30T12:00:00',
        '2026-10-26T03:00:00',
      ]) {
        const days = daysUpTo(utc(now), zone, 14)
        const dates = days.map((at) => localDate(at, zone))
        assert.equal(new Set(dates).size, 14, `${zone} ${now}`)
        assert.deepEqual(dates, dates.toSorted())
        assert.equal(dates.at(-1), localDate(utc(now), zone))
        for (const at of days) assert.match(timeWords(at, zone), / 00:00$/, `${zone} ${iso(at)}`)
      }
    }
  })

  it('are 23 or 25 hours long where the clocks are changed', () => {
    const [before = 0, after = 0] = daysUpTo(utc('2026-03-30T12:00:00'), 'Europe/Berlin', 2)
    assert.equal((after - before) / 3_600_000, 23)
  })
})
