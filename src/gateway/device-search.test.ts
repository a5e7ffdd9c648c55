import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeviceTrait } from '../core/learning.ts'
import { hour, minute, wallMs } from '../core/time.ts'
import { findDevice, type NeighbourSearch } from './device-search.ts'

const now = wallMs(Date.UTC(2026, 10, 1, 12))
const ago = (ms: number) => wallMs(now - ms)
const seenAt = (lastSeen: number): DeviceTrait => ({
  device: 'Copier',
  address: '192.168.7.20',
  lastSeen: wallMs(lastSeen),
  lastSession: 'a',
  tls: '',
  mechanism: '',
  repairs: [],
})
const copier = { name: 'Copier', addresses: ['192.168.7.20'], mac: '' }

/** A network in which these addresses answer, and whom it was asked for. */
function network(hosts: Readonly<Record<string, string>>, isAttached = true) {
  const asked: string[] = []
  const search: NeighbourSearch = {
    look: (address) => {
      asked.push(address)
      return Promise.resolve({ kind: isAttached ? (address in hosts ? 'known' : 'unknown') : 'routed' })
    },
    addressesOf: (mac) =>
      Promise.resolve(Object.entries(hosts).flatMap(([address, at]) => (at === mac ? [address] : []))),
  }
  return { search, asked }
}

describe('a silent device', () => {
  it('that was here just now is not looked for', async () => {
    const { search, asked } = network({})
    const found = await findDevice({ device: copier, trait: seenAt(ago(2 * minute)), now }, search)
    assert.deepEqual([found, asked], [{ kind: 'here', lastSeen: ago(2 * minute) }, []])
  })

  it('is on but does not come here', async () => {
    const { search, asked } = network({ '192.168.7.20': 'x' })
    const found = await findDevice({ device: copier, trait: undefined, now }, search)
    assert.deepEqual(found, { kind: 'silent', address: '192.168.7.20', lastSeen: undefined })
    assert.deepEqual(asked, ['192.168.7.20'])
  })

  it('is not in the network', async () => {
    const found = await findDevice({ device: copier, trait: seenAt(ago(hour)), now }, network({}).search)
    assert.deepEqual(found, { kind: 'absent', address: '192.168.7.20', lastSeen: ago(hour) })
  })

  it('is looked for where its hardware is now', async () => {
    const device = { ...copier, mac: '00:26:73:00:00:01' }
    const { search, asked } = network({ '192.168.7.99': '00:26:73:00:00:01' })
    const found = await findDevice({ device, trait: undefined, now }, search)
    assert.deepEqual([found.kind, asked], ['silent', ['192.168.7.99']])
    const nowhere = await findDevice(
      { device: { ...device, addresses: [] }, trait: undefined, now },
      network({}).search,
    )
    assert.deepEqual(nowhere, { kind: 'absent', address: '00:26:73:00:00:01', lastSeen: undefined })
  })

  it('without an address is looked for where it was last; a network is never searched', async () => {
    const device = { ...copier, addresses: ['192.168.7.0/24'] }
    const { search, asked } = network({})
    await findDevice({ device, trait: seenAt(ago(hour)), now }, search)
    assert.deepEqual(asked, ['192.168.7.20'])
    const never = await findDevice({ device, trait: undefined, now }, search)
    assert.deepEqual([never.kind, asked.length], ['unknowable', 1])
  })

  it('behind a router can not be looked for', async () => {
    const found = await findDevice({ device: copier, trait: undefined, now }, network({}, false).search)
    assert.equal(found.kind === 'unknowable' && found.why, '192.168.7.20 is in no network of this box')
  })
})
