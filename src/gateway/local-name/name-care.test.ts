import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../../test/clock.ts'
import type { Alert, RaisedAlert } from '../../core/alerts.ts'
import type { MdnsAir, MdnsSender } from '../../core/local-name.ts'
import { minute, second, wallMs } from '../../core/time.ts'
import {
  addressText,
  type MdnsMessage,
  type MdnsQuestion,
  readMessage,
  recordType,
  writeMessage,
} from '../../platform/mdns/message.ts'
import { NameCare } from './name-care.ts'
import { silence } from './name-records.ts'

type Hear = Parameters<MdnsAir['listen']>[0]
let clock: JumpingClock
let said: { readonly from: string; readonly message: MdnsMessage; readonly to?: MdnsSender }[]
let machines: Map<string, { readonly hear: Hear; readonly links: readonly string[] }>

/** A network in which everybody hears everybody, himself included. */
function tell(from: string, octets: Uint8Array): void {
  queueMicrotask(() => {
    for (const { hear, links } of machines.values())
      for (const link of links) hear(link, octets, { address: from, port: 5353 })
  })
}

class Box {
  readonly alerts = new Map<string, RaisedAlert>()
  readonly care: NameCare
  /** By link. */
  readonly addresses: Record<string, readonly string[]>
  readonly logged: unknown[] = []
  /** Why the machine does not say its links. */
  trouble: string | undefined
  isAway = false
  readonly #ending = new AbortController()
  readonly #watching: Promise<void>

  constructor(addresses: Record<string, readonly string[]>, name = 'Branch-07') {
    this.addresses = addresses
    const air: MdnsAir = {
      links: () => {
        if (this.trouble !== undefined) throw new Error(this.trouble)
        this.isAway = false
        return Object.keys(this.addresses).map((link) => ({
          name: link,
          addresses: () => this.addresses[link] ?? [],
          say: (octets) => {
            assert.equal(this.isAway, false)
            const from = this.addresses[link]?.[0] ?? ''
            said.push({ from, message: read(octets) })
            tell(from, octets)
          },
          reply: (octets, to) => void said.push({ from: link, message: read(octets), to }),
        }))
      },
      leave: () => {
        this.isAway = true
      },
      listen: (hear) => void machines.set(JSON.stringify(addresses), { hear, links: Object.keys(addresses) }),
      [Symbol.asyncDispose]: async () => void machines.delete(JSON.stringify(addresses)),
    }
    const alerts = {
      raise: (alert: Alert) => void this.alerts.set(alert.key, { ...alert, since: clock.wall() }),
      clear: (key: string) => void this.alerts.delete(key),
      active: () => [...this.alerts.values()],
    }
    this.care = new NameCare({
      air,
      clock,
      log: { write: (...line) => void this.logged.push(line) },
      alerts,
      random: () => 0,
    })
    this.care.follow(name)
    this.#watching = this.care.watch(this.#ending.signal)
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#watching
  }
}

const read = (octets: Uint8Array): MdnsMessage => {
  const message = readMessage(octets)
  assert.ok(message)
  return message
}

/** Somebody who asks, and what is answered: by whom, and which addresses. */
async function ask(
  question: Partial<MdnsQuestion> & { readonly known?: MdnsMessage['answers'] } = {},
  from: MdnsSender = { address: '192.168.7.99', port: 5353 },
): Promise<typeof said> {
  const { known = [], ...rest } = question
  const asked = { name: 'branch-07.local', type: recordType.a, wantsUnicast: false, ...rest }
  await clock.jump(2 * second)
  said = []
  const octets = writeMessage({ ...silence, id: 7, isResponse: false, questions: [asked], answers: known })
  for (const { hear, links } of machines.values()) for (const link of links) hear(link, octets, from)
  return said
}
const addressesIn = (answers: typeof said): readonly string[] =>
  answers.flatMap(({ message }) => message.answers.map(({ data }) => addressText(data)))

beforeEach(() => {
  clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 29)))
  said = []
  machines = new Map()
})

