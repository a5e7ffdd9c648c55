import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { MessageId } from '../core/message-id.ts'
import { type DeliveryState, openStates } from '../core/outcome.ts'
import type { QueueAction, Spool } from '../core/spool.ts'
import { day, type WallMs } from '../core/time.ts'
import {
  changeTo,
  later,
  octetsOf,
  partKey,
  published,
  recipientsOf,
  settlementOf,
  startOf,
  testSpool,
} from './spool-fixture.ts'

// Random sequences of everything that changes the queue, against the simplest model of it: one record per recipient.

interface ModelDelivery {
  readonly message: MessageId
  readonly recipient: number
  state: DeliveryState
  dueAt: WallMs | undefined
  waitingFor: string | undefined
}

interface ModelPart {
  readonly number: number
  readonly of: ModelDelivery
}

class Model {
  readonly deliveries: ModelDelivery[] = []
  readonly sending: ModelPart[] = []
  /** Parts of unknown fate, and when they are to be asked for; their bodies stay. */
  readonly asks: { readonly message: MessageId; readonly at: WallMs }[] = []
  now = later(0)
  parts = 0

  due(): readonly ModelDelivery[] {
    return this.deliveries.filter(({ dueAt }) => dueAt !== undefined && dueAt <= this.now)
  }
}

type Step =
  | { readonly kind: 'publish'; readonly recipients: number; readonly size: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'start' | 'recover'; readonly pick: number }
  | { readonly kind: 'settle'; readonly pick: number; readonly to: (typeof outcomes)[number] }
  | { readonly kind: 'operate'; readonly pick: number; readonly action: QueueAction; readonly isAll: boolean }
  | { readonly kind: 'wake'; readonly limit: number }

const outcomes = ['accepted', 'bounced', 'later', 'waiting'] as const

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('publish' as const),
    recipients: fc.integer({ min: 1, max: 3 }),
    size: fc.constantFrom(10, 300_000),
  }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ kind: fc.constant('start' as const), pick: fc.nat() }),
  fc.record({ kind: fc.constant('start' as const), pick: fc.nat() }),
  fc.record({
    kind: fc.constant('settle' as const),
    pick: fc.nat(),
    to: fc.constantFrom(...outcomes),
  }),
  fc.record({
    kind: fc.constant('operate' as const),
    pick: fc.nat(),
    action: fc.constantFrom<QueueAction>('retry', 'hold', 'release', 'drop'),
    isAll: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('wake' as const), limit: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('recover' as const), pick: fc.nat() }),
)

describe('the queue', () => {
  it('does what a list of records would do, whatever happens in whatever order', async () => {
    await using box = await testSpool()
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const model = new Model()
      try {
        for (const each of steps) await take(each, model, box.spool)
        await assertAlike(model, box.spool)
      } finally {
        await clear(model, box.spool)
      }
    })
    await fc.assert(property, { numRuns: 60 })
  })
})

const pickOf = <T>(list: readonly T[], pick: number): T | undefined => list[pick % list.length]

async function take(now: Step, model: Model, spool: Spool): Promise<void> {
  switch (now.kind) {
    case 'publish': {
      const names = Array.from({ length: now.recipients }, (_, n) => `r${n}@contoso.com`)
      const message = await published(spool, octetsOf(now.size), {
        ...recipientsOf(...names),
        acceptedWall: model.now,
      })
      for (let recipient = 1; recipient <= now.recipients; recipient++) {
        model.deliveries.push({
          message,
          recipient,
          state: 'queued',
          dueAt: model.now,
          waitingFor: undefined,
        })
      }
      return
    }
    case 'pass':
      model.now = later(model.now - later(0) + now.ms)
      return
    case 'start':
      return start(pickOf(model.deliveries, now.pick), model, spool)
    case 'settle':
      return settle(pickOf(model.sending, now.pick), now.to, model, spool)
    case 'operate': {
      const one = pickOf(model.deliveries, now.pick)
      const chosen = now.isAll ? model.deliveries : one ? [one] : []
      if (chosen.length === 0) return
      const changed = chosen.filter((delivery) => operate(delivery, now.action, model.now))
      assert.equal(
        await spool.operate(now.action, now.isAll || !one ? 'all' : one, model.now),
        changed.length,
      )
      return
    }
    case 'wake': {
      const waiting = model.deliveries.filter(({ waitingFor }) => waitingFor === 'acs').slice(0, now.limit)
      for (const delivery of waiting) Object.assign(delivery, { dueAt: model.now, waitingFor: undefined })
      assert.equal(await spool.wake('acs', now.limit, model.now), waiting.length)
      return
    }
    case 'recover': {
      assert.equal((await spool.recover(model.now)).uncertainParts, model.sending.length)
      for (const { of } of model.sending.splice(0)) {
        model.asks.push({ message: of.message, at: model.now })
        Object.assign(of, { state: 'indeterminate', dueAt: model.now })
      }
    }
  }
}

