import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Machine } from '../core/machine.ts'
import { second, wallMs } from '../core/time.ts'
import { jsonLog } from '../platform/log.ts'
import { AddressMemory, type AddressMemoryParts } from './address-memory.ts'

/** A box whose devices were told 192.168.7.50, and that has 192.168.7.9. */
function box() {
  const clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 28)))
  const world = { own: ['192.168.7.9/24'], trial: null as { id: string; leftMs: number } | null }
  const held: (readonly string[])[] = []
  const machine = {
    async call(duty: string, { addresses = [] }: { readonly addresses?: readonly string[] }) {
      if (duty === 'address-hold') {
        held.push(addresses)
        world.own = [...world.own, ...addresses]
        return { kind: 'done', answer: {} }
      }
      return { kind: 'done', answer: { addresses: [], trial: world.trial } }
    },
  } as unknown as Machine // two duties of the list
  const settings = {
    kept: () => JSON.stringify(['192.168.7.50/24']),
    remember: () => {},
    record: () => {},
    setup: { devices: [] },
  } as unknown as AddressMemoryParts['settings'] // what it asks for
  const memory = new AddressMemory({
    settings,
    machine,
    own: () => world.own,
    neighbours: {
      hardwareAt: async () => ({ kind: 'unknown' }),
    } as unknown as AddressMemoryParts['neighbours'],
    clock,
    log: jsonLog(
      (line) => assert.fail(line),
      'error',
      () => clock.wall(),
    ),
    alerts: { raise: () => {}, clear: () => {}, active: () => [] },
  })
  return { clock, world, held, memory }
}

describe('an address that devices were told', () => {
  it('is not taken beside a network on trial, but as soon as that is over', async () => {
    const { clock, world, held, memory } = box()
    world.trial = { id: 'one', leftMs: 1 }
    const ending = new AbortController()
    const watching = memory.watch(ending.signal)
    await clock.jump(20 * second)
    assert.deepEqual(held, [])
    world.trial = null
    await clock.jump(20 * second)
    assert.deepEqual(held, [['192.168.7.50/24']])
    ending.abort()
    await watching
  })
})
