import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Bench,
  bench,
  deviceSetup,
  paused,
  setupOf,
  upstreamSetup,
} from '../../test/delivery-harness.ts'
import { fragmentOf } from '../core/fragment.ts'
import type { MessageId } from '../core/message-id.ts'
import { day, hour, minute, wallMs } from '../core/time.ts'
import { PartScanner } from '../message/part-scanner.ts'

const anna = 'anna@contoso.com'
const inner = 'Subject: Whole\r\nContent-Type: text/plain\r\n\r\n'

interface Piece {
  readonly number: number
  readonly total?: number
  readonly id?: string
  readonly body: string
}

const octetsOf = ({ number, total, id = '<x@y>', body }: Piece): Buffer => {
  const ofTotal = total === undefined ? '' : `; total=${total}`
  const type = `Content-Type: message/partial; number=${number}${ofTotal};\r\n id="${id}"`
  return Buffer.from(`From: scanner@contoso.com\r\nSubject: [${number}] Whole\r\n${type}\r\n\r\n${body}`)
}

/** A fragment, as reception hands it over. */
async function came(box: Bench, piece: Piece): Promise<MessageId> {
  const id = await box.spool.takeId()
  const octets = octetsOf(piece)
  const scanner = new PartScanner()
  scanner.feed(octets)
  const index = scanner.finish()
  const reception = box.spool.receive(id)
  await reception.write(octets)
  const collected = { fragment: fragmentOf(index) ?? assert.fail('no fragment'), mostOctets: 1e6 }
  const facts = { size: octets.length, acsSize: octets.length, fidelity: ['partial'] } as const
  const contentSha256 = `${id}`.padEnd(64, '0')
  const message = box.message(id, octets, [anna], { index, collected, facts, contentSha256 })
  assert.deepEqual(await reception.publish(message), { kind: 'stored' })
  box.delivery.accepted(message)
  return id
}

const two = (box: Bench): Promise<MessageId[]> =>
  Array.fromAsync(
    [
      { number: 1, body: `${inner}one\r\n` },
      { number: 2, total: 2, body: 'two\r\n' },
    ],
    (piece) => came(box, piece),
  )

async function joinedOf(box: Bench, fragment: MessageId | undefined): Promise<MessageId> {
  if (fragment === undefined) return assert.fail('no fragment')
  const into = async () => (await box.view(fragment)).fragment?.joinedInto
  await box.until(async () => (await into()) !== undefined, 'joined')
  return (await into()) ?? assert.fail('not joined')
}

async function contentOf(box: Bench, id: MessageId): Promise<string> {
  const content = (await box.spool.content(id)) ?? assert.fail('no content')
  return Buffer.concat(await Array.fromAsync(content.read())).toString()
}

const smtp = setupOf([upstreamSetup('relay')])