async function start(delivery: ModelDelivery | undefined, model: Model, spool: Spool): Promise<void> {
  if (!delivery) return
  model.parts += 1
  const { message, recipient } = delivery
  const isFree = ['queued', 'deferred', 'indeterminate'].includes(delivery.state)
  assert.equal(await spool.start(startOf(partKey(message, model.parts), [recipient])), isFree)
  if (!isFree) return
  Object.assign(delivery, { state: 'sending', dueAt: undefined, waitingFor: undefined })
  model.sending.push({ number: model.parts, of: delivery })
}

async function settle(
  part: ModelPart | undefined,
  to: (typeof outcomes)[number],
  model: Model,
  spool: Spool,
): Promise<void> {
  if (!part) return
  model.sending.splice(model.sending.indexOf(part), 1)
  const after = {
    state: to === 'accepted' || to === 'bounced' ? to : ('deferred' as const),
    dueAt: to === 'later' ? later(model.now - later(0) + 1000) : undefined,
    waitingFor: to === 'waiting' ? 'acs' : undefined,
  }
  const { message, recipient } = part.of
  const partState = to === 'accepted' ? 'accepted' : 'failed'
  const change = changeTo(message, recipient, after.state, after)
  await spool.settle(settlementOf(partKey(message, part.number), [change], { partState }))
  Object.assign(part.of, after)
}

/** Whether the action applied to it. */
function operate(delivery: ModelDelivery, action: QueueAction, now: WallMs): boolean {
  const applies: Readonly<Record<QueueAction, boolean>> = {
    retry:
      delivery.state === 'deferred' || (delivery.state === 'indeterminate' && delivery.dueAt !== undefined),
    hold: delivery.state === 'queued' || delivery.state === 'deferred',
    release: delivery.state === 'held',
    drop: openStates.has(delivery.state) && delivery.state !== 'sending',
  }
  if (!applies[action]) return false
  if (action === 'hold') delivery.state = 'held'
  if (action === 'release') delivery.state = 'queued'
  if (action === 'drop') delivery.state = 'dropped'
  delivery.dueAt = action === 'retry' || action === 'release' ? now : undefined
  delivery.waitingFor = undefined
  return true
}

const nameOf = (message: MessageId, recipient: number): string => `${message}/${recipient}`

async function assertAlike(model: Model, spool: Spool): Promise<void> {
  const due = await spool.due(model.now, 1000)
  const dueNames = due.flatMap(({ id, recipients }) => recipients.map(({ number }) => nameOf(id, number)))
  assert.deepEqual(
    dueNames.sort(),
    model
      .due()
      .map(({ message, recipient }) => nameOf(message, recipient))
      .sort(),
  )

  const open = model.deliveries.filter(({ state }) => openStates.has(state))
  const rows = await spool.queue({ all: false, limit: 1000 })
  const facts = ({ message, recipient, state, dueAt, waitingFor }: ModelDelivery) =>
    JSON.stringify([message, recipient, state, dueAt, waitingFor])
  assert.deepEqual(rows.map(facts).sort(), open.map(facts).sort())

  const byState = Object.fromEntries(
    Map.groupBy(open, ({ state }) => state)
      .entries()
      .map(([state, list]) => [state, list.length]),
  )
  assert.deepEqual((await spool.counts()).byState, byState)
  for (const message of new Set(model.deliveries.map((delivery) => delivery.message))) {
    const isNeeded = [...open, ...model.asks].some((needing) => needing.message === message)
    assert.equal((await spool.content(message)) !== undefined, isNeeded, `body of ${message}`)
  }
  const times = [...model.deliveries.flatMap(({ dueAt }) => dueAt ?? []), ...model.asks.map(({ at }) => at)]
  assert.equal(await spool.nextDueAt(), times.length === 0 ? undefined : Math.min(...times))
}

/** The next run finds an empty queue. */
async function clear(model: Model, spool: Spool): Promise<void> {
  await spool.recover(model.now)
  await spool.operate('drop', 'all', model.now)
  for (const { part } of await spool.dueAsks(model.now, 1000)) {
    await spool.settle(settlementOf(part, [], { partState: 'failed' }))
  }
  await spool.tidy(later(60 * day), day, day)
}
