import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { StoredSession } from '../core/console-session.ts'
import type { OperatorRole } from '../core/setup.ts'
import { day, hour, minute, wallMs } from '../core/time.ts'
import { DayPasses } from './day-passes.ts'
import { Sessions } from './sessions.ts'

const start = wallMs(Date.UTC(2026, 10, 29))
const from = '192.168.7.9'

/** A box with the operator anna; `restart` is another process on the same disk. */
function box() {
  const clock = new JumpingClock(start)
  const kept = new Map<string, StoredSession>()
  const operators = new Map<string, { role: OperatorRole; mark: string }>([
    ['anna', { role: 'administrator', mark: 'first' }],
  ])
  const store = {
    sessions: () => [...kept.values()],
    saveSession: (session: StoredSession) => void kept.set(session.hash, session),
    removeSession: (hash: string) => void kept.delete(hash),
  }
  const standing = (name: string) => operators.get(name)
  const open = (at = clock) => new Sessions({ clock: at, store, standing })
  return { clock, kept, operators, standing, open, sessions: open() }
}

describe('a session', () => {
  it('is another one at each sign-in, and nothing of the token is on the disk', () => {
    const { sessions, kept } = box()
    const [one, other] = [sessions.begin('anna', from), sessions.begin('anna', from)]
    assert.notEqual(one, other)
    assert.equal(one.length, 43)
    assert.ok(!JSON.stringify([...kept.values()]).includes(one))
    const [a, b] = [sessions.look(one), sessions.look(other)]
    assert.ok(a && b && a.proof !== b.proof && !one.includes(a.proof))
    const hash = [...kept.keys()][0] ?? ''
    assert.equal(sessions.look(hash), undefined, 'who reads the disk signs in as nobody')
  })

  it('follows the role of its operator at once, and ends with them', () => {
    const { sessions, operators } = box()
    const token = sessions.begin('anna', from)
    assert.equal(sessions.look(token)?.role, 'administrator')
    operators.set('anna', { role: 'viewer', mark: 'first' })
    assert.equal(sessions.look(token)?.role, 'viewer')
    operators.delete('anna')
    assert.equal(sessions.look(token), undefined)
  })

  it('does not come back with a later operator of the same name, nor after a change of the password', () => {
    const { sessions, operators } = box()
    const token = sessions.begin('anna', from)
    operators.set('anna', { role: 'administrator', mark: 'second' })
    assert.equal(sessions.look(token), undefined)
    operators.set('anna', { role: 'administrator', mark: 'first' })
    assert.equal(sessions.look(token), undefined, 'what ended stays ended')
  })

  it('of an operator who was gone when it began is none', () => {
    const { sessions } = box()
    assert.equal(sessions.look(sessions.begin('nobody', from)), undefined)
  })

  it('ends after 7 days, whatever is done in it', async () => {
    const { sessions, clock } = box()
    const token = sessions.begin('anna', from)
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      await clock.jump(6 * hour)
      assert.ok(sessions.look(token), `${hours} h`)
      sessions.touch(token)
    }
    await clock.jump(6 * hour)
    assert.equal(sessions.look(token), undefined)
  })

  it('ends after 12 hours in which nothing is done: to look is not to do', async () => {
    const { sessions, clock } = box()
    const token = sessions.begin('anna', from)
    await clock.jump(11 * hour)
    assert.ok(sessions.look(token))
    await clock.jump(hour)
    assert.equal(sessions.look(token), undefined)
  })

  it('does not mind a clock that is set, back or forth', () => {
    const { sessions, clock } = box()
    const token = sessions.begin('anna', from)
    for (const wall of [0, start + 3000 * day, start - 9 * day]) {
      clock.setWall(wallMs(wall))
      assert.ok(sessions.look(token))
    }
  })

  it('outlives a restart with what was left of it, and signing out outlives it, too', async () => {
    const { sessions, clock, open } = box()
    const [stays, goes] = [sessions.begin('anna', from), sessions.begin('anna', from)]
    sessions.end(goes)
    await clock.jump(10 * hour)
    sessions[Symbol.dispose]()
    const later = new JumpingClock(wallMs(0))
    const again = open(later)
    assert.equal(again.look(goes), undefined)
    assert.equal(again.look(stays)?.leftMs, 7 * day - 10 * hour)
    await later.jump(6 * day)
    assert.equal(again.look(stays), undefined)
  })

  it('gives way, longest unused first, where there are more than 200', async () => {
    const { sessions, clock } = box()
    const first = sessions.begin('anna', from)
    const second = sessions.begin('anna', from)
    await clock.jump(minute)
    sessions.touch(first)
    for (let count = 0; count < 199; count++) sessions.begin('anna', from)
    assert.ok(sessions.look(first))
    assert.equal(sessions.look(second), undefined)
  })

  it('that is over is not written again', async () => {
    const { sessions, operators, kept } = box()
    sessions.begin('anna', from)
    operators.delete('anna')
    sessions[Symbol.dispose]()
    assert.equal(kept.size, 0)
  })
})

