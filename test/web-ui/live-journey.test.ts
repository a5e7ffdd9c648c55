import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeliveryStep, LiveEvent, SessionEnd, SessionStep } from '../../src/core/live.ts'
import { messageIdOf } from '../../src/core/message-id.ts'
import { type WallMs, wallMs } from '../../src/core/time.ts'
import type { VerdictCode } from '../../src/core/verdict.ts'
import {
  emptyBook,
  type Journey,
  type LiveBook,
  watchedJourneys,
  withEarlier,
  withEvents,
} from '../../web-ui/pages/live-journey.ts'
import { hasFailed, standsAt, stepsOf } from '../../web-ui/pages/live-steps.ts'

const everybody = { device: undefined, address: undefined }
const message = messageIdOf(243)

const at = (seconds: number): WallMs => wallMs(1_790_000_000_000 + seconds * 1000)

const step = (name: SessionStep['step'], seconds: number, more: Partial<SessionStep> = {}): SessionStep => ({
  kind: 'session',
  step: name,
  session: 'S1',
  device: undefined,
  address: '10.0.0.9',
  at: at(seconds),
  detail: '',
  ...more,
})

const verdict = (code: VerdictCode, seconds: number, isOver = true): SessionEnd => ({
  kind: 'verdict',
  session: 'S1',
  device: undefined,
  address: '10.0.0.9',
  at: at(seconds),
  isOver,
  verdict: { code, sentence: code, evidence: [], cure: undefined },
})

const delivery = (state: DeliveryStep['state'], seconds: number): DeliveryStep =>
  ({
    kind: 'delivery',
    message,
    device: 'Scanner',
    at: at(seconds),
    state,
    upstream: 'acs',
    detail: state,
  }) as DeliveryStep

function only(book: LiveBook): Journey {
  const [journey, ...rest] = watchedJourneys(book, everybody)
  assert.ok(journey)
  assert.deepEqual(rest, [])
  return journey
}

const after = (...events: readonly LiveEvent[]): Journey => only(withEvents(emptyBook, events))
const states = (journey: Journey): string =>
  stepsOf(journey)
    .map(({ state }) => state)
    .join(' ')

const received = [
  step('connected', 0),
  step('secured', 1, { detail: 'TLSv1.2' }),
  step('signed-in', 2, { device: 'Scanner' }),
  step('addressed', 3),
  step('received', 4, { message, octets: 184_320 }),
]

describe('the steps of a mail as they are watched', () => {
  it('go from connected to sent, each with its time', () => {
    const journey = after(...received, verdict('F1', 5), delivery('accepted', 6))
    assert.equal(states(journey), 'done done done done done done')
    assert.deepEqual(
      stepsOf(journey).map((each) => each.at),
      [0, 1, 2, 3, 4, 6].map(at),
    )
    assert.equal(journey.device, 'Scanner')
    assert.ok(!hasFailed(journey))
  })

  it('are open where nothing is known yet', () => {
    assert.equal(states(after(step('connected', 0))), 'done open open open open open')
  })

  it('skip what a device does not need', () => {
    assert.equal(
      states(after(step('connected', 0), step('addressed', 3))),
      'done skipped skipped done open open',
    )
  })

  it('wait for the way out once the box has the mail', () => {
    assert.equal(standsAt(after(...received))?.step, 'received')
    assert.equal(
      states(after(...received))
        .split(' ')
        .at(-1),
      'waiting',
    )
    const deferred = after(...received, delivery('deferred', 6))
    assert.equal(standsAt(deferred)?.state, 'waiting')
    assert.equal(standsAt(deferred)?.detail, 'deferred')
  })

  it('end here for a test', () => {
    const test = after(...received.slice(0, 4), step('received', 4, { message, octets: 9, files: [] }))
    assert.equal(states(test), 'done done done done done done')
  })

  const reds: readonly (readonly [VerdictCode, string])[] = [
    ['T2', 'done failed open open open open'],
    ['A5', 'done skipped failed open open open'],
    ['R1', 'done skipped skipped failed open open'],
    ['D1', 'done skipped skipped skipped failed open'],
    ['N5', 'failed open open open open open'],
    ['N2', 'done failed open open open open'],
  ]
  for (const [code, expected] of reds)
    it(`are red where ${code} says`, () => {
      assert.equal(states(after(step('connected', 0), verdict(code, 1))), expected)
    })

  it('are red at the end where the mail came back', () => {
    assert.equal(standsAt(after(...received, delivery('bounced', 6)))?.state, 'failed')
  })

  it('are red no more when the right password follows the wrong one', () => {
    const wrong = [step('connected', 0), verdict('A5', 1, false)]
    assert.ok(hasFailed(after(...wrong)))
    assert.ok(!hasFailed(after(...wrong, step('signed-in', 2))))
  })

  it('begin again behind a mail that was taken', () => {
    const again = after(...received, step('addressed', 8))
    assert.equal(states(again), 'done done done done open open')
    assert.equal(again.mails, 1)
    const second = after(
      ...received,
      step('addressed', 8),
      step('received', 9, { message: messageIdOf(244) }),
    )
    assert.equal(second.mails, 2)
    assert.equal(second.mail?.message, messageIdOf(244))
  })
})

describe('what is watched', () => {
  const two = withEvents(emptyBook, [
    step('connected', 0),
    step('connected', 1, { session: 'S2', address: '10.0.0.8', device: 'Copier' }),
    step('connected', 2, { session: 'S3', address: '10.0.0.9', device: 'Scanner' }),
  ])
  const sessions = (watched: Parameters<typeof watchedJourneys>[1]) =>
    watchedJourneys(two, watched).map(({ session }) => session)

  it('is everybody, the newest first', () => {
    assert.deepEqual(sessions(everybody), ['S3', 'S2', 'S1'])
  })

  it('is one device, and what comes unknown from its address', () => {
    assert.deepEqual(sessions({ device: 'Scanner', address: '10.0.0.9' }), ['S3', 'S1'])
    assert.deepEqual(sessions({ device: 'Copier', address: '10.0.0.9' }), ['S2', 'S1'])
  })

  it('is an address', () => {
    assert.deepEqual(sessions({ device: undefined, address: '10.0.0.8' }), ['S2'])
  })

  it('has before it what was there already, and once only', () => {
    const earlier = { ...after(step('connected', -9)), session: 'S0' }
    const seeded = withEarlier(two, [earlier, { ...earlier, session: 'S1' }])
    assert.deepEqual(
      watchedJourneys(seeded, everybody).map(({ session }) => session),
      ['S3', 'S2', 'S1', 'S0'],
    )
    assert.equal(seeded.journeys.get('S1')?.lastAt, at(0))
  })

  it('has the latest first where the box remembers it before the stream tells of it', () => {
    const missed = { ...after(step('connected', 60)), session: 'S9' }
    const told = withEvents(withEarlier(two, [missed]), [step('addressed', 61, { session: 'S9' })])
    assert.equal(watchedJourneys(told, everybody)[0]?.session, 'S9')
  })

  it('stays bounded, whatever happens', () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      step('connected', index, { session: `S${index}`, message: message }),
    )
    const book = many.reduce((sum, event) => withEvents(sum, [event]), emptyBook)
    assert.equal(book.journeys.size, 300)
    assert.equal(watchedJourneys(book, everybody)[0]?.session, 'S2999')
  })
})
