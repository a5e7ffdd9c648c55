// What anybody in the LAN may send to the port of a box that answers by its name.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { JumpingClock } from '../../../test/clock.ts'
import { PlayedDatagrams } from '../../../test/played-datagrams.ts'
import { minute, second, wallMs } from '../../core/time.ts'
import { LanLinks } from '../../platform/mdns/lan-links.ts'
import { type MdnsMessage, readMessage, recordType, writeMessage } from '../../platform/mdns/message.ts'
import { faultLog } from './fault-log.ts'
import { NameCare } from './name-care.ts'
import { silence } from './name-records.ts'

const name = 'branch-07.local'
const asking: MdnsMessage = {
  ...silence,
  isResponse: false,
  questions: [{ name, type: recordType.a, wantsUnicast: false }],
}
const of = <T>(values: readonly T[]) => fc.constantFrom(...values)
const record = fc.record({
  name: of([name, 'lobby.local', '']),
  type: of([...Object.values(recordType), 12]),
  ttlS: of([0, 10, 120, 0xffffffff]),
  data: fc.uint8Array({ maxLength: 20 }).map((octets) => Buffer.from(octets)),
  isUnique: fc.boolean(),
})
const records = fc.array(record, { maxLength: 3 })
const message: fc.Arbitrary<MdnsMessage> = fc.record({
  id: fc.integer({ min: 0, max: 0xffff }),
  isResponse: fc.boolean(),
  questions: fc.array(
    fc.record({
      name: of([name, 'lobby.local']),
      type: record.map(({ type }) => type),
      wantsUnicast: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  answers: records,
  authorities: records,
  additionals: records,
})
/** As a sender with a purpose writes it, with some octets overwritten. */
const datagram = fc
  .tuple(
    fc.oneof(message.map(writeMessage), fc.uint8Array({ maxLength: 600 })),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
  )
  .map(([octets, changes]) => {
    const sent = Buffer.from(octets)
    for (const [at, value] of changes) if (sent.length > 0) sent[at % sent.length] = value
    return sent
  })
const sender = fc.record({
  address: fc.oneof(
    of(['192.168.7.9', '192.168.7.5', '192.168.7.255', '0.0.0.0', 'fe80::9%eth0', 'fd00:7::9', '::']),
    fc.ipV4(),
    fc.ipV6().filter((address) => !address.includes('.')),
  ),
  port: fc.oneof(of([0, 1, 5353, 0xffff]), fc.integer({ min: 0, max: 0xffff })),
})

describe('datagrams from anybody', () => {
  it('never end the process, and leave the box able to answer', async () => {
    const clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 29)))
    const datagrams = new PlayedDatagrams()
    const faults: unknown[] = []
    const air = new LanLinks({
      interfaces: () => ({
        eth0: [address('192.168.7.5', 24), address('fd00:7::5', 64), address('fe80::5', 64)],
      }),
      createSocket: datagrams.createSocket,
      onFault: (error) => void faults.push(error),
      onTrouble: (detail) => assert.fail(detail),
    })
    const alerts = { raise: () => {}, clear: () => {}, active: () => [] }
    const care = new NameCare({ air, clock, log: { write: () => {} }, alerts, random: () => 0 })
    care.follow('branch-07')
    await clock.jump(5 * second)
    await fc.assert(
      fc.asyncProperty(datagram, sender, async (octets, { address, port }) => {
        datagrams.tell(octets, address, port)
        await clock.jump(50)
      }),
      { numRuns: 2000, examples: [[writeMessage(asking), { address: '192.168.7.9', port: 0 }]] },
    )
    assert.deepEqual(faults, [])
    await clock.jump(2 * minute)
    const before = datagrams.sent.length
    datagrams.tell(writeMessage(asking), '192.168.7.9', 40_000)
    const [answer] = datagrams.sent.slice(before)
    assert.equal(answer?.port, 40_000)
    assert.equal(readMessage(answer.octets)?.answers[0]?.name, name)
  })

  it('that failed are told at once, and then once a minute', async () => {
    const clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 29)))
    const lines: unknown[] = []
    const tell = faultLog({ clock, log: { write: (...line) => void lines.push(line) } })
    for (let n = 0; n < 1000; n += 1) tell(new Error('no way'))
    const detail = 'Error: no way'
    assert.deepEqual(lines, [['error', 'name-datagram-failed', { detail, count: 1 }]])
    await clock.jump(1 * minute)
    tell(new Error('no way'))
    assert.deepEqual(lines.slice(1), [['error', 'name-datagram-failed', { detail, count: 1000 }]])
  })
})

const address = (text: string, bits: number) => ({
  address: text,
  cidr: `${text}/${bits}`,
  family: text.includes(':') ? ('IPv6' as const) : ('IPv4' as const),
  netmask: '',
  mac: '02:00:00:00:00:01',
  internal: false,
  scopeid: 0,
})
