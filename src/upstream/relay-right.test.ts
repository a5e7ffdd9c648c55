import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { Outcome } from '../core/outcome.ts'
import { hour, wallMs } from '../core/time.ts'
import { exampleConsignment } from './example-consignment.fixture.ts'
import { RelayRight } from './relay-right.ts'
import { to, words } from './smtp-case.fixture.ts'

const accepted: Outcome = { kind: 'accepted', reference: 'x' }
const denied: Outcome = {
  kind: 'permanent',
  scope: 'recipient',
  code: 'relaying-denied',
  status: '5.7.1',
  detail: '554 5.7.1 Relay access denied',
  elsewhere: true,
}
const ours = 'paused upstream relaying-denied'
const theirs = 'permanent recipient relaying-denied'
const waits = 'transient relaying-denied'

function start() {
  const clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 1)))
  const right = new RelayRight(clock)
  /** What mail `number` comes to, one recipient after the other. */
  const mail = (number: number, recipients: Readonly<Record<string, Outcome>>): readonly string[] => {
    const names = Object.keys(recipients)
    const message = messageIdOf(number)
    const outcomes = new Map(Object.values(recipients).map((outcome, index) => [index + 1, outcome]))
    const judged = right.judge(exampleConsignment({ ...to(...names), message }), outcomes)
    return names.map((_name, index) => words(judged.get(index + 1)))
  }
  return { clock, mail }
}

describe('right to relay', () => {
  it('is what is missing where nothing has ever been taken', () => {
    const { mail } = start()
    assert.deepEqual(mail(1, { 'a@out.example': denied, 'b@out.example': denied }), [ours, ours])
  })

  it('is not missing where another recipient of the same mail is taken', () => {
    const { mail } = start()
    assert.deepEqual(mail(1, { 'a@out.example': denied, 'b@contoso.com': accepted }), [theirs, 'accepted'])
  })

  it('lets one bad recipient wait until mail to others is taken, and stops nobody', () => {
    const { mail } = start()
    mail(1, { 'b@contoso.com': accepted })
    assert.deepEqual(mail(2, { 'a@out.example': denied }), [waits])
    assert.deepEqual(mail(2, { 'a@out.example': denied }), [waits], 'its own second try proves nothing')
    mail(3, { 'b@contoso.com': accepted })
    assert.deepEqual(mail(2, { 'a@out.example': denied }), [theirs])
  })

  it('that is lost between two mails pauses with the third mail denied, and nothing has bounced', () => {
    const { mail } = start()
    mail(1, { 'b@contoso.com': accepted })
    const said = [2, 3, 4].flatMap((number) => mail(number, { [`r${number}@out.example`]: denied }))
    assert.deepEqual(said, [waits, waits, ours])
  })

  it('is unproven again a day after the last mail that was taken', async () => {
    const { clock, mail } = start()
    mail(1, { 'b@contoso.com': accepted })
    await clock.jump(24 * hour - 1)
    assert.deepEqual(mail(2, { 'a@out.example': denied }), [waits])
    await clock.jump(1)
    assert.deepEqual(mail(2, { 'a@out.example': denied }), [waits], 'every second time it steps aside')
    assert.deepEqual(mail(2, { 'a@out.example': denied }), [ours])
  })

  it('can be proved by another mail although a bad recipient stands first', () => {
    const { mail } = start()
    assert.deepEqual(mail(1, { 'a@out.example': denied }), [ours])
    assert.deepEqual(mail(1, { 'a@out.example': denied }), [waits], 'the mail behind it is tried')
    mail(2, { 'b@contoso.com': accepted })
    assert.deepEqual(mail(1, { 'a@out.example': denied }), [theirs])
  })

  it('says nothing of other refusals', () => {
    const { mail } = start()
    const unknown: Outcome = { ...denied, code: 'unknown-recipient' }
    assert.deepEqual(mail(1, { 'a@out.example': unknown }), ['permanent recipient unknown-recipient'])
  })

  it('remembers no more than it needs', () => {
    const { mail } = start()
    for (let number = 1; number <= 1000; number += 1)
      assert.deepEqual(mail(number, { [`r${number}@out.example`]: denied }), [ours])
    mail(1001, { 'b@contoso.com': accepted })
    assert.deepEqual(mail(1, { 'r1@out.example': denied }), [theirs])
    assert.deepEqual(mail(900, { 'r900@out.example': denied }), [waits])
  })
})
