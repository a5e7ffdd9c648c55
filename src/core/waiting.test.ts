import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FoundDelivery } from './page-spool.ts'
import { wallMs } from './time.ts'
import { type WaitFacts, waitOf, worstOf } from './waiting.ts'

const soon = wallMs(5000)
const facts: WaitFacts = {
  isClockBelievable: true,
  nextTry: (upstream) => (upstream === 'acs' ? soon : undefined),
}
const delivery = (changes: Partial<FoundDelivery>): FoundDelivery => ({
  recipient: 1,
  address: 'anna@contoso.com',
  state: 'deferred',
  code: 'no-answer',
  reason: 'no answer',
  upstream: 'acs',
  dueAt: wallMs(1000),
  waitingFor: undefined,
  attempts: 2,
  ...changes,
})
const wait = (changes: Partial<FoundDelivery>, with_: Partial<WaitFacts> = {}) => {
  const { kind, until } = waitOf(delivery(changes), { ...facts, ...with_ }) ?? {}
  return [kind, until]
}

describe('why mail waits', () => {
  it('is told with the time at which it goes', () => {
    assert.deepEqual(wait({ state: 'queued' }), ['ready', 1000])
    assert.deepEqual(wait({}), ['retry', 1000])
    assert.deepEqual(wait({ code: 'paced' }), ['paced', 1000])
    assert.deepEqual(wait({ code: 'throttled', waitingFor: 'acs' }), ['quota', soon])
    assert.deepEqual(wait({ code: 'secret-expired', waitingFor: 'acs' }), ['upstream-paused', soon])
    assert.deepEqual(wait({ code: 'x', waitingFor: 'acs <a@contoso.com>' }), ['sender-paused', soon])
    assert.deepEqual(wait({ code: 'no-way-out', waitingFor: 'hub' }), ['no-way-out', undefined])
    assert.deepEqual(wait({ state: 'indeterminate', dueAt: undefined }), ['asking', undefined])
    assert.deepEqual(wait({ state: 'indeterminate' }), ['retry', 1000])
    assert.deepEqual(wait({ state: 'held', code: 'held-by-operator' }), ['held', undefined])
    assert.deepEqual(wait({ state: 'held', code: 'awaits-adoption' }), ['adoption', undefined])
    assert.deepEqual(wait({ state: 'queued' }, { isClockBelievable: false }), ['clock', undefined])
    assert.deepEqual(wait({ state: 'accepted' }), [undefined, undefined])
  })

  it('is told in words', () => {
    const paused = { code: 'secret-expired', reason: 'the client secret has expired', waitingFor: 'acs' }
    assert.equal(waitOf(delivery(paused), facts)?.sentence, 'acs is paused: the client secret has expired.')
  })

  it('of several is that which needs a person', () => {
    const all = [delivery({ state: 'queued' }), delivery({ state: 'held' }), delivery({})]
    assert.equal(worstOf(all.flatMap((each) => waitOf(each, facts) ?? []))?.kind, 'held')
    assert.equal(worstOf([]), undefined)
  })
})
