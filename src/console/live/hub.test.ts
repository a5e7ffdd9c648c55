import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { JumpingClock } from '../../../test/clock.ts'
import type { LiveEvent, LiveNotice, SessionStep, Stale } from '../../core/live.ts'
import { messageIdOf } from '../../core/message-id.ts'
import { minute, second, wallMs } from '../../core/time.ts'
import { LiveHub, mostOfOne, mostStreams, type StreamWish } from './hub.ts'
import { ringLimits } from './ring.ts'
import { eventsPerSecond } from './stream.ts'

const start = wallMs(Date.UTC(2026, 10, 2, 12))
let clock: JumpingClock
let hub: LiveHub

beforeEach(() => {
  clock = new JumpingClock(start)
  hub = new LiveHub({ clock, boot: 'boot1' })
})

const step = (session: string, name: SessionStep['step'], rest: Partial<SessionStep> = {}): SessionStep => ({
  kind: 'session',
  step: name,
  session,
  device: undefined,
  address: '192.168.7.20',
  at: wallMs(0),
  detail: '',
  ...rest,
})

const ended = (session: string, code: 'F1' | 'A5', device?: string): LiveEvent => ({
  kind: 'verdict',
  session,
  device,
  address: '192.168.7.20',
  at: wallMs(0),
  isOver: true,
  verdict: { code, sentence: '', evidence: [], cure: undefined },
})

type Told = LiveEvent | LiveNotice
interface Frame {
  readonly id: string | undefined
  readonly told: Told
}

/** A reader as a browser is one: keeps the id, takes frames apart. */
class Reader {
  readonly frames: Frame[] = []
  readonly comments: string[] = []
  lastId: string | undefined
  isDone = false
  readonly #iterator: AsyncIterator<string>
  /** Asks for nothing more. */
  isStalled = false
  #isAsking = false

  constructor(wish: Partial<StreamWish> = {}, from = hub) {
    const opening = from.open({
      device: undefined,
      address: undefined,
      lastEventId: undefined,
      isStillAllowed: () => true,
      owner: 'anna',
      ...wish,
    })
    if (opening.kind !== 'open') assert.fail(opening.reason)
    this.#iterator = opening.stream[Symbol.asyncIterator]()
  }

  /** Lets what is there by now arrive; what came. */
  async read(): Promise<readonly Told[]> {
    const before = this.frames.length
    this.isStalled = false
    this.#ask()
    await new Promise((resolve) => setImmediate(resolve))
    return this.frames.slice(before).map(({ told }) => told)
  }

  /** As Node's streams do: the next one is asked for as soon as one is there. */
  #ask(): void {
    if (this.#isAsking || this.isDone || this.isStalled) return
    this.#isAsking = true
    void this.#iterator.next().then(({ done, value }) => {
      this.#isAsking = false
      if (done === true) this.isDone = true
      else this.#take(value)
      this.#ask()
    })
  }

  async stop(): Promise<void> {
    await this.#iterator.return?.()
  }

  #take(text: string): void {
    for (const block of text.split('\n\n').filter((one) => one !== '')) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const id = field('id')
      if (id !== undefined) this.lastId = id
      const data = field('data')
      if (data === undefined) this.comments.push(block)
      else this.frames.push({ id, told: JSON.parse(data) })
    }
  }
}

const steps = (told: readonly Told[]) => told.flatMap((one) => (one.kind === 'session' ? [one] : []))
const kinds = (told: readonly Told[]) => told.map(({ kind }) => kind)
const stale = (told: readonly Told[]) =>
  told.flatMap((one): Stale['what'][] => (one.kind === 'stale' ? [one.what] : []))
const leftOut = (told: readonly Told[]) =>
  told.reduce((sum, one) => sum + (one.kind === 'left-out' ? one.count : 0), 0)

/** Lets time pass, and the reader read what comes in it. */
async function pass(ms: number, ...readers: readonly Reader[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    await clock.jump(50)
    for (const reader of readers) await reader.read()
  }
}

