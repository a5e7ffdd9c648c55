import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { KernelNeighbours, type NeighbourSource } from './neighbours.ts'

const arp = `IP address       HW type     Flags       HW address            Mask     Device
192.168.7.20     0x1         0x2         00:1B:A9:33:44:55     *        eth0
192.168.7.2      0x1         0x2         00:1b:a9:00:00:02     *        eth0
192.168.7.21     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.7.23     0x1         0x0         00:1b:a9:33:44:55     *        eth0
`
const ipv6: Readonly<Record<string, string>> = {
  'fe80::20': 'fe80::20 dev eth0 lladdr 00:1b:a9:33:44:55 router STALE \n',
  'fe80::21': 'fe80::21 dev eth0  FAILED\n',
}
const source: NeighbourSource = {
  ipv4: () => Promise.resolve(arp),
  ipv6: (address) => Promise.resolve(ipv6[address] ?? ''),
  isAttached: (address) => /^(192\.168\.7\.|fe80:)/.test(address),
}
const broken: NeighbourSource = {
  ipv4: () => Promise.reject(new Error('ENOENT')),
  ipv6: () => Promise.reject(new Error('ENOENT')),
  isAttached: () => true,
}
const at = (address: string, from = source) => new KernelNeighbours(from).hardwareAt(address)
const scanner = { kind: 'known', mac: '00:1b:a9:33:44:55' }

describe('the hardware behind an address', () => {
  it('stands in the tables of IPv4 and IPv6', async () => {
    assert.deepEqual(await at('192.168.7.20'), scanner)
    assert.deepEqual(await at('::ffff:192.168.7.20'), scanner)
    assert.deepEqual(await at('fe80::20%eth0'), scanner)
    assert.deepEqual(await at('192.168.7.2'), { kind: 'known', mac: '00:1b:a9:00:00:02' })
  })

  it('is unknown where the table has no answer yet, no entry, or cannot be read', async () => {
    for (const address of ['192.168.7.21', '192.168.7.22', '192.168.7.23', 'fe80::21', 'fe80::22']) {
      assert.deepEqual(await at(address), { kind: 'unknown' }, address)
    }
    for (const address of ['192.168.7.20', 'fe80::20']) {
      assert.deepEqual(await at(address, broken), { kind: 'unknown' }, address)
    }
  })

  it('cannot be known behind a router', async () => {
    assert.deepEqual(await at('192.168.8.20'), { kind: 'routed' })
    assert.deepEqual(await new KernelNeighbours().hardwareAt('127.0.0.1'), { kind: 'routed' })
  })
})

/** A network of its own, with two entries in the kernel's real tables. */
const ownNetwork = `set -e
ip link add d0 type veth peer name d1
ip addr add 192.168.77.1/24 dev d0
ip -6 addr add fd77::1/64 dev d0 nodad
ip link set d0 up
ip link set d1 up
ip neigh add 192.168.77.20 lladdr 00:1b:a9:33:44:55 dev d0
ip -6 neigh add fd77::20 lladdr 00:1b:a9:33:44:55 dev d0
exec "$0" --input-type=module --no-warnings -e "$1"`
const asks = `
const { KernelNeighbours } = await import(${JSON.stringify(import.meta.resolve('./neighbours.ts'))})
const neighbours = new KernelNeighbours()
for (const address of ['192.168.77.20', '192.168.77.21', 'fd77::20', 'fd77::21', '192.168.78.20'])
  console.log(JSON.stringify(await neighbours.hardwareAt(address)))
`
const mayMakeNetworks =
  spawnSync('unshare', ['-n', ...'ip link add d0 type veth peer name d1'.split(' ')]).status === 0

describe('the kernel’s own tables', () => {
  it('are read for IPv4 and IPv6', { skip: mayMakeNetworks ? false : 'needs root and iproute2' }, () => {
    const { stdout, stderr } = spawnSync('unshare', ['-n', 'sh', '-c', ownNetwork, process.execPath, asks], {
      encoding: 'utf8',
    })
    const known = '{"kind":"known","mac":"00:1b:a9:33:44:55"}'
    const unknown = '{"kind":"unknown"}'
    assert.equal(stdout, [known, unknown, known, unknown, '{"kind":"routed"}', ''].join('\n'), stderr)
  })
})
