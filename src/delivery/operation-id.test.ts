import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { messageIdOf } from '../core/message-id.ts'
import type { PartKey } from '../core/spool.ts'
import { operationIdOf } from './operation-id.ts'

const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
const keys = fc
  .record({
    message: fc.integer({ min: 1, max: 1e6 }),
    upstream: fc.constantFrom('acs', 'smarthost'),
    number: fc.integer({ min: 1, max: 20 }),
    generation: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ message, ...rest }): PartKey => ({ message: messageIdOf(message), ...rest }))

describe('an operation id', () => {
  it('is the uuid v5 of the part’s name', () => {
    // Python: uuid.uuid5(uuid.NAMESPACE_DNS, '7:acs:1:1')
    assert.equal(
      operationIdOf(dns, { message: messageIdOf(7), upstream: 'acs', number: 1, generation: 1 }),
      '58461976-f581-5a55-b6bf-4ad071f9b033',
    )
  })

  it('is a well-formed uuid of version 5, always the same for the same part and for no other', () => {
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        const id = operationIdOf(dns, a)
        assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        const isSame = JSON.stringify(a) === JSON.stringify(b)
        assert.equal(id === operationIdOf(dns, b), isSame)
      }),
    )
  })

  it('is another one on another box', () => {
    const key = { message: messageIdOf(1), upstream: 'acs', number: 1, generation: 1 }
    assert.notEqual(operationIdOf(dns, key), operationIdOf('6ba7b811-9dad-11d1-80b4-00c04fd430c8', key))
  })
})