describe('a stream of events', () => {
  it('tells what happens, numbered in its order, and what lists show of it once', async () => {
    const reader = new Reader()
    await reader.read()
    hub.tell(step('s1', 'connected'))
    hub.tell(step('s1', 'secured', { detail: 'TLS 1.0' }))
    hub.tell(step('s1', 'received', { message: messageIdOf(7) }))
    hub.tell(ended('s1', 'F1', 'Scanner'))
    hub.tell({ kind: 'stale', what: 'alerts' })
    hub.tell({ kind: 'stale', what: 'alerts' })
    await pass(50, reader)
    const told = reader.frames.map((frame) => frame.told)
    assert.deepEqual(kinds(told).slice(0, 4), ['session', 'session', 'session', 'verdict'])
    assert.deepEqual(
      reader.frames.slice(0, 4).map(({ id }) => id),
      ['boot1-1', 'boot1-2', 'boot1-3', 'boot1-4'],
    )
    assert.deepEqual(stale(told).sort(), ['alerts', 'devices', 'home', 'queue'])
  })

  it('shows whoever comes a little late what was said in the last minute, not what was before', async () => {
    hub.tell(step('old', 'connected'))
    await clock.jump(minute + second)
    hub.tell(step('new', 'connected'))
    await clock.jump(second)
    const reader = new Reader()
    await reader.read()
    await pass(1000, reader)
    assert.deepEqual(
      steps(reader.frames.map((frame) => frame.told)).map(({ session }) => session),
      ['new'],
    )
    assert.equal(kinds(reader.frames.map((frame) => frame.told)).includes('reset'), false)
  })

  it('goes on behind a cut where it was', async () => {
    const first = new Reader()
    await first.read()
    hub.tell(step('a', 'connected'))
    await pass(50, first)
    await first.stop()
    hub.tell(step('b', 'connected'))
    hub.tell({ kind: 'stale', what: 'setup' })
    const second = new Reader({ lastEventId: first.lastId })
    await second.read()
    await pass(50, second)
    const told = second.frames.map((frame) => frame.told)
    assert.deepEqual(
      steps(told).map(({ session }) => session),
      ['b'],
    )
    assert.ok(stale(told).includes('setup'))
    assert.equal(kinds(told).includes('reset'), false)
  })

  it('begins anew for a reader of another start, of a place that is gone, and of none at all', async () => {
    hub.tell(step('a', 'connected'))
    for (const [lastEventId, why] of [
      ['boot0-1', 'restarted'],
      ['boot1-99', 'restarted'],
      ['nonsense', 'restarted'],
    ] as const) {
      const reader = new Reader({ lastEventId })
      await reader.read()
      assert.deepEqual(
        reader.frames.map((frame) => frame.told),
        [{ kind: 'reset', why }],
      )
      await reader.stop()
    }
    for (let n = 0; n < ringLimits.events + 1; n += 1) hub.tell(step(`s${n}`, 'connected'))
    const late = new Reader({ lastEventId: 'boot1-1' })
    await late.read()
    assert.deepEqual(
      late.frames.map((frame) => frame.told),
      [{ kind: 'reset', why: 'too-late' }],
    )
  })

  it('tells of a device what it did before it said who it is, and what became of its mail', async () => {
    const watching = new Reader({ device: 'Scanner' })
    await watching.read()
    hub.tell(step('s1', 'connected'))
    hub.tell(step('s2', 'connected'))
    await pass(50, watching)
    hub.tell(step('s1', 'secured'))
    hub.tell(step('s1', 'signed-in', { device: 'Scanner' }))
    hub.tell(step('s1', 'received', { device: 'Scanner', message: messageIdOf(7) }))
    hub.tell(step('s2', 'signed-in', { device: 'Other' }))
    hub.tell({
      kind: 'delivery',
      message: messageIdOf(7),
      device: 'Scanner',
      at: wallMs(0),
      state: 'accepted',
      upstream: 'acs',
      recipients: 1,
      detail: '',
    })
    await pass(50, watching)
    const told = watching.frames.map((frame) => frame.told)
    assert.deepEqual(
      steps(told).map(({ session, step: name }) => `${session} ${name}`),
      ['s1 connected', 's1 secured', 's1 signed-in', 's1 received'],
    )
    assert.ok(kinds(told).includes('delivery'))
    const resumed = new Reader({ device: 'Scanner', lastEventId: watching.lastId })
    await resumed.read()
    await pass(1000, resumed)
    assert.deepEqual(steps(resumed.frames.map((frame) => frame.told)), [])
  })

  it('tells of an address only what its sessions did, and what became of their mail', async () => {
    const watching = new Reader({ address: '192.168.7.21' })
    await watching.read()
    hub.tell(step('s1', 'connected'))
    hub.tell(step('s2', 'received', { address: '192.168.7.21', message: messageIdOf(8) }))
    for (const number of [7, 8]) {
      hub.tell({
        kind: 'delivery',
        message: messageIdOf(number),
        device: 'Scanner',
        at: wallMs(0),
        state: 'deferred',
        upstream: 'acs',
        recipients: 1,
        detail: '',
      })
    }
    await pass(50, watching)
    const told = watching.frames.map((frame) => frame.told).filter(({ kind }) => kind !== 'stale')
    assert.deepEqual(kinds(told), ['session', 'delivery'])
  })
})

