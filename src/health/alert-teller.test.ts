import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Alert, AlertChannel, ChannelAnswer, RaisedAlert } from '../core/alerts.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { OwnMessage } from '../core/spool.ts'
import { day, hour, minute, wallMs } from '../core/time.ts'
import { ownMessage } from '../delivery/own-message.ts'
import { address, later, type TestSpool, testSpool } from '../spool/spool-fixture.ts'
import { AlertTeller } from './alert-teller.ts'
import { AlertBook } from './alerts.ts'
import { type Notice, noticeLine } from './notice.ts'

const start = wallMs(Date.UTC(2026, 10, 21))
const paused: Alert = {
  key: 'upstream-paused/acs',
  severity: 'warning',
  sentence: 'acs is paused.',
  remedy: 'Look.',
}
const full: Alert = {
  key: 'spool-not-writable',
  severity: 'alarm',
  sentence: 'The disk is full.',
  remedy: '',
}

/** The ways as a test sets them; what went by each is kept. */
class Ways {
  channels: readonly AlertChannel[] = ['mail', 'webhook', 'syslog']
  canMail = true
  answers: Partial<Record<AlertChannel, ChannelAnswer>> = {}
  readonly sent: Record<AlertChannel, string[]> = { mail: [], webhook: [], syslog: [] }
  onCall: () => Promise<void> = async () => {}
  #number = 1000

