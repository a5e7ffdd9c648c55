import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  accepted,
  acsTraits,
  type Bench,
  bench,
  confirmed,
  deviceSetup,
  indeterminate,
  setupOf,
  upstreamSetup,
} from '../../test/delivery-harness.ts'
import type { Clock } from '../core/clock.ts'
import type {
  DeliveryReport,
  EventContent,
  QueuedEvent,
  QueueTrouble,
  ReportQueue,
  ReportStatus,
} from '../core/delivery-report.ts'
import { nobodyListens } from '../core/live.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Spool } from '../core/spool.ts'
import { day, hour, minute, second, type WallMs, wallMs } from '../core/time.ts'
import { checkFailureRates } from './failure-rate.ts'
import { ReportCollector } from './report-collector.ts'

interface Entry {
  readonly id: string
  readonly contents: readonly EventContent[]
  readonly insertedAt: WallMs
  dequeues: number
  visibleAt: number
}

/** A queue as the service's: hands out 32 at most, hides them for two minutes, takes them back by receipt. */
class ScriptedQueue implements ReportQueue {
  readonly entries: Entry[] = []
  readonly collectedAt: number[] = []
  disposals = 0
  trouble: QueueTrouble | undefined
  hang = false
  readonly #now: () => WallMs
  #made = 0

  constructor(now: () => WallMs) {
    this.#now = now
  }