describe('the name of a box in its network', () => {
  it('is asked for three times, announced twice, and then answered', async () => {
    const box = new Box({ eth0: ['192.168.7.5', 'fd00:7::5', 'fe80::5'] })
    assert.deepEqual(await ask(), [], 'nobody is answered before it is known to be free')
    await clock.jump(2 * second)
    assert.equal(box.care.answered, 'branch-07.local')
    assert.deepEqual(addressesIn(await ask()), ['192.168.7.5'])
    assert.deepEqual(addressesIn(await ask({ type: recordType.aaaa })), ['fd00:7::5'])
    assert.deepEqual(addressesIn(await ask({ type: recordType.any })), ['192.168.7.5', 'fd00:7::5'])
    assert.deepEqual(await ask({ name: 'other.local' }), [])
    assert.deepEqual(box.alerts.size, 0)
  })

  it('is said in the words of RFC 6762 from the first probe on', async () => {
    new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    const kinds = said.map(({ message: { isResponse, authorities, answers } }) =>
      isResponse ? `announced ${answers.length}` : `asked for ${authorities.length}`,
    )
    assert.deepEqual(kinds, ['asked for 1', 'asked for 1', 'asked for 1', 'announced 2', 'announced 2'])
    // What is answered to the box alone may be heard by another program at the port.
    const asked = said.flatMap(({ message }) => message.questions)
    assert.deepEqual(
      asked.map(({ wantsUnicast }) => wantsUnicast),
      [false, false, false],
    )
  })

  it('has no address of a family that the box lacks, and says so', async () => {
    new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    const [denied] = await ask({ type: recordType.aaaa })
    assert.deepEqual(
      denied?.message.answers.map(({ type }) => type),
      [recordType.nsec],
    )
    assert.deepEqual(
      denied?.message.additionals.map(({ type }) => type),
      [recordType.a],
    )
  })

  it('is not said to who knows it, and to plain DNS clients by themselves', async () => {
    new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    const [first] = await ask()
    assert.deepEqual(await ask({ known: first?.message.answers ?? [] }), [])
    const asker = { address: '192.168.7.99', port: 40_000 }
    const [plain] = await ask({}, asker)
    assert.deepEqual(plain?.to, asker)
    assert.equal(plain?.message.id, 7)
    assert.deepEqual(
      plain?.message.questions.map(({ name }) => name),
      ['branch-07.local'],
    )
    assert.deepEqual(
      plain?.message.answers.map(({ ttlS, isUnique }) => [ttlS, isUnique]),
      [[10, false]],
    )
  })

  it('is said once to a plain DNS client that asks a hundred times in one message', async () => {
    new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    said = []
    const question = { name: 'branch-07.local', type: recordType.a, wantsUnicast: false }
    const questions = Array.from({ length: 100 }, () => question)
    const octets = writeMessage({ ...silence, isResponse: false, questions })
    for (const { hear } of machines.values()) hear('eth0', octets, { address: '192.168.7.99', port: 40_000 })
    assert.deepEqual(
      said.map(({ message }) => [message.questions.length, message.answers.length]),
      [[1, 1]],
    )
  })

  it('follows the setup, and is said goodbye to', async () => {
    const box = new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    said = []
    box.care.follow('annex')
    assert.deepEqual(
      said.flatMap(({ message }) => message.answers.map(({ name, ttlS }) => [name, ttlS])),
      [['branch-07.local', 0]],
    )
    await clock.jump(5 * second)
    assert.deepEqual(addressesIn(await ask({ name: 'annex.local' })), ['192.168.7.5'])
    assert.deepEqual(await ask(), [])
    said = []
    await box.stop()
    assert.deepEqual(
      said.flatMap(({ message }) => message.answers.map(({ name, ttlS }) => [name, ttlS])),
      [['annex.local', 0]],
    )
  })

  it('is none where the box is not in the LAN any more, and the network is left', async () => {
    const box = new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    said = []
    box.care.follow(undefined)
    assert.equal(said[0]?.message.answers[0]?.ttlS, 0, 'said goodbye to')
    assert.ok(box.isAway)
    await clock.jump(1 * minute)
    assert.ok(box.isAway)
    box.care.follow('branch-07')
    await clock.jump(5 * second)
    assert.deepEqual(addressesIn(await ask()), ['192.168.7.5'])
  })

  it('stays as it was while the machine does not say its links, and that is told once', async () => {
    const box = new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    box.trouble = 'EMFILE'
    await clock.jump(1 * minute)
    box.care.look()
    const line = ['warn', 'name-not-answered', { detail: 'Error: EMFILE' }]
    assert.deepEqual(box.logged, [line])
    assert.deepEqual(addressesIn(await ask()), ['192.168.7.5'])
    box.trouble = undefined
    box.addresses['eth0'] = ['192.168.7.6']
    await clock.jump(10 * second)
    assert.deepEqual(addressesIn(await ask()), ['192.168.7.6'])
    box.trouble = 'EMFILE'
    await clock.jump(1 * minute)
    assert.deepEqual(box.logged, [line, line])
    await box.stop()
  })

  it('is told anew when the box has another address', async () => {
    const box = new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    box.addresses['eth0'] = ['192.168.7.6']
    said = []
    await clock.jump(10 * second)
    assert.deepEqual(addressText(said[0]?.message.answers[0]?.data ?? Buffer.alloc(4)), '192.168.7.6')
    assert.deepEqual(addressesIn(await ask()), ['192.168.7.6'])
  })
})

