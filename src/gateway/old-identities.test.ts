import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { oldIdentity } from '../../test/submission/old-identities.ts'
import { device, listener, type SetupChanges, setup } from '../../test/submission/setup.ts'
import type { OldIdentity } from '../core/server-identity.ts'
import { second, wallMs } from '../core/time.ts'
import { namesOf, neededIdentities, prepareOldIdentities } from './old-identities.ts'

const small = device('Small', { certificate: 'sha1-1024' })
const old = device('Old', { tls: 'vintage' })
const vintage = { weakestTls: 'vintage' } as const

const table: readonly (readonly [string, SetupChanges, readonly OldIdentity[]])[] = [
  ['a box of TLS 1.2 and up', { gateway: { weakestTls: 'modern' }, devices: [small, old] }, []],
  ['an ordinary box', {}, ['sha1']],
  ['a device with a small key', { devices: [small] }, ['sha1', 'sha1-1024']],
  ['a box that may be vintage and is not', { gateway: vintage }, ['sha1']],
  ['a vintage device', { gateway: vintage, devices: [old] }, ['sha1', 'vintage']],
  [
    'a vintage listener',
    { gateway: vintage, listeners: [listener('old', { tls: 'vintage' })] },
    ['sha1', 'vintage'],
  ],
  [
    'both kinds of devices',
    { gateway: vintage, devices: [old, small] },
    ['sha1', 'sha1-1024', 'vintage', 'vintage-1024'],
  ],
]

function prepare(changes: SetupChanges, make: (name: OldIdentity) => Promise<void>) {
  const clock = new JumpingClock(wallMs(0))
  const made: string[] = []
  const log: string[] = []
  const stop = new AbortController()
  const servers = {
    old: async (name: OldIdentity) => {
      made.push(name)
      await make(name)
      return oldIdentity('sha1')
    },
  }
  const parts = {
    servers,
    setup: () => setup(changes),
    names: () => namesOf(setup(changes)),
    clock,
    log: { write: (_level: string, event: string) => void log.push(event) },
  }
  return { clock, made, log, stop, done: prepareOldIdentities(parts, stop.signal) }
}

describe('identities for old devices', () => {
  for (const [name, changes, needed] of table) {
    it(`${name}: ${needed.join(', ') || 'none'}`, () =>
      assert.deepEqual(neededIdentities(setup(changes)), needed))
  }

  it('are made when the start is over', async () => {
    const run = prepare({ devices: [small] }, () => Promise.resolve())
    await run.clock.jump(4 * second)
    assert.deepEqual(run.made, [])
    await run.clock.jump(second)
    await run.done
    assert.deepEqual(run.made, ['sha1', 'sha1-1024'])
  })

  it('that can’t be made are told, and the others are made', async () => {
    const run = prepare({ devices: [small] }, (name) =>
      name === 'sha1' ? Promise.reject(new Error('the disk is full')) : Promise.resolve(),
    )
    await run.clock.jump(5 * second)
    await run.done
    assert.deepEqual(run.log, ['certificate-not-made'])
    assert.deepEqual(run.made, ['sha1', 'sha1-1024'])
  })

  it('are not made in a house that stops', async () => {
    const run = prepare({}, () => Promise.resolve())
    run.stop.abort()
    await run.done
    assert.deepEqual(run.made, [])
  })
})
