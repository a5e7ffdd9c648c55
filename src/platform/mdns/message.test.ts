import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  addressOctets,
  addressText,
  type MdnsMessage,
  mayName,
  nameOctets,
  readMessage,
  writeMessage,
} from './message.ts'

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

const empty: MdnsMessage = {
  id: 0,
  isResponse: false,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
}

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

  const head = (records: number) => Buffer.from([0, 0, 0x84, 0, 0, 0, 0, records, 0, 0, 0, 0])
  const rest = Buffer.from([0, 1, 0x80, 1, 0, 0, 0, 120, 0, 0])
  const label = (length: number) => Buffer.concat([Buffer.from([length]), Buffer.alloc(length, 'A')])
  const labels = (count: number, length: number) =>
    Buffer.concat(Array.from({ length: count }, () => label(length)))
  const end = Buffer.alloc(1)
  const said = (name: Buffer) => readMessage(Buffer.concat([head(1), name, rest]))

  it('have names of 255 octets, and no longer ones (RFC 1035 section 3.1)', () => {
    const longest = Buffer.concat([labels(3, 63), label(61), end])
    assert.equal(longest.length, 255)
    assert.equal(said(longest)?.answers[0]?.name.length, 253)
    assert.equal(said(Buffer.concat([labels(127, 1), end]))?.answers[0]?.name.length, 253)
    assert.equal(said(Buffer.concat([labels(3, 63), label(62), end])), undefined)
    assert.equal(said(Buffer.concat([labels(128, 1), end])), undefined)
    assert.equal(said(Buffer.concat([label(64), end])), undefined)
    assert.equal(said(Buffer.concat([label(191), end])), undefined)
  })

  it('point to what was said before, and nowhere else', () => {
    const two = (pointer: number) =>
      readMessage(Buffer.concat([head(2), label(3), end, rest, label(3), Buffer.from([0xc0, pointer]), rest]))
        ?.answers[1]?.name
    assert.equal(two(12), 'aaa.aaa')
    const [inHead, itself, behind] = [4, 27, 31]
    for (const pointer of [inHead, itself, behind, 33]) assert.equal(two(pointer), undefined, String(pointer))
  })

  it('are read to a bound, however many names point to a long one', () => {
    const pointing = (records: number) =>
      Buffer.concat([
        head(1 + records),
        labels(126, 1),
        end,
        rest,
        ...Array.from({ length: records }, () => [Buffer.from([0xc0, 12]), rest]).flat(),
      ])
    assert.equal(readMessage(pointing(14))?.answers.length, 15)
    assert.equal(readMessage(pointing(15)), undefined)
    const padded = (octets: number) => Buffer.concat([writeMessage(empty), Buffer.alloc(octets - 12)])
    assert.deepEqual(readMessage(padded(9000)), empty)
    assert.equal(readMessage(padded(9001)), undefined)
  })

  it('are not read at all where they can say nothing of a name', () => {
    fc.assert(
      fc.property(message, (said) => {
        const octets = writeMessage(said)
        for (const { name } of [...said.questions, ...said.answers]) assert.ok(mayName(octets, name))
      }),
    )
    const asked = Buffer.concat([head(0), nameOctets('BRANCH-07.Local')])
    assert.ok(mayName(asked, 'branch-07.local'))
    for (const other of ['branch-0.local', 'branch-070.local', 'ranch-07.local', 'lobby.local'])
      assert.equal(mayName(asked, other), false, other)
  })

  it('hold addresses of both families', () => {
    for (const address of ['192.168.7.5', 'fe80::1', '::1', 'fd00:7::5', '2001:db8:1:2:3:4:5:6', 'fd00::'])
      assert.equal(addressText(addressOctets(address)), address)
  })
})
