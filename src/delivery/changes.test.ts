import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accepted,
  confirmed,
  indeterminate,
  noon,
  paused,
  refused,
  throttled,
  transient,
} from '../../test/delivery-harness.ts'
import type { Outcome } from '../core/outcome.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import { partStateOf, type Stepped, together } from './changes.ts'

describe('the state of a part', () => {
  const rows: readonly (readonly [string, readonly Outcome[], string])[] = [
    ['taken', [accepted, accepted], 'accepted'],
    ['taken by some', [accepted, refused(), transient()], 'accepted'],
    ['confirmed', [confirmed], 'confirmed'],
    ['refused', [refused(), refused()], 'failed'],
    ['refused and later', [refused(), transient()], 'abandoned'],
    ['later', [transient(), transient()], 'open'],
    ['not now', [throttled(1)], 'open'],
    ['not so', [paused()], 'open'],
    ['unknown', [indeterminate, indeterminate], 'indeterminate'],
    ['unknown for one, whatever the others say', [accepted, refused(), indeterminate], 'indeterminate'],
  ]
  for (const [name, outcomes, state] of rows)
    it(`${name}: ${state}`, () => assert.equal(partStateOf(outcomes), state))
})

describe('recipients that will be tried again', () => {
  const stepped = (dueAt: WallMs | undefined, with_: Partial<Stepped['step']> = {}): Stepped => ({
    recipient: {
      number: 1,
      address: '' as Stepped['recipient']['address'],
      state: 'sending',
      attempts: 0,
      part: undefined,
      lifetime: { countedMs: 0, since: undefined },
      dueAt: noon,
      refusedBy: [],
    },
    outcome: transient(),
    step: {
      state: 'deferred',
      dueAt,
      waitingFor: undefined,
      code: '',
      reason: '',
      status: undefined,
      attempts: 1,
      lifetime: { countedMs: 0, since: undefined },
      refusedBy: [],
      ...with_,
    },
  })

  it('come back at the latest of their times; nobody else waits for them', () => {
    const soon = wallMs(noon + 1)
    const late = wallMs(noon + 9)
    const steps = [
      stepped(soon),
      stepped(late),
      stepped(undefined, { state: 'accepted' }),
      stepped(noon, { state: 'queued' }),
      stepped(wallMs(noon + 99), { waitingFor: 'acs' }),
    ]
    assert.deepEqual(
      together(steps).map(({ step }) => step.dueAt),
      [late, late, undefined, noon, noon + 99],
    )
  })
})
