import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Alert, RaisedAlert } from '../core/alerts.ts'
import type { Machine, MachineAnswer } from '../core/machine.ts'
import type { NetworkView, NetworkWish } from '../core/machine-network.ts'
import { minute, second, wallMs } from '../core/time.ts'
import { jsonLog } from '../platform/log.ts'
import { wishDigest } from '../platform/wish-digest.ts'
import { edit } from '../settings/edits.ts'
import { scratchSettings } from '../settings/scratch-settings.ts'
import { NetworkCare } from './network-care.ts'
import { newAddresses } from './network-proof.ts'

const fixed = (address: string) => ({ network: { method: 'static', address } })

/** What the machine service does, as far as a gateway sees it. */
class MachineDouble implements Machine {
  kept: NetworkWish | null = null
  trial: { readonly id: string; readonly wish: NetworkWish | null } | null = null
  readonly asked: string[] = []
  /** The duty is not done; or done, and its answer is lost. */
  faults: Readonly<Record<string, 'refused' | 'lost'>> = {}

  get address(): string {
    return ((this.trial ? this.trial.wish : this.kept)?.address ?? '192.168.7.50/24').replace('/24', '')
  }

  view(): NetworkView {
    return {
      ports: { cable: ['eth0'], radio: [] },
      link: 'eth0',
      hardware: '',
      hasCarrier: true,
      addresses: [{ address: this.address, prefix: 24, origin: 'static' }],
      gateways: [],
      dns: [],
      ntp: [],
      kept: wishDigest(this.kept),
      trial: this.trial && { id: this.trial.id, leftMs: 1 },
      hasTime: false,
    }
  }

  // The types of the list are the service's own to hold.
  // biome-ignore lint/suspicious/noExplicitAny: one function for every duty
  async call(duty: string, ask: any): Promise<MachineAnswer<any>> {
    this.asked.push(duty)
    const fault = this.faults[duty]
    if (fault === 'refused') return { kind: 'refused', reason: 'it broke' }
    const answer = this.#do(duty, ask)
    if (fault === 'lost')
      return { kind: 'refused', reason: 'the machine service broke off before its answer' }
    return answer
  }

  // biome-ignore lint/suspicious/noExplicitAny: likewise
  #do(duty: string, { id, wish }: any): MachineAnswer<any> {
    switch (duty) {
      case 'network-try':
        this.trial = { id, wish }
        return { kind: 'done', answer: { leftMs: 2 * minute } }
      case 'network-keep':
        if (this.trial?.id !== id) return { kind: 'refused', reason: 'the trial is over' }
        this.kept = this.trial?.wish ?? null
        this.trial = null
        break
      case 'network-set':
        this.kept = wish
        this.trial = null
        break
      case 'network-undo':
        this.trial = null
        break
      default:
        return { kind: 'done', answer: this.view() }
    }
    return { kind: 'done', answer: {} }
  }
}

/** A box whose gateway may start again; settings and machine stay. */
function box() {
  const clock = new JumpingClock(wallMs(Date.UTC(2026, 10, 28)))
  const raised = new Map<string, RaisedAlert>()
  const machine = new MachineDouble()
  const settings = scratchSettings({ profile: 'packaged', dataDirectory: '/', now: () => clock.wall() })
  const gateway = () => {
    const stopping = new AbortController()
    const care = new NetworkCare({
      settings,
      dataDir: '/',
      machine,
      clock,
      signal: stopping.signal,
      onAddresses: () => {},
      alerts: {
        raise: (alert: Alert) => void raised.set(alert.key, { ...alert, since: clock.wall() }),
        clear: (key: string) => void raised.delete(key),
        active: () => [...raised.values()],
      },
      log: jsonLog(
        (line) => assert.fail(line),
        'error',
        () => clock.wall(),
      ),
    })
    return { care, stop: () => stopping.abort() }
  }
  const says = (tables: object) => assert.equal(edit(settings, { who: 'anna' }, { ...tables }).kind, 'done')
  const address = () => settings.document.network?.address
  const tried = async ({ care }: ReturnType<typeof gateway>, block: string) => {
    const network = parsed(block)
    assert.equal((await care.try(network, 'anna')).kind, 'done')
    await clock.jump(2 * second)
  }
  /** As the schema makes it. */
  const parsed = (block: string) => {
    const other = scratchSettings({ profile: 'packaged', dataDirectory: '/', now: () => clock.wall() })
    edit(other, { who: '' }, fixed(block))
    return other.document.network
  }
  return { clock, raised, machine, gateway, says, address, tried, parsed }
}

describe('a network that is kept', () => {
  it('is in the setup and on the machine, also where the answer of the machine is lost', async () => {
    for (const fault of [undefined, 'lost', 'refused'] as const) {
      const { machine, gateway, tried, address, raised, clock } = box()
      const running = gateway()
      await tried(running, '192.168.7.9/24')
      if (fault) machine.faults = { 'network-keep': fault }
      assert.deepEqual(await running.care.keep('192.168.7.9', 'anna'), { kind: 'done' })
      assert.equal(address(), '192.168.7.9/24')
      assert.deepEqual([machine.kept?.address, machine.trial], ['192.168.7.9/24', null])
      await clock.jump(5 * minute)
      running.stop()
      await gateway().care.start()
      assert.equal(machine.kept?.address, '192.168.7.9/24')
      assert.deepEqual([...raised.keys()], [])
    }
  })

  it('is made at the next start where everything died behind the setup', async () => {
    const { machine, gateway, tried, address } = box()
    const running = gateway()
    await tried(running, '192.168.7.9/24')
    machine.faults = { 'network-keep': 'refused', 'network-show': 'refused' }
    const keeping = machine.view()
    machine.call = (
      (call) => async (duty, ask) =>
        duty === 'network-show' && !machine.asked.includes('network-keep')
          ? { kind: 'done', answer: keeping }
          : call.call(machine, duty, ask)
    )(machine.call) as Machine['call']
    assert.equal((await running.care.keep('192.168.7.9', 'anna')).kind, 'refused')
    running.stop()
    assert.equal(address(), '192.168.7.9/24')
    machine.trial = null
    machine.faults = {}
    await gateway().care.start()
    assert.equal(machine.kept?.address, '192.168.7.9/24')
  })
})

