import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { MemoryBudget } from './memory-budget.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('memory budget', () => {
  it('grants what fits and takes it back once', async () => {
    const budget = new MemoryBudget(100)
    const held = await budget.reserve(60)
    assert.equal(budget.used, 60)
    assert.equal(budget.tryReserve(41), undefined)
    held[Symbol.dispose]()
    held[Symbol.dispose]()
    assert.equal(budget.used, 0)
  })

  it('makes the next one wait until there is room', async () => {
    const budget = new MemoryBudget(100)
    const first = await budget.reserve(80)
    let granted = false
    const second = budget.reserve(30).then((hold) => {
      granted = true
      return hold
    })
    await turn()
    assert.deepEqual([granted, budget.waiting], [false, 1])
    first[Symbol.dispose]()
    ;(await second)[Symbol.dispose]()
    assert.deepEqual([budget.used, budget.waiting], [0, 0])
  })

  it('is first come, first served: a small one does not overtake', async () => {
    const budget = new MemoryBudget(100)
    const first = await budget.reserve(90)
    const order: string[] = []
    const served = async (name: string, octets: number) => {
      const hold = await budget.reserve(octets)
      order.push(name)
      return hold
    }
    const large = served('large', 50)
    const small = served('small', 5)
    assert.equal(budget.tryReserve(5), undefined, 'nor by trying')
    await turn()
    assert.deepEqual(order, [])
    first[Symbol.dispose]()
    for (const hold of await Promise.all([large, small])) hold[Symbol.dispose]()
    assert.deepEqual(order, ['large', 'small'])
    assert.equal(budget.used, 0)
  })

  it('counts more than the whole budget as the whole, alone', async () => {
    const budget = new MemoryBudget(100)
    const huge = await budget.reserve(5000)
    assert.equal(budget.used, 100)
    assert.equal(budget.tryReserve(1), undefined)
    huge[Symbol.dispose]()
    assert.equal(budget.used, 0)
  })

  it('lets one leave the queue, and serves those behind it', async () => {
    const budget = new MemoryBudget(100)
    const first = await budget.reserve(60)
    const stop = new AbortController()
    const impatient = budget.reserve(90, stop.signal)
    const patient = budget.reserve(40)
    stop.abort(new Error('gone'))
    await assert.rejects(impatient, /gone/)
    ;(await patient)[Symbol.dispose]()
    first[Symbol.dispose]()
    assert.deepEqual([budget.used, budget.waiting], [0, 0])
  })

  it('refuses one whose signal is aborted already', async () => {
    const budget = new MemoryBudget(10)
    const first = await budget.reserve(10)
    await assert.rejects(budget.reserve(1, AbortSignal.abort(new Error('gone'))), /gone/)
    assert.equal(budget.waiting, 0)
    first[Symbol.dispose]()
  })

  it('serves who waits as soon as it grows', async () => {
    const budget = new MemoryBudget(10)
    const first = await budget.reserve(10)
    const waiting = budget.reserve(50)
    budget.resize(100)
    const second = await waiting
    assert.equal(budget.used, 60)
    for (const hold of [first, second]) hold[Symbol.dispose]()
    assert.equal(budget.used, 0)
  })

  it('that shrinks waits for what is held, and lets nobody wait for more than the whole', async () => {
    const budget = new MemoryBudget(100)
    const first = await budget.reserve(80)
    const waiting = budget.reserve(60)
    budget.resize(50)
    assert.equal(budget.used, 80)
    assert.equal(budget.tryReserve(1), undefined)
    first[Symbol.dispose]()
    const second = await waiting
    assert.equal(budget.used, 50)
    second[Symbol.dispose]()
    assert.equal(budget.used, 0)
  })

  it('is never exceeded, serves everybody and ends empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 30 }),
        async (wishes) => {
          const budget = new MemoryBudget(100)
          let most = 0
          await Promise.all(
            wishes.map(async (octets) => {
              using _hold = await budget.reserve(octets)
              most = Math.max(most, budget.used)
              await turn()
            }),
          )
          assert.ok(most <= 100)
          assert.deepEqual([budget.used, budget.waiting], [0, 0])
        },
      ),
      { numRuns: 50 },
    )
  })
})
