// The whole box: gateway, machine service, systemd-networkd, DHCP.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { NetworkSheet } from '../../src/core/network-operations.ts'
import { BoxInLan } from './box-in-lan.ts'
import { Gateway } from './gateway-in-box.ts'
import { eventually, withoutNamespaces } from './namespaces.ts'

const skip = withoutNamespaces()

describe('the network of a box', { skip }, () => {
  let both: BoxInLan
  let gateway: Gateway
  before(async () => {
    both = await BoxInLan.open()
    both.serveDhcp('192.168.77.50')
    await both.has('192.168.77.50/24')
    await both.startService()
    gateway = await Gateway.start(both)
  })
  after(() => both?.[Symbol.dispose]())
  const sheetAt = (address: string) => gateway.fromLan('GET', address, '/network') as Promise<NetworkSheet>

  it('is tried, and is the one of before where nobody keeps it: Home says so', async () => {
    const network = { method: 'static', address: '192.168.99.9/24', gateway: '192.168.99.1' }
    const begun = await gateway.fromLan('POST', '192.168.77.50', '/network/try', { network })
    assert.deepEqual((begun as { trial: NetworkSheet['trial'] }).trial?.urls, ['http://192.168.99.9:8025/'])
    await both.has('192.168.99.9/24')
    await both.killService()
    both.twoMinutesLater()
    await both.has('192.168.77.50/24')
    await both.startService()
    const undone = await eventually('the alert', async () => {
      const { active } = (await gateway.fromLan('GET', '192.168.77.50', '/alerts')) as {
        active: { key: string; sentence: string }[]
      }
      return active.find(({ key }) => key === 'network-undone')
    }, [both.box])
    assert.match(undone.sentence, /is the one of before again: nobody kept it within 120 s/)
    assert.equal((await sheetAt('192.168.77.50')).settings, null)
  })

  it('is refused in words before anything is tried', async () => {
    const network = { method: 'static', address: '192.168.77.9/24', gateway: '10.0.0.1' }
    const answer = await gateway.fromLan('POST', '192.168.77.50', '/network/try', { network })
    assert.deepEqual((answer as { trouble: unknown }).trouble, {
      why: 'invalid',
      fields: [{ field: 'gateway', sentence: '10.0.0.1 is not in the network of 192.168.77.9/24' }],
    })
    assert.equal((await sheetAt('192.168.77.50')).trial, null)
  })

  it('is kept through its new address alone, and then in the setup', async () => {
    const network = { method: 'static', address: '192.168.77.9/24', gateway: '192.168.77.1' }
    await gateway.fromLan('POST', '192.168.77.50', '/network/try', { network })
    await both.has('192.168.77.9/24')
    const bySsh = gateway.run('network keep', { SSH_CONNECTION: '192.168.77.1 50000 192.168.77.50 22' })
    assert.equal(bySsh.code, 1)
    assert.match(bySsh.stderr, /say so through the new address of the box: 192\.168\.77\.9/)
    assert.deepEqual(await gateway.fromLan('POST', '192.168.77.9', '/network/keep', {}), { kind: 'done' })
    assert.match(
      gateway.run('export').stdout,
      /\[network\]\nmethod = "static"\naddress = "192\.168\.77\.9\/24"\n/,
    )
    const { trial, machine, urls } = await sheetAt('192.168.77.9')
    assert.equal(trial, null)
    assert.ok(machine.kind === 'known' && machine.view.kept !== '')
    assert.deepEqual(urls.slice(0, 1), ['http://192.168.77.9:8025/'])
    both.twoMinutesLater()
    assert.ok(both.addresses().includes('192.168.77.9/24'))
  })

  it('is made as the setup says at a start, where nobody could keep it', async () => {
    const text = gateway.run('export').stdout.replace('192.168.77.9/24', '192.168.77.11/24')
    await gateway.stop()
    assert.equal(gateway.apply(text).code, 0)
    await gateway.serve()
    await both.has('192.168.77.11/24')
    await eventually('the audit', () => /network: made as the setup says/.test(gateway.run('audit').stdout))
  })
})

