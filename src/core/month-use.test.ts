import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { costOf, costsOf, type MonthUse, monthOf, sumUse } from './month-use.ts'
import { wallMs } from './time.ts'

const row = (changes: Partial<MonthUse>): MonthUse => ({
  month: '2026-11',
  upstream: 'acs',
  device: 'Scanner',
  mails: 1,
  recipients: 1,
  octets: 1000,
  failed: 0,
  ...changes,
})

describe('use and cost of a month', () => {
  it('charges 10,000 mails of half a megabyte 3.10 at the prices of ACS', () => {
    const price = { perMessage: 0.00025, perMegabyte: 0.00012, currency: 'USD' }
    const cost = costOf(row({ mails: 10_000, recipients: 10_000, octets: 10_000 * 500_000 }), price)
    assert.equal(cost?.amount.toFixed(4), '3.1000')
    assert.equal(cost?.currency, 'USD')
  })

  it('knows no cost without a price', () => assert.equal(costOf(row({}), undefined), undefined))

  it('sums by currency, and leaves out what has no price', () => {
    const price = { perMessage: 1, perMegabyte: 0, currency: 'USD' }
    const upstreams = [
      { name: 'acs', price },
      { name: 'hve', price: { ...price, currency: 'EUR' } },
      { name: 'relay', price: undefined },
    ]
    const rows = ['acs', 'hve', 'relay', 'gone', 'acs'].map((upstream) => row({ upstream }))
    assert.deepEqual(costsOf(rows, upstreams), [
      { amount: 2, currency: 'USD' },
      { amount: 1, currency: 'EUR' },
    ])
  })

  it('ends a month at midnight UTC', () => {
    assert.equal(monthOf(wallMs(Date.UTC(2026, 10, 30, 23, 59, 59, 999))), '2026-11')
    assert.equal(monthOf(wallMs(Date.UTC(2026, 11, 1))), '2026-12')
  })

  it('sums what has the same key', () => {
    const sums = sumUse(
      [row({}), row({ device: 'Other', failed: 2 }), row({ upstream: 'exo' })],
      (r) => r.upstream,
    )
    assert.deepEqual(
      [...sums],
      [
        ['acs', { mails: 2, recipients: 2, octets: 2000, failed: 2 }],
        ['exo', { mails: 1, recipients: 1, octets: 1000, failed: 0 }],
      ],
    )
  })
})
