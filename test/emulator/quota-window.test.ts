import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createQuotaWindow, type QuotaLimits } from './quota-window.ts'

/** Tries at these seconds and what each is answered: 0 admitted, else Retry-After. */
function answers(limits: QuotaLimits, seconds: readonly number[]): number[] {
  const window = createQuotaWindow()
  return seconds.map((second) => {
    const verdict = window.take(limits, second * 1000)
    return verdict.kind === 'admitted' ? 0 : verdict.retryAfterSeconds
  })
}

describe('quota window', () => {
  const rows: [name: string, limits: QuotaLimits, tries: number[], expected: number[]][] = [
    ['admits up to the minute’s limit', { perMinute: 3, perHour: 9 }, [0, 0, 0, 0], [0, 0, 0, 60]],
    [
      'rolls: a try is forgotten after 60 s, not at the full minute',
      { perMinute: 1, perHour: 9 },
      [50, 70, 130],
      [0, 60, 0],
    ],
    ['counts refused tries', { perMinute: 1, perHour: 99 }, [0, 30, 60, 119, 179], [0, 60, 60, 60, 0]],
    ['tells the wait until enough are forgotten', { perMinute: 2, perHour: 9 }, [0, 10, 20], [0, 0, 50]],
    ['admits again after exactly that wait', { perMinute: 2, perHour: 9 }, [0, 10, 20, 70], [0, 0, 50, 0]],
    ['keeps the hour’s limit too', { perMinute: 9, perHour: 2 }, [0, 100, 200], [0, 0, 3500]],
    ['never says 0', { perMinute: 1, perHour: 9 }, [0, 59.9995], [0, 60]],
    ['may be closed altogether', { perMinute: 0, perHour: 0 }, [0], [3600]],
  ]
  for (const [name, limits, tries, expected] of rows) {
    it(name, () => assert.deepEqual(answers(limits, tries), expected))
  }
})
