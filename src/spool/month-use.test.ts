import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Spool } from '../core/spool.ts'
import { day, wallMs } from '../core/time.ts'
import {
  changeTo,
  delivered,
  later,
  octetsOf,
  partKey,
  published,
  recipientsOf,
  settlementOf,
  startOf,
  testSpool,
} from './spool-fixture.ts'

const two = recipientsOf('anna@contoso.com', 'ben@contoso.com')
const nothing = { mails: 0, recipients: 0, octets: 0, failed: 0 }
const november = { month: '2026-11', upstream: 'acs', device: 'scanner', ...nothing }

const attempt = { at: later(0), upstream: 'acs', number: 1, outcome: 'accepted', detail: '', tookMs: 1 }

async function pagesOf(spool: Spool, since = later(-day)) {
  const pages = []
  for await (const page of spool.history(since)) pages.push(page)
  return pages
}

describe('what left in a month', () => {
  it('is summed by way out and device, each recipient with its octets', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(100), two)
    await box.spool.start(startOf(partKey(id), [1, 2]))
    await box.spool.settle(
      settlementOf(partKey(id), [changeTo(id, 1, 'accepted'), changeTo(id, 2, 'bounced')]),
    )
    const both = await published(box.spool, octetsOf(25), two)
    await box.spool.start(startOf(partKey(both), [1, 2]))
    await box.spool.settle(
      settlementOf(partKey(both), [changeTo(both, 1, 'accepted'), changeTo(both, 2, 'accepted')]),
    )
    assert.deepEqual(await box.spool.monthUse('2026-11'), [
      { ...november, mails: 2, recipients: 3, octets: 150, failed: 1 },
    ])
  })

  it('counts a delivery once, whatever is learned of it later', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(100))
    await delivered(box.spool, id)
    await box.spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'confirmed')]))
    assert.deepEqual(await box.spool.monthUse('2026-11'), [
      { ...november, mails: 1, recipients: 1, octets: 100 },
    ])
  })

  it('counts nothing that was dropped by hand meanwhile', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(100))
    await box.spool.start(startOf(partKey(id)))
    await box.spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'deferred')], { partState: 'open' }))
    assert.equal(await box.spool.operate('drop', { message: id }, later(1)), 1)
    await box.spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'bounced')]))
    assert.deepEqual(await box.spool.monthUse('2026-11'), [])
  })

  it('begins anew with the month, and is there after a restart', async () => {
    await using box = await testSpool()
    await delivered(box.spool, await published(box.spool, octetsOf(100)))
    const id = await published(box.spool, octetsOf(10))
    await box.spool.start(startOf(partKey(id)))
    const december = { ...attempt, at: wallMs(Date.UTC(2026, 11, 1)) }
    await box.spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'accepted')], { attempt: december }))
    const spool = await box.reopen()
    const all = await spool.monthUse('2026-11')
    assert.deepEqual(
      all.map(({ month, octets }) => [month, octets]),
      [
        ['2026-11', 100],
        ['2026-12', 10],
      ],
    )
    assert.equal((await spool.monthUse('2026-12')).length, 1)
  })

  it('outlives the history, for two years', async () => {
    await using box = await testSpool()
    await delivered(box.spool, await published(box.spool))
    await box.spool.tidy(later(day), 30 * day, 7 * day)
    await box.spool.tidy(wallMs(Date.UTC(2028, 10, 30)), 30 * day, 7 * day)
    assert.equal((await box.spool.monthUse('2026-01')).length, 1)
    assert.deepEqual((await pagesOf(box.spool)).flat(), [])
    await box.spool.tidy(wallMs(Date.UTC(2028, 11, 1)), 30 * day, 7 * day)
    assert.deepEqual(await box.spool.monthUse('2026-01'), [])
  })
})

describe('the history', () => {
  it('is what a way out is chosen by, oldest first, whatever became of it', async () => {
    await using box = await testSpool()
    const first = await published(box.spool, octetsOf(100), two)
    const second = await published(box.spool, octetsOf(50))
    await delivered(box.spool, second)
    assert.deepEqual(await pagesOf(box.spool), [
      [
        {
          id: first,
          kind: 'mail',
          device: 'scanner',
          from: 'scanner@contoso.com',
          facts: { size: 100, acsSize: 200, fidelity: [] },
          acceptedWall: later(0),
          recipients: ['anna@contoso.com', 'ben@contoso.com'],
        },
        {
          id: second,
          kind: 'mail',
          device: 'scanner',
          from: 'scanner@contoso.com',
          facts: { size: 50, acsSize: 100, fidelity: [] },
          acceptedWall: later(0),
          recipients: ['anna@contoso.com'],
        },
      ],
    ])
  })

  it('leaves out what is older and what the box wrote itself', async () => {
    await using box = await testSpool()
    await published(box.spool, octetsOf(1), { acceptedWall: later(-2 * day) })
    await published(box.spool, octetsOf(1), { kind: 'dsn' })
    assert.deepEqual((await pagesOf(box.spool)).flat(), [])
  })

  it('comes in pages that end where many recipients were', async () => {
    await using box = await testSpool()
    const many = recipientsOf(...Array.from({ length: 1500 }, (_, n) => `a${n}@contoso.com`))
    for (let n = 0; n < 3; n++) await published(box.spool, octetsOf(1), many)
    for (let n = 0; n < 250; n++) await published(box.spool, octetsOf(1))
    const pages = await pagesOf(box.spool)
    assert.deepEqual(
      pages.map((page) => page.length),
      [2, 200, 51],
    )
  })
})