describe('an address that devices were told', { skip }, () => {
  let both: BoxInLan
  let gateway: Gateway
  before(async () => {
    both = await BoxInLan.open()
  })
  after(() => both?.[Symbol.dispose]())
  const told = async (at: string) =>
    ((await gateway.fromLan('GET', at, '/network')) as NetworkSheet).told.map(
      ({ address, state }) => `${address} ${state}`,
    )
  const alert = async (at: string) => {
    const { active } = (await gateway.fromLan('GET', at, '/alerts')) as {
      active: { key: string; severity: string; sentence: string; remedy: string }[]
    }
    return active.find(({ key }) => key === 'box-address-changed')
  }

  it('is held when the lease becomes another one, and the box says what to do', async () => {
    const first = both.serveDhcp('192.168.77.50')
    await both.has('192.168.77.50/24')
    await both.startService()
    gateway = await Gateway.start(both)
    assert.match(gateway.run('device card Scanner').stdout, /192\.168\.77\.50/)
    first.kill()
    await both.lan.kill('dnsmasq')
    both.serveDhcp('192.168.77.60')
    both.box.sh('networkctl forcerenew eth0 || networkctl renew eth0; networkctl reconfigure eth0')
    await both.has('192.168.77.60/24')
    await both.has('192.168.77.50/24')
    assert.match(await gateway.greeting('192.168.77.50'), /^220 /)
    const said = await eventually('the alert', () => alert('192.168.77.60'), [both.box])
    assert.match(
      said.sentence,
      /^This box has 192\.168\.77\.60 now, and devices were told 192\.168\.77\.50\. It answers at 192\.168\.77\.50 too/,
    )
    assert.match(said.remedy, /Reserve 192\.168\.77\.50 for this box in the router/)
    assert.equal(said.severity, 'warning')
    assert.deepEqual(await told('192.168.77.60'), ['192.168.77.50/24 held'])
  })

  it('is given up when somebody else claims it', async () => {
    both.lan.sh('ip addr add 192.168.77.50/24 dev lan0; busybox arping -U -c 2 -I lan0 192.168.77.50')
    await both.lacks('192.168.77.50/24')
    const said = await eventually('the alarm', async () => {
      const found = await alert('192.168.77.60')
      return found?.severity === 'alarm' && found
    }, [both.box])
    assert.match(said.sentence, /Somebody else has 192\.168\.77\.50/)
    assert.deepEqual(await told('192.168.77.60'), ['192.168.77.50/24 lost'])
  })

  it('is forgotten when the devices know the new one', async () => {
    assert.equal(gateway.run('network forget 192.168.77.50').code, 0)
    assert.equal(await alert('192.168.77.60'), undefined)
    assert.equal(gateway.run('network forget 192.168.77.50').code, 2)
  })
})

describe('a LAN without IPv4', { skip }, () => {
  it('has everything that one with it has', async () => {
    using both = await BoxInLan.open(['fd00:77::1/64'])
    both.serveAdvertisements('fd00:77::')
    const address = await eventually('an address', () =>
      both
        .addresses()
        .find((each) => each.startsWith('fd00:77:'))
        ?.replace('/64', ''),
    )
    await both.startService()
    const gateway = await Gateway.start(both)
    assert.match(await gateway.greeting(address), /^220 /)
    const sent = gateway.submit(address)
    assert.equal(sent.code, 0, sent.stderr)
    assert.ok(gateway.run('device card Scanner').stdout.includes(address))
    const sheet = (await gateway.fromLan('GET', address, '/network')) as NetworkSheet
    assert.deepEqual(sheet.urls, [`http://[${address}]:8025/`])
    const stranger = gateway.submit(address, 'nobody:wrong')
    assert.notEqual(stranger.code, 0)
  })
})
