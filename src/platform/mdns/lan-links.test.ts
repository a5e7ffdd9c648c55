import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { beforeEach, describe, it } from 'node:test'
import { PlayedDatagrams } from '../../../test/played-datagrams.ts'
import { LanLinks } from './lan-links.ts'

let datagrams: PlayedDatagrams
let interfaces: Record<string, NetworkInterfaceInfo[]>
let troubles: string[]
let faults: string[]
let air: LanLinks

const of = { mac: '02:00:00:00:00:01', internal: false } as const
const four = (address: string): NetworkInterfaceInfo => ({
  ...of,
  ...{ address, cidr: `${address}/24`, family: 'IPv4', netmask: '255.255.255.0' },
})
const six = (address: string): NetworkInterfaceInfo => ({
  ...of,
  ...{ address, cidr: `${address}/64`, family: 'IPv6', netmask: 'ffff:ffff:ffff:ffff::', scopeid: 2 },
})
const names = () => air.links().map(({ name }) => name)
const sentTo = () => datagrams.sent.map(({ address }) => address)

beforeEach(() => {
  datagrams = new PlayedDatagrams()
  troubles = []
  faults = []
  interfaces = { eth0: [four('192.168.7.5'), six('fe80::5')], wlan0: [four('192.168.8.5')] }
  air = new LanLinks({
    interfaces: () => interfaces,
    createSocket: datagrams.createSocket,
    onFault: (error) => void faults.push(String(error)),
    onTrouble: (detail) => void troubles.push(detail),
  })
})

describe('the links of a box', () => {
  it('hear who is in their networks, and nobody from behind a router', () => {
    const heard: string[] = []
    air.listen((link, _, { address }) => void heard.push(`${link} ${address}`))
    assert.deepEqual(names(), ['eth0', 'wlan0'])
    for (const from of [
      '192.168.7.9',
      '192.168.8.9',
      '192.168.9.9',
      'fe80::9%eth0',
      'fe80::9%wlan0',
      '2001:db8::9',
    ])
      datagrams.tell(Buffer.from('x'), from, 5353)
    assert.deepEqual(heard, ['eth0 192.168.7.9', 'wlan0 192.168.8.9', 'eth0 fe80::9%eth0'])
  })

  it('are spoken to one by one, and an asker alone', () => {
    const [eth0, wlan0] = air.links()
    eth0?.say(Buffer.from('x'))
    assert.deepEqual(sentTo(), ['224.0.0.251', 'ff02::fb%eth0'])
    wlan0?.say(Buffer.from('x'))
    wlan0?.reply(Buffer.from('x'), { address: '192.168.8.9', port: 40_000 })
    assert.deepEqual(sentTo().slice(2), ['224.0.0.251', '192.168.8.9'])
  })

  it('come, go and get other addresses', () => {
    const [before] = air.links()
    interfaces = { eth0: [four('192.168.7.6')] }
    assert.deepEqual(names(), ['eth0'])
    assert.deepEqual(before?.addresses(), ['192.168.7.6'])
    assert.deepEqual(datagrams.joined, ['192.168.7.5', '192.168.8.5', '::%eth0', '192.168.7.6'])
    assert.deepEqual(datagrams.families, ['udp4'])
    interfaces = {}
    assert.deepEqual(names(), [])
    assert.deepEqual(datagrams.families, [])
  })

  it('are left, and joined again when they are asked for', () => {
    assert.deepEqual(names(), ['eth0', 'wlan0'])
    air.leave()
    assert.deepEqual(datagrams.families, [])
    assert.deepEqual(names(), ['eth0', 'wlan0'])
    assert.deepEqual(datagrams.families, ['udp4', 'udp6'])
  })

  it('are tried again in the family that failed, and told of once', () => {
    datagrams.denied.add('udp6')
    assert.deepEqual(
      [names(), names()],
      [
        ['eth0', 'wlan0'],
        ['eth0', 'wlan0'],
      ],
    )
    assert.deepEqual(datagrams.families, ['udp4'])
    datagrams.denied.clear()
    assert.deepEqual(names(), ['eth0', 'wlan0'])
    assert.deepEqual(datagrams.families, ['udp4', 'udp6'])
    assert.deepEqual(troubles, ['udp6: Error: bind EADDRINUSE'])
  })

  it('do without the one that can not be joined, until it can', () => {
    datagrams.unjoinable.add('192.168.8.5')
    assert.deepEqual([names(), names()], [['eth0'], ['eth0']])
    assert.deepEqual(troubles, ['wlan0 udp4: Error: addMembership ENODEV'])
    datagrams.unjoinable.clear()
    assert.deepEqual(names(), ['eth0', 'wlan0'])
  })

  it('hear nobody without a port, who can not be answered', () => {
    const [link] = air.links()
    air.listen((_, octets, from) => link?.reply(octets, from))
    for (const port of [0, 1]) datagrams.tell(Buffer.from('x'), '192.168.7.9', port)
    assert.deepEqual(
      datagrams.sent.map(({ port }) => port),
      [1],
    )
    assert.deepEqual(faults, [])
  })

  it('go on where what was heard could not be dealt with, and tell it', () => {
    air.links()
    air.listen(() => {
      throw new Error('nobody thought of it')
    })
    datagrams.tell(Buffer.from('x'), '192.168.7.9', 5353)
    assert.deepEqual(faults, ['Error: nobody thought of it'])
  })
})
