import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BoxInLan } from './box-in-lan.ts'
import { withoutNamespaces } from './namespaces.ts'

describe('an address of before', { skip: withoutNamespaces() }, () => {
  let both: BoxInLan
  const old = '192.168.77.5/24'
  before(async () => {
    both = await BoxInLan.open()
    both.serveDhcp('192.168.77.50')
    await both.has('192.168.77.50/24')
    await both.startService()
  })
  after(() => both?.[Symbol.dispose]())
  const hold = (...addresses: readonly string[]) => both.ask('address-hold', { addresses })

  it('is taken beside the lease where nobody has it', async () => {
    assert.deepEqual(await hold(old), { kind: 'done', answer: {} })
    await both.has(old)
    await both.has('192.168.77.50/24')
    both.lan.sh('ping -c1 -W5 192.168.77.5')
    const shown = await both.ask('network-show', {})
    assert.ok(shown.kind === 'done')
    const origins = shown.answer.addresses.map(({ address, origin }) => `${address} ${origin}`)
    assert.ok(origins.includes('192.168.77.5 held') && origins.includes('192.168.77.50 dhcp'), `${origins}`)
  })

  it('is given up when somebody else claims it', async () => {
    // Two announcements, as RFC 5227 section 2.3 wants: the first one is defended against.
    both.lan.sh('ip addr add 192.168.77.5/24 dev lan0; busybox arping -U -c 2 -I lan0 192.168.77.5')
    await both.lacks(old)
    await both.has('192.168.77.50/24')
  })

  it('is not taken from who answers there', async () => {
    await hold()
    await hold(old)
    // The probes of the other one that nobody has come from the same round: when it is there, this one is refused.
    await hold(old, '192.168.77.6/24')
    await both.has('192.168.77.6/24')
    assert.ok(!both.addresses().includes(old))
  })

  it('goes when it is not asked for any more', async () => {
    await hold()
    await both.lacks('192.168.77.6/24')
    await both.has('192.168.77.50/24')
  })

  it('is an address and nothing else', async () => {
    for (const address of ['192.168.77.5', '192.168.77.5/24\nDHCP=yes', 'fd00::5/64', ''])
      assert.equal((await hold(address)).kind, 'refused', address)
  })
})
