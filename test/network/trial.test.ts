import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BoxInLan, dhcpWish, staticWish } from './box-in-lan.ts'
import { withoutNamespaces } from './namespaces.ts'

const forbidden = withoutNamespaces()

describe('a network on trial', { skip: forbidden }, () => {
  let both: BoxInLan
  before(async () => {
    both = await BoxInLan.open()
    both.serveDhcp('192.168.77.50')
    await both.has('192.168.77.50/24')
    await both.startService()
  })
  after(() => both?.[Symbol.dispose]())
  const tries = async (id: string, wish = staticWish('192.168.99.9/24', '192.168.99.1')) =>
    assert.deepEqual(await both.ask('network-try', { id, wish }), {
      kind: 'done',
      answer: { leftMs: 120_000 },
    })

  it('ends after two minutes, though the service that began it was killed', async () => {
    await tries('lost')
    await both.has('192.168.99.9/24')
    await both.lacks('192.168.77.50/24')
    assert.notEqual(both.box.try('ping -c1 -W1 192.168.77.1').code, 0, 'the connection is lost')
    await both.killService()
    both.twoMinutesLater()
    await both.has('192.168.77.50/24')
    await both.lacks('192.168.99.9/24')
    await both.startService()
    const late = await both.ask('network-keep', { id: 'lost' })
    assert.equal(late.kind, 'refused')
  })

  it('ends with a start of the machine', async () => {
    await tries('power')
    await both.has('192.168.99.9/24')
    await both.restartMachine()
    await both.has('192.168.77.50/24')
    assert.ok(!both.addresses().includes('192.168.99.9/24'))
    await both.startService()
  })

  it('stays where it is kept, over a start of the machine too', async () => {
    await tries('good', staticWish('192.168.77.9/24', '192.168.77.1'))
    await both.has('192.168.77.9/24')
    assert.equal((await both.ask('network-keep', { id: 'other' })).kind, 'refused')
    assert.deepEqual(await both.ask('network-keep', { id: 'good' }), { kind: 'done', answer: {} })
    both.twoMinutesLater()
    await both.restartMachine()
    await both.has('192.168.77.9/24')
    assert.deepEqual(both.addresses(), ['192.168.77.9/24'])
    await both.startService()
  })

  it('says what the network is', async () => {
    const shown = await both.ask('network-show', {})
    assert.ok(shown.kind === 'done')
    const { link, hasCarrier, gateways, trial, kept, addresses } = shown.answer
    assert.deepEqual(
      { link, hasCarrier, gateways, trial },
      { link: 'eth0', hasCarrier: true, gateways: ['192.168.77.1'], trial: null },
    )
    assert.match(kept, /^[0-9a-f]{64}$/)
    assert.deepEqual(
      addresses.filter(({ origin }) => origin !== 'link-local'),
      [{ address: '192.168.77.9', prefix: 24, origin: 'static' }],
    )
  })

  it('tags frames, and the link is gone when it is undone', async (t) => {
    if (both.lan.try('ip link add link lan0 name tagged type vlan id 7').code !== 0)
      return t.skip('this kernel has no VLANs')
    both.lan.sh('ip addr add 192.168.70.1/24 dev tagged; ip link set tagged up')
    await tries('vlan', { ...staticWish('192.168.70.9/24'), vlan: 7 })
    await both.has('192.168.70.9/24', 'vlan7')
    both.lan.sh('ping -c1 -W5 192.168.70.9')
    assert.deepEqual(both.addresses('eth0'), [])
    await both.ask('network-undo', {})
    await both.has('192.168.77.9/24')
    assert.deepEqual(both.addresses('vlan7'), [])
    assert.notEqual(both.box.try('ip link show vlan7').code, 0)
  })

  it('is the machine’s own again', async () => {
    assert.deepEqual(await both.ask('network-set', { wish: null }), { kind: 'done', answer: {} })
    await both.has('192.168.77.50/24')
    await both.lacks('192.168.77.9/24')
  })

  it('refuses what this machine has no port for', async () => {
    const wifi = { ssid: 'office', passphrase: 'correct horse', country: 'DE' }
    const refused = await both.ask('network-try', { id: 'wifi', wish: { ...dhcpWish, wifi } })
    assert.deepEqual(refused, { kind: 'refused', reason: 'this machine has no port for Wi-Fi' })
  })
})