describe('the bounds of streams', () => {
  it('leaves nothing out silently: everything is told or counted, in order, at most 20 in a second', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            session: fc.integer({ min: 0, max: 12 }),
            isEnd: fc.boolean(),
            waitMs: fc.constantFrom(0, 0, 0, 0, 50, 200, 1500),
            isReading: fc.boolean(),
          }),
          { maxLength: 300 },
        ),
        async (happenings) => {
          clock = new JumpingClock(start)
          hub = new LiveHub({ clock, boot: 'p', limits: { ...ringLimits, events: 40 } })
          const reader = new Reader()
          await reader.read()
          let sent = 0
          for (const { session, isEnd, waitMs, isReading } of happenings) {
            hub.tell(
              isEnd ? ended(`s${session}`, 'F1') : step(`s${session}`, 'connected', { detail: String(sent) }),
            )
            sent += 1
            for (let passed = 0; passed < waitMs; passed += 50) {
              await clock.jump(50)
              if (isReading) await reader.read()
              else reader.isStalled = true
            }
          }
          for (let n = 0; n < 60; n += 1) {
            await clock.jump(50)
            await reader.read()
          }
          const told = reader.frames.map((frame) => frame.told)
          const numbers = reader.frames.map(({ id }) => Number(id?.split('-')[1]))
          assert.deepEqual(
            numbers,
            [...numbers].sort((a, b) => a - b),
            'ascending',
          )
          const events = told.filter(({ kind }) => kind === 'session' || kind === 'verdict').length
          const seconds = Math.ceil(clock.monotonic() / 1000)
          assert.ok(events <= eventsPerSecond * (seconds + 1), `${events} in ${seconds} s`)
          if (!kinds(told).includes('reset')) assert.equal(events + leftOut(told), sent, 'told or counted')
          assert.equal(reader.lastId, `p-${sent}`, 'up to the last one')
        },
      ),
      { numRuns: 60 },
    )
  })

  it('tells of sessions by their latest step where there is too much, troubles before what went well', async () => {
    const reader = new Reader()
    await reader.read()
    for (const name of ['connected', 'secured', 'signed-in'] as const)
      for (let n = 0; n < 15; n += 1) hub.tell(step(`s${n}`, name))
    for (let n = 0; n < 15; n += 1) hub.tell(ended(`s${n}`, n === 3 ? 'A5' : 'F1'))
    for (let n = 15; n < 40; n += 1) hub.tell(step(`s${n}`, 'connected'))
    await pass(50, reader)
    const told = reader.frames.map((frame) => frame.told)
    assert.equal(told.filter(({ kind }) => kind === 'session' || kind === 'verdict').length, eventsPerSecond)
    assert.equal(leftOut(told), 4 * 15 + 25 - eventsPerSecond)
    assert.ok(
      told.some((one) => one.kind === 'verdict' && one.session === 's3'),
      'the trouble is told',
    )
    assert.ok(
      steps(told).every(({ step: name }) => name === 'connected'),
      'no step that was superseded',
    )
  })

  it('tells what waited for the next second, though nothing else happens', async () => {
    const reader = new Reader()
    await reader.read()
    hub.tell({ kind: 'stale', what: 'alerts' })
    for (let n = 0; n < 15; n += 1) hub.tell(step('a', 'connected'))
    await pass(100, reader)
    hub.tell({ kind: 'stale', what: 'alerts' })
    for (let n = 0; n < 15; n += 1) hub.tell(step('b', 'connected'))
    await pass(1100, reader)
    const told = reader.frames.map((frame) => frame.told)
    assert.equal(steps(told).length, 30)
    assert.deepEqual(stale(told), ['alerts', 'home', 'alerts', 'home'])
    // An event goes out at once, and leaves something behind that has to wait.
    hub.tell({ kind: 'stale', what: 'alerts' })
    await pass(100, reader)
    hub.tell({ kind: 'stale', what: 'setup' })
    hub.tell(step('c', 'connected'))
    await pass(1100, reader)
    assert.ok(stale(reader.frames.map((frame) => frame.told)).includes('setup'))
    assert.equal(clock.waiting, 1, 'then only the sign of life is waited for')
  })

  it('keeps the rate of 20 events a second, and what is stale once a second', async () => {
    const reader = new Reader()
    await reader.read()
    for (let n = 0; n < 200; n += 1) {
      hub.tell(step(`s${n}`, 'received', { message: messageIdOf(n + 1) }))
      await pass(50, reader)
    }
    await pass(1000, reader)
    const told = reader.frames.map((frame) => frame.told)
    assert.ok(steps(told).length <= 11 * eventsPerSecond, `${steps(told).length} in 10 s`)
    assert.equal(steps(told).length + leftOut(told), 200)
    assert.ok(stale(told).filter((what) => what === 'queue').length <= 12)
  })

  it('drops a reader that does not read to a reset, and keeps nothing for it', async () => {
    const reader = new Reader()
    await reader.read()
    hub.tell(step('first', 'connected'))
    await pass(50, reader)
    reader.isStalled = true
    for (let n = 0; n < 3 * ringLimits.events; n += 1) {
      hub.tell(step(`s${n}`, 'connected'))
      await clock.jump(10)
    }
    const told = await reader.read()
    assert.deepEqual(
      told.filter(({ kind }) => kind === 'reset'),
      [{ kind: 'reset', why: 'too-slow' }],
    )
    assert.ok(told.length < 3 * eventsPerSecond, 'what it had not fetched is not told')
    assert.equal(reader.lastId, `boot1-${3 * ringLimits.events + 1}`)
  })

  it('opens 32 of them, and the next when one of them ends', async () => {
    const readers = Array.from(
      { length: mostStreams },
      (_, index) => new Reader({ owner: `session ${index}` }),
    )
    const wish = {
      device: undefined,
      address: undefined,
      lastEventId: undefined,
      isStillAllowed: () => true,
      owner: 'late',
    }
    const refused = hub.open(wish)
    assert.equal(refused.kind, 'full')
    assert.match(refused.kind === 'full' ? refused.reason : '', /32 pages are watching/)
    await readers[5]?.stop()
    assert.equal(hub.streams, mostStreams - 1)
    assert.equal(hub.open(wish).kind, 'open')
  })

  it('opens six of one session: the oldest of them gives way to the next', async () => {
    const other = new Reader({ owner: 'bob' })
    const readers = Array.from({ length: mostOfOne + 1 }, () => new Reader())
    for (const reader of [other, ...readers]) await reader.read()
    assert.equal(hub.streams, mostOfOne + 1)
    assert.deepEqual(
      [other, ...readers].map(({ isDone }) => isDone),
      [false, true, ...Array.from({ length: mostOfOne }, () => false)],
    )
  })

  it('gives a sign of life every 15 s, with its place', async () => {
    const reader = new Reader({ address: '10.0.0.1' })
    await reader.read()
    hub.tell(step('other', 'connected'))
    await pass(20 * second, reader)
    assert.deepEqual(
      reader.comments.filter((text) => text.startsWith(':')),
      [': still here\nid: boot1-1'],
    )
    assert.equal(reader.lastId, 'boot1-1')
  })

  it('ends when the sign-in ends, after ten minutes, and when the gateway stops', async () => {
    let isAllowed = true
    const readers = [new Reader({ isStillAllowed: () => isAllowed }), new Reader()]
    await pass(10 * second, ...readers)
    isAllowed = false
    await pass(5 * second, ...readers)
    assert.deepEqual(
      readers.map(({ isDone }) => isDone),
      [true, false],
    )
    await pass(10 * minute, ...readers)
    assert.equal(readers[1]?.isDone, true)
    assert.equal(hub.streams, 0)
    const last = new Reader()
    await last.read()
    hub.close()
    await last.read()
    assert.equal(last.isDone, true)
    const afterwards = hub.open({
      device: undefined,
      address: undefined,
      lastEventId: undefined,
      isStillAllowed: () => true,
      owner: 'anna',
    })
    assert.equal(afterwards.kind, 'full')
  })

  it('forgets on demand: whoever was behind begins anew', async () => {
    hub.tell(step('someone', 'connected', { detail: 'anna@contoso.com' }))
    hub.clear()
    const reader = new Reader()
    await reader.read()
    await pass(1000, reader)
    assert.deepEqual(steps(reader.frames.map((frame) => frame.told)), [])
    const behind = new Reader({ lastEventId: 'boot1-0' })
    await behind.read()
    assert.deepEqual(
      behind.frames.map((frame) => frame.told),
      [{ kind: 'reset', why: 'too-late' }],
    )
  })
})