describe('a name that another machine has', () => {
  it('is not answered, is told, and is taken when the other one is gone', async () => {
    const first = new Box({ eth0: ['192.168.7.5'] })
    await clock.jump(5 * second)
    const second_ = new Box({ eth1: ['192.168.7.9'] })
    await clock.jump(5 * second)
    assert.equal(first.care.answered, 'branch-07.local')
    assert.equal(first.alerts.size, 0)
    assert.equal(second_.care.answered, undefined)
    assert.match(
      second_.alerts.get('name-taken')?.sentence ?? '',
      /^Another machine in the network \(192\.168\.7\.5\) goes by the name branch-07\.local:/,
    )
    assert.deepEqual(addressesIn(await ask()), ['192.168.7.5'])
    await first.stop()
    await clock.jump(1 * minute + 2 * second)
    assert.equal(second_.care.answered, 'branch-07.local')
    assert.equal(second_.alerts.size, 0)
  })

  it('belongs to one of two that begin at once', async () => {
    const boxes = [new Box({ eth0: ['192.168.7.5'] }), new Box({ eth1: ['192.168.7.9'] })]
    await clock.jump(10 * second)
    assert.deepEqual(
      boxes.map(({ care, alerts }) => [care.answered, alerts.has('name-taken')]),
      [
        [undefined, true],
        ['branch-07.local', false],
      ],
    )
  })

  it('belongs to one of two whose networks were joined', async () => {
    const [a, b] = [new Box({ eth0: ['192.168.7.5'] }), new Box({ eth1: ['192.168.7.9'] })]
    const [mine, its] = [...machines.entries()]
    assert.ok(mine && its)
    machines = new Map([mine])
    await clock.jump(2 * second)
    machines = new Map([its])
    await clock.jump(2 * second)
    machines = new Map([mine, its])
    await ask()
    await clock.jump(10 * second)
    const held = [a, b].filter(({ care }) => care.answered !== undefined)
    assert.equal(held.length, 1)
    assert.equal([a, b].filter(({ alerts }) => alerts.has('name-taken')).length, 1)
  })

  it('is no other one where the box has two cables in one network', async () => {
    const box = new Box({ eth0: ['192.168.7.5'], eth1: ['192.168.7.6'] })
    await clock.jump(5 * minute)
    assert.equal(box.care.answered, 'branch-07.local')
    assert.equal(box.alerts.size, 0)
  })
})
