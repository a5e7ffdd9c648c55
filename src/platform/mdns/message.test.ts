import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { addressOctets, addressText, type MdnsMessage, readMessage, writeMessage } from './message.ts'

const name = fc
  .array(fc.stringMatching(/^[a-z0-9-]{1,63}$/), { minLength: 1, maxLength: 3 })
  .map((labels) => labels.join('.'))
const number16 = fc.integer({ min: 0, max: 0xffff })
const question = fc.record({ name, type: number16, wantsUnicast: fc.boolean() }, { noNullPrototype: true })
const record = fc.record(
  {
    name,
    type: number16,
    ttlS: fc.integer({ min: 0, max: 0xffffffff }),
    data: fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets)),
    isUnique: fc.boolean(),
  },
  { noNullPrototype: true },
)
const records = fc.array(record, { maxLength: 4 })
const message: fc.Arbitrary<MdnsMessage> = fc.record(
  {
    id: number16,
    isResponse: fc.boolean(),
    questions: fc.array(question, { maxLength: 3 }),
    answers: records,
    authorities: records,
    additionals: records,
  },
  { noNullPrototype: true },
)

describe('octets of multicast DNS', () => {
  it('say what they were made of', () => {
    fc.assert(fc.property(message, (said) => assert.deepEqual(readMessage(writeMessage(said)), said)))
  })

  it('are no message where they are cut off, and never an error', () => {
    fc.assert(
      fc.property(message, fc.nat(), (said, cut) => {
        const whole = writeMessage(said)
        assert.equal(readMessage(whole.subarray(0, cut % whole.length)), undefined)
      }),
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => void readMessage(octets)))
  })

  it('are read through pointers, and not in a circle', () => {
    const head = '000084000000000100000000'
    const packed = Buffer.from(`${head}05${Buffer.from('LOCAL').toString('hex')}00`, 'hex')
    const record = '00018001000000780004c0a80705'
    const said = Buffer.from(
      `000084000001000100000000${'03626f78056c6f63616c00'}00010001${'c00c'}${record}`,
      'hex',
    )
    assert.deepEqual(
      readMessage(said)?.answers.map(({ name, data }) => [name, addressText(data)]),
      [['box.local', '192.168.7.5']],
    )
    assert.equal(readMessage(Buffer.from(`${head}c00c${record}`, 'hex')), undefined)
    assert.equal(readMessage(packed), undefined)
  })

  it('hold addresses of both families', () => {
    for (const address of ['192.168.7.5', 'fe80::1', '::1', 'fd00:7::5', '2001:db8:1:2:3:4:5:6', 'fd00::'])
      assert.equal(addressText(addressOctets(address)), address)
  })
})
