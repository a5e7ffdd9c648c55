import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isExpected, isUnusuallyBusy, leastBusyDays, pastDays, usualDay } from './device-days.ts'

const mails = fc.nat({ max: 5000 })
const month = fc.array(mails, { minLength: pastDays, maxLength: pastDays })
/** 28 days of a device that sends on these weekdays; index 0 is the weekday that is asked for. */
const weeks = (weekdays: readonly number[]): readonly number[] =>
  Array.from({ length: pastDays }, (_, index) => (weekdays.includes(index % 7) ? 12 : 0))
const missing = (past: readonly number[], ...days: readonly number[]): readonly number[] =>
  past.map((count, index) => (days.includes(index) ? 0 : count))

describe('a day that is busier than usual', () => {
  it('is one of five times the middle one, and of 20 mails more', () => {
    const past = [3, 40, 5, 4, 0, 0, 6, 5, 4]
    assert.equal(usualDay(past), 5)
    assert.equal(isUnusuallyBusy(past, 24), false)
    assert.equal(isUnusuallyBusy(past, 25), true)
    assert.equal(isUnusuallyBusy(Array(9).fill(1), 20), false)
    assert.equal(isUnusuallyBusy(Array(9).fill(1), 21), true)
  })

  it('needs seven days with mail', () => {
    assert.equal(isUnusuallyBusy([0, ...Array<number>(6).fill(2)], 500), false)
    assert.equal(isUnusuallyBusy([0, ...Array<number>(7).fill(2)], 500), true)
  })

  it('is never one of a device with too little history', () => {
    const few = fc.array(mails, { maxLength: leastBusyDays - 1 })
    fc.assert(
      fc.property(few, fc.nat({ max: pastDays }), mails, (busy, quiet, today) => {
        return !isUnusuallyBusy([...Array<number>(quiet).fill(0), ...busy], today)
      }),
    )
  })

  it('is never one that the device has had on half of its days', () => {
    fc.assert(
      fc.property(month, (past) => {
        const usual = usualDay(past) ?? 0
        return !isUnusuallyBusy(past, usual)
      }),
    )
  })

  it('stays one when more comes', () => {
    fc.assert(
      fc.property(month, mails, mails, (past, today, more) => {
        return !isUnusuallyBusy(past, today) || isUnusuallyBusy(past, today + more)
      }),
    )
  })

  it('does not depend on the order of the days', () => {
    fc.assert(
      fc.property(month, mails, (past, today) => {
        return isUnusuallyBusy(past, today) === isUnusuallyBusy(past.toReversed(), today)
      }),
    )
  })
})

describe('a day that is silent', () => {
  it('is news of a device that sends daily', () => {
    assert.equal(isExpected(weeks([0, 1, 2, 3, 4, 5, 6])), true)
  })

  it('is none on a day off that its history shows', () => {
    assert.equal(isExpected(weeks([0, 1, 2, 3, 4])), true)
    assert.equal(isExpected(weeks([1, 2, 3, 4, 5])), false)
  })

  it('is news after one feast of that weekday, not after two', () => {
    const past = weeks([0, 1, 2, 3, 4])
    assert.equal(isExpected(missing(past, 7)), true)
    assert.equal(isExpected(missing(past, 7, 21)), false)
  })

  it('is none of a device that sends on some days of the week', () => {
    assert.equal(isExpected(weeks([0, 2, 4])), false)
  })

  it('is never one of a device with too little history', () => {
    const short = fc.array(mails, { maxLength: pastDays - 1 })
    fc.assert(fc.property(short, (past) => !isExpected(past)))
  })

  it('is never one of a device that was silent on that weekday twice', () => {
    fc.assert(
      fc.property(month, fc.uniqueArray(fc.constantFrom(0, 7, 14, 21), { minLength: 2 }), (past, days) => {
        return !isExpected(missing(past, ...days))
      }),
    )
  })

  it('only gets likelier where a device sent more', () => {
    fc.assert(
      fc.property(month, fc.nat({ max: pastDays - 1 }), (past, day) => {
        const more = past.map((count, index) => (index === day ? count + 1 : count))
        return !isExpected(past) || isExpected(more)
      }),
    )
  })
})