describe('a network that nobody keeps', () => {
  it('is undone, also where the answer was lost with which it began', async () => {
    const { machine, gateway, tried, raised, clock } = box()
    const running = gateway()
    machine.faults = { 'network-try': 'lost' }
    await tried(running, '192.168.7.9/24')
    assert.equal(machine.trial, null)
    assert.equal(running.care.trial, undefined)
    assert.match(raised.get('network-undone')?.sentence ?? '', /is the one of before again: .* broke off/)
    machine.faults = { 'network-undo': 'refused' }
    await tried(running, '192.168.7.9/24')
    await clock.jump(3 * minute)
    assert.match(raised.get('network-undone')?.sentence ?? '', /goes back to the one of before by itself/)
    running.stop()
  })

  it('is known to be over when the machine says so, whatever the addresses are', async () => {
    const { machine, gateway, tried, raised, clock } = box()
    const running = gateway()
    await tried(running, '192.168.7.9/24')
    machine.trial = null
    await clock.jump(4 * second)
    assert.match(raised.get('network-undone')?.sentence ?? '', /is the one of before again/)
    running.stop()
  })

  it('does not begin where it was undone before', async () => {
    const { machine, gateway, clock, parsed } = box()
    const { care, stop } = gateway()
    await care.try(parsed('192.168.7.8/24'), 'anna')
    assert.deepEqual(await care.undo('anna'), { kind: 'done' })
    await clock.jump(3 * minute)
    assert.ok(!machine.asked.includes('network-try'))
    stop()
  })
})

describe('a document with another network', () => {
  it('is tried by a running gateway, and said not to be in force where nobody keeps it', async () => {
    const { machine, gateway, says, raised, clock } = box()
    const running = gateway()
    says(fixed('192.168.7.9/24'))
    await running.care.follow()
    await clock.jump(2 * second)
    assert.equal(machine.trial?.wish?.address, '192.168.7.9/24')
    await clock.jump(3 * minute)
    assert.deepEqual([machine.trial, machine.kept], [null, null])
    assert.match(raised.get('network-not-in-force')?.sentence ?? '', /nobody kept it/)
    running.stop()
  })

  it('is not made by a gateway that starts while it is on trial, and says so', async () => {
    const { machine, gateway, says, raised, clock } = box()
    const first = gateway()
    says(fixed('192.168.7.9/24'))
    await first.care.follow()
    await clock.jump(2 * second)
    first.stop()
    await gateway().care.start()
    assert.ok(!machine.asked.includes('network-set'))
    assert.match(raised.get('network-not-in-force')?.sentence ?? '', /nobody kept it/)
  })

  it('is followed when the trial of another one is over', async () => {
    const { machine, gateway, says, tried, clock } = box()
    const running = gateway()
    await tried(running, '192.168.7.8/24')
    says(fixed('192.168.7.9/24'))
    await running.care.follow()
    assert.equal(machine.trial?.wish?.address, '192.168.7.8/24')
    await clock.jump(125 * second)
    assert.equal(machine.trial?.wish?.address, '192.168.7.9/24')
    running.stop()
  })

  it('is made at a start, also where the network of the machine comes up later', async () => {
    const { machine, gateway, says, raised, clock } = box()
    says(fixed('192.168.7.9/24'))
    machine.faults = { 'network-show': 'refused' }
    const running = gateway()
    const starting = running.care.start()
    await clock.jump(second)
    machine.faults = {}
    await clock.jump(15 * second)
    await starting
    assert.equal(machine.kept?.address, '192.168.7.9/24')
    assert.deepEqual([...raised.keys()], [])
  })
})

describe('what proves that somebody reaches the new network', () => {
  const at = (...addresses: readonly string[]) => ({
    addresses: addresses.map((address) => ({ address, prefix: 24, origin: 'static' as const })),
  })
  const before = new Set(['192.168.7.50', 'fd00::5'])
  const wish = { address: '192.168.7.9/24', ipv6Address: '' } as NetworkWish // the two that count

  it('is a new address; no old one, even before the machine has left it', () => {
    assert.deepEqual(newAddresses(at('192.168.7.50', 'fd00::5'), { before, wish }), [])
    assert.deepEqual(newAddresses(at('192.168.7.9', 'fd00::5'), { before, wish }), ['192.168.7.9'])
    const spelled = { ...wish, address: '', ipv6Address: 'FD00:0::9/64' }
    assert.deepEqual(newAddresses(at('192.168.7.50', 'fd00::9'), { before, wish: spelled }), ['fd00::9'])
  })

  it('is each of them where all stayed', () => {
    assert.deepEqual(newAddresses(at('192.168.7.50'), { before, wish: null }), ['192.168.7.50'])
  })
})