describe('a day pass', () => {
  function withPasses() {
    const here = box()
    return { ...here, passes: new DayPasses({ ...here }) }
  }

  it('signs one technician in, once, for eight hours', async () => {
    const { passes, sessions, clock } = withPasses()
    const made = passes.make('anna', 'Bob of Ricoh')
    assert.ok(made)
    assert.deepEqual(
      passes.list().map(({ state, guest, leftMs }) => [state, guest, leftMs]),
      [['open', 'Bob of Ricoh', 15 * minute]],
    )
    const redeemed = passes.redeem(made.token, from)
    assert.ok(redeemed)
    assert.equal(passes.redeem(made.token, from), undefined)
    const { role, guest, operator, leftMs } = sessions.look(redeemed.session) ?? {}
    assert.deepEqual([role, guest, operator, leftMs], ['technician', 'Bob of Ricoh', 'anna', 8 * hour])
    assert.equal(sessions.knows('anna', from), false, 'Bob is not Anna')
    assert.deepEqual(
      passes.list().map(({ id, state }) => [id, state]),
      [[made.id, 'used']],
    )
    await clock.jump(7 * hour)
    sessions.touch(redeemed.session)
    assert.ok(sessions.look(redeemed.session))
    await clock.jump(hour)
    assert.equal(sessions.look(redeemed.session), undefined)
    assert.deepEqual(passes.list(), [])
  })

  it('is too old after a quarter of an hour', async () => {
    const { passes, clock } = withPasses()
    const [used, late] = [passes.make('anna', 'Bob'), passes.make('anna', 'Eve')]
    await clock.jump(15 * minute - 1)
    assert.ok(passes.redeem(used?.token ?? '', from))
    await clock.jump(1)
    assert.equal(passes.redeem(late?.token ?? '', from), undefined)
  })

  it('is withdrawn while it is open and while somebody works with it', () => {
    const { passes, sessions } = withPasses()
    const [open, used] = [passes.make('anna', 'Bob'), passes.make('anna', 'Eve')]
    const redeemed = passes.redeem(used?.token ?? '', from)
    assert.equal(passes.revoke(open?.id ?? ''), true)
    assert.equal(passes.redeem(open?.token ?? '', from), undefined)
    assert.equal(passes.revoke(used?.id ?? ''), true)
    assert.equal(sessions.look(redeemed?.session ?? ''), undefined)
    assert.equal(passes.revoke('none'), false)
  })

  it('ends with who made it, and never may more than they', () => {
    const { passes, sessions, operators } = withPasses()
    const [open, used] = [passes.make('anna', 'Bob'), passes.make('anna', 'Eve')]
    const session = passes.redeem(used?.token ?? '', from)?.session ?? ''
    operators.set('anna', { role: 'viewer', mark: 'first' })
    assert.equal(sessions.look(session)?.role, 'viewer')
    assert.equal(passes.redeem(open?.token ?? '', from), undefined)
    operators.delete('anna')
    assert.equal(sessions.look(session), undefined)
  })

  it('in use outlives a restart; an open one does not', () => {
    const { passes, sessions, open, clock, standing } = withPasses()
    const [unused, used] = [passes.make('anna', 'Bob'), passes.make('anna', 'Eve')]
    const session = passes.redeem(used?.token ?? '', from)?.session ?? ''
    sessions[Symbol.dispose]()
    const again = open()
    const later = new DayPasses({ clock, sessions: again, standing })
    assert.equal(again.look(session)?.guest, 'Eve')
    assert.equal(later.redeem(unused?.token ?? '', from), undefined)
    assert.equal(later.revoke(used?.id ?? ''), true)
  })

  it('is one of fifty at most', () => {
    const { passes } = withPasses()
    for (let count = 0; count < 50; count++) assert.ok(passes.make('anna', 'Bob'))
    assert.equal(passes.make('anna', 'Bob'), undefined)
  })
})
