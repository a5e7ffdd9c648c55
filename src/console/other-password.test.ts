import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { consolePorts } from './console-ports.fixture.ts'
import { consoleSite } from './console-site.ts'
import { Entrance } from './entrance.ts'
import type { Proved } from './ports.ts'
import { answerTo, type Method } from './router.ts'

const code = '123456'

/** One operator, anna; whatever password is said is the one that she has when it is said. */
function box({ isOn = false, isRequired = false } = {}) {
  const ports = consolePorts()
  const state = { mark: 'first' as string | undefined, isOn, confirmed: 0, removed: 0 }
  const changed: Proved[] = []
  /** What happens while a password is hashed. */
  let meanwhile = (): void => undefined
  const entrance = new Entrance({
    ...ports,
    people: {
      ...ports.people,
      standing: () => (state.mark === undefined ? undefined : { role: 'administrator', mark: state.mark }),
      verify: async (name) => {
        const { mark = '' } = state
        meanwhile()
        return { kind: 'verified', name, mark }
      },
      setPassword: async (proved) => {
        changed.push(proved)
        return { kind: 'done' }
      },
    },
    factors: {
      ...ports.factors,
      isOn: () => state.isOn,
      isRequired: () => isRequired,
      check: (_, typed) => ({ kind: typed === code ? 'right' : 'wrong' }),
      confirm: (_, typed) => {
        if (typed !== code) return { kind: 'refused', sentence: 'wrong' }
        state.confirmed++
        return { kind: 'confirmed', recoveryCodes: [] }
      },
      remove: () => {
        state.removed++
        return true
      },
    },
  })
  const ask = async (method: Method, path: string, fields: object, token?: string) => {
    const { status, headers, body } = await answerTo(consoleSite(entrance), {
      method,
      path: `/api/v1${path}`,
      query: new URLSearchParams(),
      headers: {
        host: 'branch-07.local',
        ...(token && {
          cookie: `inkpost=${token}`,
          'inkpost-proof': entrance.sessions.look(token)?.proof ?? '',
        }),
      },
      from: '192.168.7.9',
      at: '192.168.7.5',
      isSecure: false,
      takeTime() {},
      body: (async function* () {
        yield Buffer.from(JSON.stringify(fields))
      })(),
    })
    return { status, cookie: headers['set-cookie'], value: JSON.parse(String(body)) }
  }
  return {
    state,
    changed,
    ask,
    signIn: () => ask('POST', '/session', { name: 'anna', password: 'leaked' }),
    session: () => entrance.sessions.begin('anna', '192.168.7.9'),
    whileHashing: (action: () => void) => {
      meanwhile = action
    },
  }
}

/** What somebody else does meanwhile. */
const changes = [
  ['has another password', 'second'],
  ['is removed', undefined],
] as const

for (const [what, mark] of changes)
  describe(`where the operator ${what} meanwhile`, () => {
    it('a ticket to enrol gives no session and puts no second factor in force', async () => {
      const { state, ask, signIn } = box({ isRequired: true })
      const { value } = await signIn()
      assert.equal(value.kind, 'enrolment-wanted')
      state.mark = mark
      const refused = await ask('POST', '/session/enrol', { ticket: value.ticket, code })
      assert.deepEqual([refused.status, refused.cookie, state.confirmed], [403, undefined, 0])
      state.mark = 'first'
      assert.equal((await ask('POST', '/session/enrol', { ticket: value.ticket, code })).status, 200)
    })

    it('a ticket for a code gives no session', async () => {
      const { state, ask, signIn } = box({ isOn: true })
      const { value } = await signIn()
      assert.equal(value.kind, 'code-wanted')
      state.mark = mark
      const refused = await ask('POST', '/session/code', { ticket: value.ticket, code })
      assert.deepEqual([refused.status, refused.cookie], [403, undefined])
      state.mark = 'first'
      assert.equal((await ask('POST', '/session/code', { ticket: value.ticket, code })).status, 200)
    })

    it('the password that was being looked at lets nobody in', async () => {
      for (const options of [{}, { isOn: true }, { isRequired: true }]) {
        const { state, signIn, whileHashing } = box(options)
        whileHashing(() => {
          state.mark = mark
        })
        const { status, cookie, value } = await signIn()
        assert.deepEqual([status, cookie, value.ticket], [403, undefined, undefined])
      }
    })

    it('and changes no password and no second factor', async () => {
      const { state, changed, ask, session, whileHashing } = box({ isOn: true })
      whileHashing(() => {
        state.mark = mark
      })
      const password = 'leaked'
      for (const [method, path, fields] of [
        ['PUT', '/session/password', { old: password, password: 'one of the thief' }],
        ['POST', '/session/second-factor', { password }],
        ['POST', '/session/second-factor/remove', { password }],
      ] as const) {
        state.mark = 'first'
        const { status, value } = await ask(method, path, fields, session())
        assert.deepEqual([status, value.secret], [403, undefined], path)
      }
      assert.deepEqual([changed, state.removed], [[], 0])
    })
  })

describe('a new password', () => {
  it('takes the place of the one that was proved, and of no other', async () => {
    const { changed, ask, session } = box()
    await ask('PUT', '/session/password', { old: 'leaked', password: 'another one' }, session())
    assert.deepEqual(changed, [{ operator: 'anna', mark: 'first' }])
  })

  it('ends a second factor that was shown under the old one', async () => {
    const { state, ask, session } = box()
    await ask('POST', '/session/second-factor', { password: 'leaked' }, session())
    state.mark = 'second'
    const refused = await ask('POST', '/session/second-factor/confirm', { code }, session())
    assert.deepEqual([refused.status, state.confirmed], [409, 0])
    await ask('POST', '/session/second-factor', { password: 'new' }, session())
    assert.equal((await ask('POST', '/session/second-factor/confirm', { code }, session())).status, 200)
  })
})
