import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { setupOf, upstreamSetup } from '../../test/delivery-harness.ts'
import type { Alert, RaisedAlert } from '../core/alerts.ts'
import type { FirewallPorts, Machine, MachineAnswer } from '../core/machine.ts'
import type { Setup } from '../core/setup.ts'
import { minute, second, wallMs } from '../core/time.ts'
import { jsonLog } from '../platform/log.ts'
import { FirewallCare } from './firewall-care.ts'

/** A machine that keeps what it is told, and answers as the test wants. */
function stage() {
  const clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 28)))
  const raised = new Map<string, RaisedAlert>()
  const told: FirewallPorts[] = []
  const world = {
    setup: setupOf([upstreamSetup('acs', { host: 'smtp.example.com', port: 587 })], []),
    open: [] as readonly number[],
    never: false,
    answer: { kind: 'done', answer: { isClosed: true } } as MachineAnswer<{ isClosed: boolean }>,
  }
  const machine = {
    call: async (_: string, ask: FirewallPorts) => {
      told.push(ask)
      return world.never ? new Promise(() => {}) : world.answer
    },
  } as unknown as Machine // one duty of the list
  const care = new FirewallCare({
    machine,
    clock,
    alerts: {
      raise: (alert: Alert) => void raised.set(alert.key, { ...alert, since: clock.wall() }),
      clear: (key: string) => void raised.delete(key),
      active: () => [...raised.values()],
    },
    log: jsonLog(
      () => {},
      'error',
      () => clock.wall(),
    ),
    setup: () => world.setup,
    retired: () => [],
    open: () => world.open,
  })
  return { clock, raised, told, world, care }
}

const withListener = (setup: Setup, port: number): Setup => ({
  ...setup,
  listeners: [{ name: 'mail', address: '::', port, security: 'starttls', tls: 'legacy', protocol: 'smtp' }],
  console: { ...setup.console, port: 443, tls: 'self-signed' },
})

describe('the firewall of a closed machine', () => {
  it('is told of the listeners, the console with its page at 80, and what is dialled without the proxy', async () => {
    const { world, care, told } = stage()
    world.setup = withListener(world.setup, 25)
    world.setup = { ...world.setup, alerts: { ...world.setup.alerts, syslog: 'udp://10.0.0.1:514' } }
    await care.follow()
    assert.deepEqual(told, [{ entrances: [25, 80, 443], tcp: [587], udp: [514] }])
  })

  it('is not waited for where the machine service hangs', async () => {
    const { world, care, clock, told } = stage()
    world.never = true
    const followed = care.followInTime()
    await clock.jump(6 * second)
    await followed
    assert.equal(told.length, 1)
    assert.equal(clock.waiting, 0)
  })

  it('opens a new port before the listener does, and closes the old one behind it', async () => {
    const { world, care, told } = stage()
    world.setup = withListener(world.setup, 25)
    world.open = [25]
    await care.follow()
    world.setup = withListener(world.setup, 26)
    await care.follow()
    world.open = [26]
    await care.follow()
    await care.follow()
    assert.deepEqual(
      told.map(({ entrances }) => entrances),
      [
        [25, 80, 443],
        [25, 26, 80, 443],
        [26, 80, 443],
      ],
    )
  })

  it('alerts where it is refused, and asks again until it is taken', async () => {
    const { world, care, told, raised, clock } = stage()
    const ending = new AbortController()
    world.answer = { kind: 'refused', reason: 'nft took none of it' }
    await care.follow()
    assert.match(raised.get('firewall-not-set')?.sentence ?? '', /nft took none of it/)
    const watching = care.watch(ending.signal)
    world.answer = { kind: 'done', answer: { isClosed: true } }
    await clock.jump(5 * minute)
    assert.equal(raised.size, 0)
    assert.equal(told.length, 2)
    ending.abort()
    await watching
  })

  it('waits for no answer at a stop, and asks nothing more', async () => {
    const { world, care, told, clock } = stage()
    const ending = new AbortController()
    world.answer = { kind: 'refused', reason: 'nft took none of it' }
    await care.follow()
    world.never = true
    const watching = care.watch(ending.signal)
    await clock.jump(5 * minute)
    assert.equal(told.length, 2, 'it is asked, and does not answer')
    ending.abort(new Error('stopping'))
    await watching
    await clock.jump(5 * minute)
    assert.equal(told.length, 2)
    const before = new AbortController()
    const sleeping = stage().care.watch(before.signal)
    before.abort(new Error('stopping'))
    await sleeping
  })

  it('leaves a machine alone that has an administrator of its own', async () => {
    const { world, care, told, raised } = stage()
    world.answer = { kind: 'absent' }
    await care.follow()
    await care.follow()
    assert.deepEqual([told.length, raised.size], [1, 0])
  })
})