  open = (): readonly AlertChannel[] => this.channels
  mayMail = (): boolean => this.canMail
  onMail = (): void => {}
  mail = async (notices: readonly Notice[]): Promise<OwnMessage> => {
    this.sent.mail.push(notices.map(noticeLine).join(' + '))
    const to = address('it@contoso.com')
    const id = messageIdOf(this.#number++)
    const content = Buffer.from('Subject: x\r\n\r\nx\r\n')
    const own = {
      id,
      kind: 'alert',
      content,
      subject: 'x',
      headerMessageId: 'x@y',
      from: to,
      to: [to],
    } as const
    return ownMessage({ ...own, reversePath: '' }, clock, 'boot')
  }
  call = async (channel: AlertChannel, notices: readonly Notice[]): Promise<ChannelAnswer> => {
    await this.onCall()
    this.sent[channel].push(...notices.map(noticeLine))
    return this.answers[channel] ?? { kind: 'told', detail: '' }
  }
}

let clock: JumpingClock
let ways: Ways
let events: string[]

beforeEach(() => {
  clock = new JumpingClock(start)
  ways = new Ways()
  events = []
})

const log = { write: (_level: string, event: string) => void events.push(event) }

/** A book and a teller on a real spool, as a process has them. */
async function running({ spool }: TestSpool) {
  const book = await AlertBook.open({ spool, clock, log })
  const teller = await AlertTeller.start({ book, spool, clock, log, ways })
  return {
    book,
    teller,
    /** Moves the clock in small steps; the spool's threads answer in real time. */
    async pass(ms: number, stepMs = minute) {
      for (let done = 0; done < ms; done += stepMs) {
        await clock.jump(Math.min(stepMs, ms - done))
        // A telling is up to three writes, one behind the other.
        for (let write = 0; write < 3; write++) {
          await spool.pauses()
          await spool.tell({ save: [], forget: [], mail: undefined, letterAt: undefined, ration: undefined })
        }
      }
    },
    async stop() {
      await teller[Symbol.asyncDispose]()
      await book[Symbol.asyncDispose]()
    },
  }
}

const mails = async (box: TestSpool): Promise<number> =>
  (await box.spool.queue({ all: true, limit: 1000 })).length

describe('telling people of alerts', () => {
  it('goes by every way, as one mail for a flock, and once', async () => {
    await using box = await testSpool()
    const house = await running(box)
    house.book.raise(paused)
    house.book.raise({ ...paused, key: 'b', sentence: 'b too.' })
    await house.pass(10 * minute)
    assert.deepEqual(ways.sent.mail, ['warning: acs is paused. + warning: b too.'])
    assert.deepEqual(ways.sent.webhook, ['warning: acs is paused.', 'warning: b too.'])
    assert.deepEqual(ways.sent.syslog, ways.sent.webhook)
    assert.equal(await mails(box), 1)
    await house.pass(3 * hour)
    assert.equal(ways.sent.mail.length, 1)
    await house.stop()
  })

  it('says nothing of what passes by itself, and that it is over once', async () => {
    await using box = await testSpool()
    const house = await running(box)
    house.book.raise(paused)
    await house.pass(2 * minute)
    house.book.clear(paused.key)
    await house.pass(2 * hour)
    assert.deepEqual(ways.sent.mail, [])
    house.book.raise(full)
    await house.pass(5 * minute)
    house.book.clear(full.key)
    await house.pass(3 * hour)
    assert.deepEqual(ways.sent.mail, ['alarm: The disk is full.', 'over: The disk is full.'])
    await house.stop()
  })

  it('is not repeated by a restart', async () => {
    await using box = await testSpool()
    const first = await running(box)
    first.book.raise(full)
    await first.pass(5 * minute)
    await first.stop()
    const second = await running(box)
    await second.pass(hour)
    assert.deepEqual(ways.sent.mail, ['alarm: The disk is full.'])
    assert.deepEqual(ways.sent.webhook, ['alarm: The disk is full.'])
    second.book.clear(full.key)
    await second.pass(hour)
    assert.deepEqual(ways.sent.mail.slice(1), ['over: The disk is full.'])
    await second.stop()
  })

  it('forgets an address, and does not write it again', async () => {
    await using box = await testSpool()
    const house = await running(box)
    const text = 'anna@contoso.com is refused.'
    for (let n = 0; n < 40; n++) house.book.raise({ ...paused, key: `a${n}`, sentence: text, remedy: text })
    house.book.raise({ ...paused, key: 'for <anna@contoso.com>' })
    await house.pass(10 * minute)
    house.book.clear('for <anna@contoso.com>')
    await house.pass(minute)
    house.teller.forget('anna@contoso.com')
    await house.book.forget('anna@contoso.com')
    await box.spool.forget('anna@contoso.com')
    house.book.clear('a0')
    house.book.raise(full)
    await house.pass(2 * hour)
    assert.doesNotMatch(JSON.stringify(house.book.active()), /anna/)
    const { spool } = box
    const kept = [spool.alerts(), spool.pastAlerts(start), spool.tellings(), spool.ration()]
    assert.doesNotMatch(JSON.stringify(await Promise.all<unknown>(kept)), /anna/)
    await house.stop()
  })

  it('leaves notices out of the mail', async () => {
    await using box = await testSpool()
    const house = await running(box)
    house.book.raise({ ...paused, severity: 'notice' })
    await house.pass(hour)
    assert.deepEqual(ways.sent, {
      mail: [],
      webhook: ['notice: acs is paused.'],
      syslog: ['notice: acs is paused.'],
    })
    await house.stop()
  })

  it('never goes by the way that it is about', async () => {
    await using box = await testSpool()
    const house = await running(box)
    house.book.raise({ ...paused, key: 'own-mail-bounced', notBy: 'mail' })
    await house.pass(10 * minute)
    assert.deepEqual(ways.sent.mail, [])
    assert.equal(ways.sent.syslog.length, 1)
    await house.stop()
  })

  it('tells of a way that fails by the others, until that takes something', async () => {
    await using box = await testSpool()
    const house = await running(box)
    ways.answers.webhook = { kind: 'failed', detail: 'answered 500' }
    house.book.raise(full)
    await house.pass(10 * minute)
    assert.deepEqual(
      house.book.active().map(({ key }) => key),
      [full.key, 'alert-channel-failed/webhook'],
    )
    assert.match(ways.sent.mail[1] ?? '', /^warning: Alerts could not be told by webhook: answered 500/)
    assert.deepEqual(ways.sent.webhook, ['alarm: The disk is full.'])
    ways.answers = {}
    house.book.clear(full.key)
    await house.pass(hour)
    assert.deepEqual(house.book.active(), [])
    await house.stop()
  })

  it('tells of a way whose code is gone by the others: nothing is unhandled', async () => {
    await using box = await testSpool()
    const house = await running(box)
    ways.onCall = async () => {
      throw new Error("Cannot find module 'webhook.js'")
    }
    house.book.raise(paused)
    await house.pass(10 * minute)
    const [first] = house.book.active().filter(({ key }) => key === 'alert-channel-failed/webhook')
    assert.match(first?.sentence ?? '', /Cannot find module/)
    ways.channels = ['mail', 'syslog']
    house.teller.poke()
    await house.pass(minute)
    assert.deepEqual(
      house.book
        .active()
        .map(({ key }) => key)
        .filter((key) => key.endsWith('webhook')),
      [],
    )
    await house.stop()
  })

  it('makes up for mail when mail goes again, while it lasts', async () => {
    await using box = await testSpool()
    const house = await running(box)
    ways.canMail = false
    house.book.raise(paused)
    house.book.raise(full)
    await house.pass(10 * minute)
    assert.deepEqual(ways.sent.mail, [])
    assert.equal(ways.sent.webhook.length, 2)
    house.book.clear(paused.key)
    ways.canMail = true
    await house.pass(hour)
    assert.deepEqual(ways.sent.mail, ['alarm: The disk is full.'])
    assert.equal(ways.sent.webhook.at(-1), 'over: acs is paused.')
    await house.stop()
  })

  it('goes by the other ways when the disk takes no mail, and makes up for it', async () => {
    await using box = await testSpool()
    let isBroken = true
    const { spool } = box
    const broken: typeof spool.tell = (told) =>
      isBroken ? Promise.reject(new Error('disk full')) : spool.tell(told)
    const parts = { tellings: () => spool.tellings(), ration: () => spool.ration(), tell: broken }
    const book = await AlertBook.open({ spool, clock, log })
    const teller = await AlertTeller.start({ book, spool: parts, clock, log, ways })
    book.raise(full)
    await clock.jump(2 * minute)
    await clock.jump(minute)
    assert.deepEqual(ways.sent.webhook, ['alarm: The disk is full.'])
    assert.equal(await mails(box), 0)
    assert.ok(events.includes('alert-mail-not-written'))
    isBroken = false
    await clock.jump(20 * minute)
    await clock.jump(minute)
    await teller[Symbol.asyncDispose]()
    assert.equal(await mails(box), 1)
    await book[Symbol.asyncDispose]()
  })

  it('ends after the ration of a day, alarms later, and sums the rest', async () => {
    await using box = await testSpool()
    const house = await running(box)
    for (let n = 0; n < 25; n++) house.book.raise({ ...paused, key: `w/${n}`, sentence: `w${n}.` })
    await house.pass(10 * minute)
    assert.equal(ways.sent.webhook.length, 20)
    house.book.raise(full)
    await house.pass(5 * minute)
    assert.equal(ways.sent.webhook.at(-1), 'alarm: The disk is full.')
    await house.pass(day, hour)
    const sum = ways.sent.webhook.find((line) => line.startsWith('5 more alerts')) ?? ''
    assert.match(sum, /^5 more alerts than were told within a day:\nwarning: w20\.[\s\S]*warning: w24\.$/)
    await house.stop()
  })

  it('does not wait for a server that does not answer, but to end', async () => {
    await using box = await testSpool()
    const house = await running(box)
    const answered = Promise.withResolvers<void>()
    ways.onCall = () => answered.promise
    house.book.raise(full)
    await house.pass(5 * minute)
    assert.equal(await mails(box), 1)
    const stopped = house.stop()
    answered.resolve()
    await stopped
    assert.equal(ways.sent.webhook.length, 1)
  })
})

describe('an alert that is over', () => {
  it('stands in the history with its end', async () => {
    await using box = await testSpool()
    const raised: RaisedAlert = { ...paused, since: later(0) }
    await box.spool.saveAlert(raised, raised.since)
    await box.spool.clearAlert(paused.key, later(hour))
    await box.spool.clearAlert('never-raised', later(hour))
    assert.deepEqual(await box.spool.pastAlerts(later(0)), [{ ...raised, until: later(hour) }])
    assert.deepEqual(await box.spool.pastAlerts(later(2 * hour)), [])
  })
})
