import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type CollectedFragment, fragmentOf, gather, mostFragments } from './fragment.ts'
import { messageIdOf } from './message-id.ts'
import type { MimePart, PartIndex } from './part-index.ts'
import { wallMs } from './time.ts'

const indexOf = (parameters: Record<string, string>, with_: Partial<MimePart> = {}): PartIndex => ({
  headerEnd: 0,
  parts: [
    {
      number: '1',
      parent: undefined,
      type: 'message/partial',
      parameters,
      encoding: '7bit',
      disposition: undefined,
      fileName: undefined,
      contentId: undefined,
      header: { start: 0, end: 0 },
      body: { start: 0, end: 0 },
      decodedSize: 0,
      isPlainBase64: false,
      ...with_,
    },
  ],
  isCut: false,
  has8bit: false,
  hasBareLineEnds: false,
  longestLine: 0,
})

describe('a fragment', () => {
  it('is known by id and number; the total may be missing', () => {
    assert.deepEqual(fragmentOf(indexOf({ id: 'x@y', number: '2', total: '3' })), {
      id: 'x@y',
      number: 2,
      total: 3,
    })
    assert.deepEqual(fragmentOf(indexOf({ id: 'x@y', number: '002' })), {
      id: 'x@y',
      number: 2,
      total: undefined,
    })
  })

  it('has the same id with and without angle brackets', () => {
    assert.equal(fragmentOf(indexOf({ id: '<x@y>', number: '1' }))?.id, 'x@y')
    assert.equal(fragmentOf(indexOf({ id: ' x@y ', number: '1' }))?.id, 'x@y')
  })

  it('is none where no set can be made of it', () => {
    const wrong: readonly Record<string, string>[] = [
      {},
      { id: 'x' },
      { number: '1' },
      { id: '', number: '1' },
      { id: '<>', number: '1' },
      { id: 'x', number: '0' },
      { id: 'x', number: 'one' },
      { id: 'x', number: '-1' },
      { id: 'x', number: '3', total: '2' },
      { id: 'x', number: '1', total: 'many' },
      { id: 'x', number: `${mostFragments + 1}` },
    ]
    for (const parameters of wrong)
      assert.equal(fragmentOf(indexOf(parameters)), undefined, JSON.stringify(parameters))
  })

  it('is the whole mail, and not encoded', () => {
    const parameters = { id: 'x', number: '1', total: '2' }
    assert.equal(fragmentOf(indexOf(parameters, { type: 'multipart/mixed' })), undefined)
    assert.equal(fragmentOf(indexOf(parameters, { encoding: 'base64' })), undefined)
    assert.equal(fragmentOf({ ...indexOf(parameters), parts: [] }), undefined)
  })
})

const fragment = (message: number, number: number, total?: number): CollectedFragment => ({
  message: messageIdOf(message),
  number,
  total,
  since: wallMs(message),
})

describe('a set of fragments', () => {
  it('is complete in whatever order they came, however often, whichever says the total', () => {
    const arrivals = fc.integer({ min: 1, max: 12 }).chain((total) => {
      const numbers = Array.from({ length: total }, (_, at) => at + 1)
      const repeats = fc.array(fc.constantFrom(...numbers), { maxLength: 6 })
      return fc.tuple(repeats, fc.constantFrom(...numbers)).chain(([more, teller]) =>
        fc.record({
          total: fc.constant(total),
          teller: fc.constant(teller),
          order: fc.shuffledSubarray([...numbers, ...more], { minLength: total + more.length }),
        }),
      )
    })
    fc.assert(
      fc.property(arrivals, ({ total, teller, order }) => {
        const came = order.map((number, at) =>
          fragment(at + 1, number, number === teller ? total : undefined),
        )
        const gathered = gather(came)
        assert.equal(gathered.kind, 'complete')
        if (gathered.kind !== 'complete') return
        assert.deepEqual(
          gathered.fragments.map(({ number }) => number),
          Array.from({ length: total }, (_, at) => at + 1),
        )
        // Of repeats the last one counts.
        for (const each of gathered.fragments)
          assert.equal(
            each,
            came.findLast(({ number }) => number === each.number),
          )
      }),
    )
  })

  it('is incomplete while one is missing', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 20 })
          .chain((total) => fc.tuple(fc.constant(total), fc.integer({ min: 1, max: total }))),
        ([total, missing]) => {
          const came = Array.from({ length: total }, (_, at) => fragment(at + 1, at + 1, total))
          const gathered = gather(came.filter(({ number }) => number !== missing))
          assert.deepEqual(gathered, { kind: 'incomplete', here: total - 1, total })
        },
      ),
    )
  })

  it('is incomplete while nobody said how many there are', () => {
    assert.deepEqual(gather([fragment(1, 1), fragment(2, 2)]), {
      kind: 'incomplete',
      here: 2,
      total: undefined,
    })
  })

  it('believes the largest total, and no number beyond it', () => {
    assert.deepEqual(gather([fragment(1, 1, 2), fragment(2, 2, 3)]), {
      kind: 'incomplete',
      here: 2,
      total: 3,
    })
    assert.deepEqual(gather([fragment(1, 1, 2), fragment(2, 3)]), { kind: 'incomplete', here: 2, total: 2 })
  })
})
