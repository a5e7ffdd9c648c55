import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { DeliveryReport, ReportedDelivery, ReportStatus } from './delivery-report.ts'
import type { DeliveryState } from './outcome.ts'
import type { PartState } from './spool.ts'
import { stepReport } from './step-report.ts'
import { minute, wallMs } from './time.ts'

const noon = wallMs(Date.UTC(2026, 10, 28, 12))

const reportOf = (status: ReportStatus, more: Partial<DeliveryReport> = {}): DeliveryReport => ({
  operationId: 'op-1',
  recipient: 'anna@contoso.com',
  status,
  detail: '',
  at: noon,
  ...more,
})

const delivery = (state: DeliveryState, more: Partial<ReportedDelivery> = {}): ReportedDelivery => ({
  recipient: 1,
  state,
  code: state,
  reports: [],
  ...more,
})

/** The step in one word: what becomes of the state, or why nothing does. */
function word(found: ReportedDelivery, report: DeliveryReport, operation: PartState = 'failed'): string {
  const step = stepReport(found, report, operation)
  return step.kind === 'changed' ? `${step.state} ${step.code}` : step.kind
}

const failures: readonly ReportStatus[] = ['bounced', 'suppressed', 'quarantined', 'filtered-spam', 'failed']

describe('what a report makes of a delivery', () => {
  const table: readonly (readonly [state: DeliveryState, delivered: string, failed: string])[] = [
    ['accepted', 'confirmed delivered', 'bounced'],
    ['confirmed', 'confirmed delivered', 'bounced'],
    ['indeterminate', 'confirmed delivered', 'bounced'],
    ['sending', 'later', 'later'],
    ['queued', 'confirmed delivered', 'noted'],
    ['deferred', 'confirmed delivered', 'noted'],
    ['held', 'confirmed delivered', 'noted'],
    ['collecting', 'confirmed delivered', 'noted'],
    ['bounced', 'noted', 'noted'],
    ['expired', 'noted', 'noted'],
    ['dropped', 'confirmed delivered', 'noted'],
  ]
  for (const [state, delivered, failed] of table) {
    it(`${state}: Delivered makes it ${delivered}, a failure ${failed}`, () => {
      assert.equal(word(delivery(state), reportOf('delivered')), delivered)
      for (const status of failures)
        assert.equal(
          word(delivery(state), reportOf(status)),
          failed === 'bounced' ? `bounced reported-${status}` : failed,
        )
      assert.equal(word(delivery(state), reportOf('expanded')), state === 'sending' ? 'later' : 'noted')
    })
  }

  it('leaves a failure for later while the same operation may be sent again', () => {
    for (const operation of ['sending', 'indeterminate', 'open'] as const)
      for (const state of ['queued', 'deferred', 'held', 'collecting'] as const)
        assert.equal(word(delivery(state), reportOf('bounced'), operation), 'later')
    for (const operation of ['abandoned', 'reformed', 'failed'] as const)
      assert.equal(word(delivery('deferred'), reportOf('bounced'), operation), 'noted')
  })

  it('knows what it was told before', () => {
    for (const status of [...failures, 'delivered', 'expanded'] as const) {
      const found = delivery('accepted', { reports: [{ status, at: noon }] })
      assert.equal(word(found, reportOf(status, { at: wallMs(noon + minute) })), 'known')
    }
  })

  it('gives up a success for the failure of a later attempt, not of an earlier one', () => {
    const found = delivery('confirmed', { code: 'delivered', reports: [{ status: 'delivered', at: noon }] })
    assert.equal(word(found, reportOf('bounced', { at: wallMs(noon + minute) })), 'bounced reported-bounced')
    assert.equal(word(found, reportOf('bounced', { at: wallMs(noon - minute) })), 'noted')
  })

  const statuses: readonly (readonly [ReportStatus, string, string])[] = [
    ['bounced', '', '5.0.0'],
    ['bounced', '550 5.1.10 RESOLVER.ADR.RecipientNotFound', '5.1.10'],
    ['bounced', '4.4.7 expired after 15.1.2025', '5.0.0'],
    ['suppressed', '', '5.1.1'],
    ['quarantined', '', '5.7.1'],
    ['filtered-spam', '', '5.7.1'],
    ['failed', '', '5.0.0'],
  ]
  for (const [status, detail, expected] of statuses) {
    it(`${status} "${detail}" has the status ${expected}`, () => {
      const step = stepReport(delivery('accepted'), reportOf(status, { detail }), 'accepted')
      assert.equal(step.kind === 'changed' && step.status, expected)
      assert.equal(step.kind === 'changed' && step.reason.endsWith(detail), true)
    })
  }

  it('comes to one end whatever the order and however often, and tells the owner once', () => {
    const reports = fc.uniqueArray(
      fc.record({
        status: fc.constantFrom<ReportStatus>(...failures, 'delivered', 'expanded'),
        at: fc.nat(9),
      }),
      { selector: ({ status }) => status, maxLength: 7 },
    )
    fc.assert(
      fc.property(reports, fc.infiniteStream(fc.nat()), (given, random) => {
        const twice = [...given, ...given]
          .map((report) => ({ report, key: random.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ report }) => reportOf(report.status, { at: wallMs(noon + report.at) }))
        let found = delivery('accepted')
        let told = 0
        for (const report of twice) {
          const step = stepReport(found, report, 'accepted')
          if (step.kind === 'known') continue
          if (step.kind === 'changed' && step.state === 'bounced') told += 1
          const to = step.kind === 'changed' ? step : found
          found = { ...found, state: to.state, code: to.code, reports: [...found.reports, report] }
        }
        const failed = given.filter(({ status }) => failures.includes(status))
        const delivered = given.find(({ status }) => status === 'delivered')
        const isEarlier = failed.every(({ at }) => delivered !== undefined && at < delivered.at)
        assert.ok(told <= 1)
        if (failed.length === 0) assert.equal(found.state, delivered ? 'confirmed' : 'accepted')
        else if (!isEarlier) assert.deepEqual([found.state, told], ['bounced', 1])
      }),
    )
  })
})