describe('fragments that are complete', () => {
  it('leave as one mail, mended like every other', async () => {
    await using box = await bench(smtp)
    box.way('relay').answer = () => paused()
    const [first] = await two(box)
    const id = await joinedOf(box, first)
    const text = await contentOf(box, id)
    assert.match(text, /^From: scanner@contoso\.com\r\nSubject: Whole\r\nContent-Type: text\/plain\r\n/)
    assert.match(
      text,
      /\r\nMessage-ID: <.*@branch-07\.contoso\.com>\r\nMIME-Version: 1\.0\r\n\r\none\r\ntwo\r\n$/,
    )
    const { subject, device, recipients } = await box.view(id)
    assert.deepEqual(
      [subject, device, recipients.map(({ address }) => address)],
      ['Whole', 'scanner', [anna]],
    )
  })

  it('are joined after the start, where the box was stopped before', async () => {
    await using box = await bench(smtp)
    const first = await came(box, { number: 1, body: `${inner}one\r\n` })
    await box.restart()
    await came(box, { number: 2, total: 2, body: 'two\r\n' })
    await joinedOf(box, first)
    await box.until(() => box.way('relay').sends.length === 1, 'sent')
    await box.rest()
    await box.restart()
    await box.rest()
    assert.equal(box.way('relay').sends.length, 1)
  })

  it('wait parked where their way out is paused', async () => {
    await using box = await bench(smtp)
    box.way('relay').answer = () => paused()
    await box.submit([anna])
    await box.rest()
    const [first] = await two(box)
    const row = await box.only(await joinedOf(box, first))
    assert.deepEqual([row.state, row.waitingFor], ['deferred', 'relay'])
  })

  it('are joined in a minute where one can not be read now, and other scans meanwhile', async () => {
    await using box = await bench(smtp)
    box.tolerated.push('fragments-not-joined')
    const { content } = box.spool
    const bad = await came(box, { number: 1, body: `${inner}one\r\n` })
    box.spool.content = (id) =>
      id === bad ? Promise.reject(new Error('bad sector')) : content.call(box.spool, id)
    await came(box, { number: 2, total: 2, body: 'two\r\n' })
    await box.until(() => box.errors.some((error) => error.includes('bad sector')), 'told')
    const other = await came(box, { number: 1, total: 1, id: 'other', body: `${inner}all\r\n` })
    await joinedOf(box, other)
    box.spool.content = content
    await box.clock.jump(minute)
    await joinedOf(box, bad)
  })

  it('are told of after a day where they can not be read at all, and nothing is lost', async () => {
    await using box = await bench(smtp)
    box.tolerated.push('fragments-not-joined', 'courier-failed')
    box.spool.content = () => Promise.reject(new Error('bad sector'))
    const ids = await two(box)
    await box.until(() => box.errors.length > 0, 'told')
    box.way('relay').answer = () => paused()
    await box.clock.jump(day + minute)
    const reasons = async () => {
      const rows = await box.spool.queue({ all: false, limit: 10 })
      return rows.filter(({ kind }) => kind === 'alert').map(({ subject, address }) => [subject, address])
    }
    await box.until(async () => (await reasons()).length > 0, 'a letter')
    assert.deepEqual(await reasons(), [['Incomplete: Scan 1', 'owner@contoso.com']])
    for (const id of ids) assert.notDeepEqual(await box.states(id), ['collecting'])
  })

  it('that are a fragment themselves are not joined again', async () => {
    await using box = await bench(smtp)
    const nested = octetsOf({ number: 1, total: 1, id: 'inner', body: `${inner}text\r\n` }).toString()
    const first = await came(box, { number: 1, total: 1, body: nested })
    const id = await joinedOf(box, first)
    await box.until(() => box.way('relay').sends.some(({ message }) => message === id), 'sent as it is')
    assert.deepEqual(await box.spool.collecting(), [])
  })
})

describe('a fragment that waits', () => {
  it('is not given up by a clock that nobody believes, and moves with one that is set', async () => {
    await using box = await bench(smtp)
    const id = await came(box, { number: 1, body: `${inner}one\r\n` })
    box.clock.believable = false
    await box.clock.jump(2 * day)
    await box.clock.jump(minute)
    assert.deepEqual(await box.states(id), ['collecting'])
    box.clock.believable = true
    await box.spool.shiftTimes({ byMs: 2 * day, from: wallMs(box.clock.wall() - 2 * day) })
    await box.clock.jump(22 * hour)
    assert.deepEqual(await box.states(id), ['collecting'])
    await box.clock.jump(2 * hour + minute)
    await box.until(async () => !(await box.states(id)).includes('collecting'), 'given up')
  })

  it('of a device that is gone is told to the postmaster', async () => {
    await using box = await bench(
      setupOf([upstreamSetup('acs', { kind: 'acs-email' })], [deviceSetup('scanner')]),
    )
    const id = await came(box, { number: 1, total: 3, body: `${inner}one\r\n` })
    await box.apply(setupOf([upstreamSetup('acs', { kind: 'acs-email' })], []))
    await box.clock.jump(day + minute)
    await box.until(async () => (await box.only(id)).state === 'held', 'held')
    const rows = await box.spool.queue({ all: true, limit: 10 })
    assert.deepEqual(
      rows.filter(({ kind }) => kind === 'alert').map(({ address }) => address),
      ['it@contoso.com'],
    )
  })
})