  put(...contents: readonly EventContent[]): void {
    this.#made += 1
    this.entries.push({
      id: String(this.#made),
      contents,
      insertedAt: this.#now(),
      dequeues: 0,
      visibleAt: 0,
    })
  }

  async collect(signal: AbortSignal): ReturnType<ReportQueue['collect']> {
    this.collectedAt.push(this.#now())
    if (this.hang) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    if (this.trouble) return this.trouble
    const out = this.entries.filter(({ visibleAt }) => visibleAt <= this.#now()).slice(0, 32)
    for (const entry of out) {
      entry.dequeues += 1
      entry.visibleAt = this.#now() + 2 * minute
    }
    const events = out.map(({ id, contents, insertedAt, dequeues }): QueuedEvent => {
      return { receipt: { id, pop: `${id}.${dequeues}` }, contents, insertedAt, dequeues }
    })
    return { kind: 'events', events }
  }

  async remove({ receipt }: QueuedEvent): ReturnType<ReportQueue['remove']> {
    const at = this.entries.findIndex(({ id, dequeues }) => receipt.pop === `${id}.${dequeues}`)
    if (at >= 0) this.entries.splice(at, 1)
    return { kind: 'removed' }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1
  }
}

const acs = upstreamSetup('acs', { reportsQueue: 'https://contoso.queue.core.windows.net/acs' })
let house: Bench
let queue: ScriptedQueue
let collector: ReportCollector
let sleeping = 0
let failedRounds = 0
let opened = 0

beforeEach(async () => {
  const setup = setupOf([acs], [deviceSetup('scanner', { owner: undefined })])
  house = await bench(setup, { traits: { acs: acsTraits } })
  queue = new ScriptedQueue(() => house.clock.wall())
})
afterEach(async () => {
  await collector?.[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

/** Collects from now on; resolves after the first round. */
async function collecting(spool: Partial<Spool> = {}): Promise<void> {
  const own = house.spool
  collector = new ReportCollector({
    spool: {
      reported: (operationId) => own.reported(operationId),
      settleReport: (settlement) => own.settleReport(settlement),
      awaitsReport: (upstream, since) => own.awaitsReport(upstream, since),
      ...spool,
    },
    clock: watched(house.clock),
    log: { write: () => {} },
    live: nobodyListens,
    alerts: house.alerts,
    setup: () => house.setup,
    reporter: house.delivery.reporter,
    openQueue: ({ reportsQueue }) => {
      if (reportsQueue === '') return undefined
      opened += 1
      return queue
    },
    onFailure: () => {
      failedRounds += 1
      house.delivery.poke()
    },
  })
  await collector.follow()
  await house.until(() => queue.hang || sleeping === 1, 'the first round')
}

/** Lets time pass until the collector has asked once more and sleeps again. */
async function nextRound(ms: number): Promise<void> {
  const before = queue.collectedAt.length
  await house.clock.jump(ms)
  await house.until(() => queue.collectedAt.length > before && sleeping === 1, 'another round')
}

/** The house's clock, which tells whether the collector sleeps on it. */
const watched = (clock: Clock): Clock => ({
  wall: () => clock.wall(),
  monotonic: () => clock.monotonic(),
  isBelievable: () => clock.isBelievable(),
  after: (ms, callback) => clock.after(ms, callback),
  limit: (ms, callback) => clock.limit(ms, callback),
  async sleep(ms, signal) {
    sleeping += 1
    await clock.sleep(ms, signal)
    sleeping -= 1
  },
})

async function submitted(...to: readonly string[]): Promise<MessageId> {
  const id = await house.submit(to)
  await house.until(async () => (await house.states(id)).every((state) => state === 'accepted'), 'accepted')
  return id
}

const operationOf = async (id: MessageId): Promise<string> =>
  (await house.view(id)).parts[0]?.operationId ?? assert.fail('it has a part')

const reportOf = async (
  id: MessageId,
  status: ReportStatus,
  more: Partial<DeliveryReport> = {},
): Promise<EventContent> => ({
  kind: 'report',
  report: {
    operationId: await operationOf(id),
    recipient: 'anna@contoso.com',
    status,
    detail: '',
    at: house.clock.wall(),
    ...more,
  },
})

/** Minutes go by until nothing is left in the queue. */
const emptied = (): Promise<void> =>
  house.until(async () => {
    await house.clock.jump(minute)
    return isEmpty()
  }, 'the queue is empty')

const isEmpty = (): boolean => queue.entries.length === 0

describe('a delivery report', () => {
  it('changes its one recipient, tells the owner of a late bounce, and leaves the queue', async () => {
    const id = await submitted('anna@contoso.com', 'ben@contoso.com')
    queue.put(await reportOf(id, 'bounced', { recipient: 'BEN@contoso.com', detail: '550 5.1.10 nobody' }))
    queue.put(await reportOf(id, 'delivered'))
    await collecting()
    await house.until(isEmpty, 'the queue is empty')
    assert.deepEqual(await house.states(id), ['confirmed', 'bounced'])
    const [dsn, ...more] = await house.reports()
    assert.ok(dsn)
    assert.deepEqual(more, [])
    const view = await house.view(dsn)
    assert.deepEqual(
      view.recipients.map(({ address }) => address),
      ['it@contoso.com'],
    )
    assert.equal(view.reversePath, '')
    assert.equal(collector.counters.get('acs delivered'), 1)
    assert.equal(collector.counters.get('acs failed'), 1)
  })

  it('tells of a bounce whose body is long gone', async () => {
    const id = await submitted('anna@contoso.com')
    assert.equal((await house.view(id)).hasBody, false)
    queue.put(await reportOf(id, 'suppressed'))
    await collecting()
    await house.until(isEmpty, 'the queue is empty')
    const [dsn] = await house.reports()
    await house.until(() => house.way('acs').sends.length === 2, 'the report is sent')
    assert.equal(house.way('acs').sends[1]?.message, dsn)
    assert.equal((await house.only(id)).status, '5.1.1')
  })

  it('comes again, out of order and after a restart: one state, one mail', async () => {
    const id = await submitted('anna@contoso.com')
    const late = wallMs(house.clock.wall() + minute)
    queue.put(await reportOf(id, 'bounced', { at: late }), await reportOf(id, 'delivered'))
    queue.put(await reportOf(id, 'bounced', { at: late }))
    await collecting()
    await house.until(isEmpty, 'the queue is empty')
    await collector[Symbol.asyncDispose]()
    await house.restart()
    queue.put(await reportOf(id, 'delivered'))
    queue.put(await reportOf(id, 'bounced', { at: late }))
    await collecting()
    await house.until(isEmpty, 'the queue is empty')
    assert.equal((await house.only(id)).state, 'bounced')
    assert.equal((await house.reports()).length, 1)
    assert.equal(collector.counters.get('acs known'), 2)
  })

  it('ends a doubt: it was taken', async () => {
    house.way('acs').answer = () => indeterminate
    house.way('acs').answerAsk = () => ({ kind: 'transient', code: 'busy', detail: 'busy' })
    const id = await house.submit(['anna@contoso.com'])
    await house.until(async () => (await house.only(id)).state === 'indeterminate', 'in doubt')
    queue.put(await reportOf(id, 'delivered'))
    await collecting()
    await house.until(isEmpty, 'the queue is empty')
    assert.equal((await house.only(id)).reason, "delivered to the recipient's mail server")
    await house.pass(6 * hour)
    assert.equal(house.way('acs').sends.length, 1)
    assert.equal((await house.view(id)).parts[0]?.state, 'confirmed')
  })

  it('that is faster than the answer to the sending waits for it', async () => {
    const held = Promise.withResolvers<typeof accepted>()
    house.way('acs').answer = () => held.promise
    const id = await house.submit(['anna@contoso.com'])
    await house.until(async () => (await house.only(id)).state === 'sending', 'on the wire')
    queue.put(await reportOf(id, 'delivered'))
    await collecting()
    assert.deepEqual([queue.entries.length, (await house.only(id)).state], [1, 'sending'])
    held.resolve(accepted)
    await house.until(async () => (await house.only(id)).state === 'accepted', 'accepted')
    await emptied()
    assert.equal((await house.only(id)).state, 'confirmed')
  })

  it('of a failure waits while its operation may be repeated, which is no second sending', async () => {
    const refused = { kind: 'transient', code: 'busy', detail: '500 busy' } as const
    house.way('acs').answer = () => refused
    const id = await house.submit(['anna@contoso.com'])
    await house.until(async () => (await house.only(id)).state === 'deferred', 'deferred')
    queue.put(await reportOf(id, 'bounced'))
    await collecting()
    assert.deepEqual([queue.entries.length, (await house.only(id)).state], [1, 'deferred'])
    house.way('acs').answer = () => accepted
    await emptied()
    assert.equal((await house.only(id)).state, 'bounced')
    assert.equal((await house.reports()).length, 1)
  })

  it('stands against a status that is asked for later', async () => {
    house.way('acs').answerAsk = () => confirmed
    const id = await submitted('anna@contoso.com')
    queue.put(await reportOf(id, 'failed'))
    await collecting()
    await house.until(isEmpty, 'the queue is empty')
    await house.pass(hour, 10 * minute)
    assert.equal((await house.only(id)).state, 'bounced')
  })

  it('stays in the queue while the disk refuses, and is told once', async () => {
    const id = await submitted('anna@contoso.com')
    queue.put(await reportOf(id, 'bounced'))
    let failures = 2
    await collecting({
      settleReport: async (settlement) => {
        if (failures-- > 0) throw new Error('disk full')
        return house.spool.settleReport(settlement)
      },
    })
    assert.equal(queue.entries.length, 1)
    await emptied()
    assert.equal(failures, -1)
    assert.equal((await house.reports()).length, 1)
  })

  it('counts once for the ration and the summary, however often the disk refuses it', async () => {
    const recipients = Array.from({ length: 12 }, (_, n) => `r${n}@contoso.com`)
    const id = await submitted(...recipients)
    for (const recipient of recipients) queue.put(await reportOf(id, 'bounced', { recipient }))
    const refused = new Set([1, 12])
    failedRounds = 0
    await collecting({
      settleReport: async (settlement) => {
        if (refused.delete(settlement.recipient)) throw new Error('disk full')
        return house.spool.settleReport(settlement)
      },
    })
    for (let n = 0; n < 4; n += 1) await nextRound(minute)
    assert.ok(isEmpty())
    const summaries = async (): Promise<readonly string[]> =>
      (await house.spool.queue({ all: true, limit: 100 }))
        .map(({ subject }) => subject)
        .filter((subject) => / more of /.test(subject))
    await house.until(async () => {
      await house.clock.jump(10 * minute)
      return (await summaries()).length > 0
    }, 'the summary is written')
    assert.deepEqual(await summaries(), ['Not delivered: 2 more of scanner'])
    assert.equal((await house.reports()).length, 10)
    assert.equal(failedRounds, 2)
  })

  it("on the box's own mail is an alert and no report", async () => {
    const id = await house.submit(['anna@contoso.com'], { kind: 'dsn' })
    await house.until(async () => (await house.only(id)).state === 'accepted', 'accepted')
    queue.put(await reportOf(id, 'bounced'))
    await collecting()
    await house.until(isEmpty, 'the queue is empty')
    assert.deepEqual(await house.reports(), [id])
    assert.deepEqual(
      house.alerts.keys.filter((key) => key.endsWith('bounced') || key.startsWith('owner-')),
      ['owner-mail-bounced/scanner'],
    )
  })
})

describe('what is not for this box', () => {
  it('is removed at once and counted', async () => {
    const id = await submitted('anna@contoso.com')
    queue.put(await reportOf(id, 'delivered', { operationId: 'somebody-else' }))
    queue.put(await reportOf(id, 'bounced', { recipient: 'scanner@contoso.com' }))
    queue.put({ kind: 'other', what: 'Microsoft.Communication.SMSReceived' })
    await collecting()
    assert.equal(queue.entries.length, 0)
    assert.deepEqual(
      [...collector.counters],
      [
        ['acs stranger', 2],
        ['acs other', 1],
      ],
    )
    assert.equal((await house.only(id)).state, 'accepted')
  })

  it('is removed at the fifth time where nobody can read it, with a notice', async () => {
    queue.put({ kind: 'unreadable', why: 'it is no JSON' })
    await collecting()
    for (let n = 0; n < 3; n += 1) await nextRound(15 * minute)
    assert.deepEqual([queue.entries.length, house.alerts.keys], [1, []])
    await nextRound(15 * minute)
    assert.equal(queue.entries.length, 0)
    assert.deepEqual(house.alerts.keys, ['reports-unreadable/acs'])
    assert.equal(collector.counters.get('acs unreadable'), 1)
  })
})

describe('how often the queue is asked', () => {
  it('every 15 minutes, each minute while something is not reported on, at once while it is full', async () => {
    await collecting()
    await nextRound(15 * minute)
    const id = await submitted('anna@contoso.com')
    await nextRound(15 * minute)
    for (let n = 0; n < 40; n += 1) queue.put(await reportOf(id, n < 39 ? 'expanded' : 'delivered'))
    await nextRound(minute)
    assert.equal(queue.entries.length, 8)
    await nextRound(second)
    assert.equal(queue.entries.length, 0)
    await nextRound(15 * minute)
    const waits = queue.collectedAt.map((at, n) => at - (queue.collectedAt[n - 1] ?? at))
    assert.deepEqual(waits, [0, 15 * minute, 15 * minute, minute, second, 15 * minute])
  })

  it('at once after a full round, whatever was in it', async () => {
    for (let n = 0; n < 40; n += 1) queue.put({ kind: 'unreadable', why: 'it is no JSON' })
    queue.put({ kind: 'other', what: 'a report of another box' })
    await collecting()
    await nextRound(second)
    assert.deepEqual([queue.entries.length, collector.counters.get('acs other')], [40, 1])
    await nextRound(15 * minute)
  })

  it('is told with its remedy where a person has to act, at once; and is over by itself', async () => {
    queue.trouble = { kind: 'trouble', code: 'role-missing', reason: 'No role.', remedy: 'Give it the role.' }
    await collecting()
    assert.deepEqual(
      house.alerts.active().map(({ key, remedy }) => [key, remedy]),
      [['reports-not-collected/acs', 'Give it the role.']],
    )
    assert.equal((await submitted('anna@contoso.com')).length > 0, true)
    queue.trouble = undefined
    await nextRound(minute)
    assert.deepEqual(house.alerts.keys, [])
  })

  it('is told of the line at the third failure, ever less often tried', async () => {
    queue.trouble = { kind: 'trouble', code: 'connection-failed', reason: 'ECONNREFUSED', remedy: 'See.' }
    await collecting()
    await nextRound(minute)
    assert.deepEqual(house.alerts.keys, [])
    await nextRound(2 * minute)
    assert.match(house.alerts.active()[0]?.sentence ?? '', /can't be collected: ECONNREFUSED\. Mail goes out/)
    for (const wait of [4, 8, 15, 15]) await nextRound(wait * minute)
  })

  it('waits for a clock that knows the date', async () => {
    house.clock.believable = false
    await collecting()
    assert.equal(queue.collectedAt.length, 0)
    house.clock.believable = true
    await nextRound(minute)
  })

  it('ends with the house, in the middle of a question too', { timeout: 5000 }, async () => {
    queue.hang = true
    await collecting()
    await collector[Symbol.asyncDispose]()
    assert.equal(queue.disposals, 1)
  })

  it('forgets what an earlier run said of a queue that is gone', async () => {
    for (const key of ['reports-not-collected/old', 'reports-unreadable/old', 'mail-waits'])
      house.alerts.raise({ key, severity: 'notice', sentence: 'It was so.', remedy: 'None.' })
    await collecting()
    assert.deepEqual(house.alerts.keys, ['mail-waits'])
  })

  it('follows one setup after the other: what the last one removed stays away', async () => {
    await collecting()
    const both = house.setup
    const other = upstreamSetup('other', { reportsQueue: 'https://contoso.queue.core.windows.net/other' })
    opened = 0
    house.setup = { ...both, upstreams: [{ ...acs, host: 'elsewhere' }, other] }
    const first = collector.follow()
    house.setup = { ...both, upstreams: [] }
    await Promise.all([first, collector.follow()])
    assert.equal(queue.disposals, 1 + opened)
    house.setup = both
  })

  it('follows the setup: a queue that is gone is asked no more, its alert is over', async () => {
    queue.trouble = { kind: 'trouble', code: 'queue-missing', reason: 'No queue.', remedy: 'Make it.' }
    await collecting()
    house.setup = { ...house.setup, upstreams: [{ ...acs, reportsQueue: '' }] }
    await collector.follow()
    assert.equal(queue.disposals, 1)
    assert.deepEqual(house.alerts.keys, [])
    house.setup = { ...house.setup, upstreams: [acs] }
    const before = queue.collectedAt.length
    await collector.follow()
    await house.until(() => queue.collectedAt.length > before, 'it is asked again')
    await collector.follow()
    assert.equal(queue.disposals, 1)
  })
})

describe('the failure rate of a device', () => {
  const counts = (sent: number, failed: number, suppressed = 0) => ({
    device: 'scanner',
    sent,
    delivered: 0,
    failed,
    suppressed,
  })

  for (const [sent, failed, isTold] of [
    [19, 19, false],
    [20, 1, false],
    [20, 2, true],
    [1000, 50, false],
    [1000, 51, true],
  ] as const)
    it(`${failed} of ${sent} is ${isTold ? 'an alert' : 'none'}`, async () => {
      let asked = 0
      const spool = {
        mailCounts: async (since: WallMs) => {
          asked = since
          return [counts(sent, failed)]
        },
      }
      await checkFailureRates({ spool, clock: house.clock, alerts: house.alerts })
      assert.deepEqual(house.alerts.keys, isTold ? ['device-failures/scanner'] : [])
      assert.equal(asked, house.clock.wall() - day)
    })

  it('names who is held back, and is over when it is better', async () => {
    let now = [counts(40, 4, 3)]
    const parts = { spool: { mailCounts: async () => now }, clock: house.clock, alerts: house.alerts }
    await checkFailureRates(parts)
    assert.match(house.alerts.active()[0]?.sentence ?? '', /^4 of the last 40 mails of scanner .* 3 of them/)
    now = []
    await checkFailureRates(parts)
    assert.deepEqual(house.alerts.keys, [])
  })
})
