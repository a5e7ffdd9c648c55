import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { device, passwordOf, setup } from '../../test/submission/setup.ts'
import { SpoolDouble } from '../../test/submission/spool-double.ts'
import { GuessLimits } from '../core/guess-limits.ts'
import { second, wallMs } from '../core/time.ts'
import { ClientMemories } from './edge/client-memories.ts'
import { trySignIn } from './sign-in.ts'

const panel = '192.168.7.20'
const elsewhere = '192.168.7.66'

function room() {
  const clock = new JumpingClock(wallMs(1_800_000_000_000))
  const devices = [
    device('Scanner', { username: 'scan1', password: passwordOf('Scanner') }),
    device('Alarm', { username: 'alarm', password: passwordOf('Alarm') }),
    device('Bound', { username: 'bound', password: passwordOf('Bound'), addresses: ['192.168.7.30'] }),
  ]
  const known = setup({ devices, gateway: { trustedNetworks: ['192.168.7.0/24'] } })
  const parts = {
    submission: {
      setup: () => known,
      secrets: { open: () => ({ kind: 'open', value: '1234' }) as const },
      clock,
    },
    memories: new ClientMemories(new SpoolDouble(), clock, []),
    guesses: new GuessLimits(clock),
  }
  const never = new AbortController().signal
  /** `in`, or the code of the refusal. A wrong one is answered when the clock goes on. */
  const tries = async (username: string, password: string, address: string): Promise<string | number> => {
    const client = { address, hardware: { kind: 'routed' }, isSecure: false } as const
    const credentials = { mechanism: 'PLAIN', username, isPassword: (right: string) => right === password }
    const signIn = await trySignIn(parts, client, credentials, never)
    return signIn.kind === 'in' ? 'in' : signIn.reply.code
  }
  /** So many wrong ones, one behind the other, and one more whose answer is not there yet. */
  const guess = async (count: number, username: string, address: string): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const answer = tries(username, `wrong ${n}`, address)
      await clock.jump(4 * second)
      assert.equal(await answer, 535)
    }
    void tries(username, 'wrong too', address)
  }
  return { clock, tries, guess }
}

describe('guesses', () => {
  it('twenty on an account slow that account, not the others of the panel', async () => {
    const { tries, guess } = room()
    await guess(20, 'scan1', elsewhere)
    assert.equal(await tries('scan1', '1234', elsewhere), 421)
    assert.equal(await tries('alarm', '1234', elsewhere), 'in')
  })

  it('from elsewhere do not slow the panel that signed in from its address before', async () => {
    const { tries, guess } = room()
    assert.equal(await tries('scan1', '1234', panel), 'in')
    await guess(20, 'scan1', elsewhere)
    assert.equal(await tries('scan1', '1234', elsewhere), 421)
    assert.equal(await tries('SCAN1', '1234', panel), 'in')
  })

  it('lock nothing: the right password signs in at the next turn', async () => {
    const { clock, tries, guess } = room()
    await guess(20, 'scan1', panel)
    await clock.jump(4 * second - 1)
    assert.equal(await tries('scan1', '1234', panel), 421)
    await clock.jump(1)
    assert.equal(await tries('scan1', '1234', panel), 'in')
    assert.equal(await tries('scan1', '1234', panel), 'in')
  })

  it('that can hit no account are counted for their address alone', async () => {
    const { tries, guess } = room()
    await guess(10, 'bound', elsewhere)
    await guess(10, 'nobody', elsewhere)
    assert.equal(await tries('nobody', 'x', elsewhere), 421)
    assert.equal(await tries('scan1', '1234', elsewhere), 'in')
    assert.equal(await tries('bound', '1234', '192.168.7.30'), 'in')
  })
})
