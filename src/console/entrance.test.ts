import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { consolePorts } from './console-ports.fixture.ts'
import { Entrance } from './entrance.ts'

const from = '192.168.7.9'

function door() {
  const ports = consolePorts()
  const factor = { mark: undefined as string | undefined, isRequired: false }
  const factors = { ...ports.factors, markOf: () => factor.mark, isRequired: () => factor.isRequired }
  const { sessions } = new Entrance({ ...ports, factors })
  return { sessions, factor }
}

describe('a session without a second factor', () => {
  it('ends when one is asked for, and stays ended', () => {
    const { sessions, factor } = door()
    const token = sessions.begin('anna', from)
    assert.ok(sessions.look(token))
    factor.isRequired = true
    assert.equal(sessions.look(token), undefined)
    factor.isRequired = false
    assert.equal(sessions.look(token), undefined)
  })
})

describe('a session with a second factor', () => {
  it('ends when somebody else takes the factor away, and not when the rule asks for one', () => {
    const { sessions, factor } = door()
    factor.mark = 'first'
    const token = sessions.begin('anna', from)
    factor.isRequired = true
    assert.ok(sessions.look(token))
    Object.assign(factor, { mark: undefined, isRequired: false })
    assert.equal(sessions.look(token), undefined)
  })

  it('stays ended when its operator sets up another one: the lost phone is signed in no more', () => {
    const { sessions, factor } = door()
    factor.mark = 'first'
    const token = sessions.begin('anna', from)
    // Nobody looked at it while there was none.
    factor.mark = 'second'
    assert.equal(sessions.look(token), undefined)
  })

  it('goes on where its operator took it away in it, and their other one ends', () => {
    const { sessions, factor } = door()
    factor.mark = 'first'
    const [own, other] = [sessions.begin('anna', from), sessions.begin('anna', from)]
    factor.mark = undefined
    sessions.keep(own)
    sessions.keep('none')
    assert.ok(sessions.look(own))
    assert.equal(sessions.look(other), undefined)
  })
})
