import type { DayTally, MailTally } from '../core/page-spool.ts'
import type { WallMs } from '../core/time.ts'
import type { VerdictCode } from '../core/verdict.ts'
import type { PageReaderCalls } from './page-protocol.ts'

/** Adds up a device's days, slice by slice. */
export class DaySum {
  #days: readonly DayTally[]

  constructor(from: readonly WallMs[], { days, refused }: PageReaderCalls['device-present']['answer']) {
    const codes = (day: number): Partial<Record<VerdictCode, number>> => {
      const sums: Partial<Record<VerdictCode, number>> = {}
      for (const each of refused) if (each.day === day) sums[each.code] = (sums[each.code] ?? 0) + each.count
      return sums
    }
    this.#days = from.map((start, day) => ({ ...(days[day] ?? none), from: start, refused: codes(day) }))
  }

  add(days: readonly MailTally[]): void {
    this.#days = this.#days.map((before, day) => ({ ...before, ...sumOf(before, days[day] ?? none) }))
  }

  total(): readonly DayTally[] {
    return this.#days
  }
}

const none: MailTally = { mails: 0, sent: 0, waiting: 0, bounced: 0, dropped: 0 }

const sumOf = (a: MailTally, b: MailTally): MailTally => ({
  mails: a.mails + b.mails,
  sent: a.sent + b.sent,
  waiting: a.waiting + b.waiting,
  bounced: a.bounced + b.bounced,
  dropped: a.dropped + b.dropped,
})
