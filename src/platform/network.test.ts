import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  attachedNetworks,
  canonicalAddress,
  isLoopback,
  isPrivate,
  NetworkSet,
  ownAddresses,
  parseBlock,
} from './network.ts'

describe('one spelling for an address', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['::ffff:192.168.7.20', '192.168.7.20'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['192.168.7.20', '192.168.7.20'],
    ['fe80::1%eth0', 'fe80::1'],
    ['FE80::ABCD', 'fe80::abcd'],
    ['::1', '::1'],
  ]
  for (const [said, plain] of rows)
    it(`${said} is ${plain}`, () => assert.equal(canonicalAddress(said), plain))
})

describe('a block', () => {
  for (const text of [
    '',
    '300.1.1.1',
    '10.0.0.0/33',
    'fc00::/129',
    '10.0.0.0/8/9',
    '10.0.0.0/',
    '10.0.0.0/-1',
    'attached',
    '10.0.0/8',
  ])
    it(`'${text}' is none`, () => assert.equal(parseBlock(text), undefined))
  it('is an address alone, too', () => {
    assert.equal(parseBlock('10.0.0.1')?.prefix, 32)
    assert.equal(parseBlock('::1')?.prefix, 128)
    assert.equal(parseBlock('0.0.0.0/0')?.prefix, 0)
  })
})

describe('a set of networks', () => {
  const set = new NetworkSet(
    ['192.168.7.0/24', '192.168.7.20', '10.0.0.0/8', 'fd00::/64', 'nonsense'],
    () => [],
  )
  const rows: readonly (readonly [string, number | undefined])[] = [
    ['192.168.7.20', 128],
    ['192.168.7.21', 120],
    ['::ffff:192.168.7.21', 120],
    ['10.255.0.1', 104],
    ['fd00::5', 64],
    ['fd00::5%eth0', 64],
    ['fd01::5', undefined],
    ['192.168.8.1', undefined],
    ['11.0.0.1', undefined],
    ['::a00:1', undefined],
    ['', undefined],
    ['printer', undefined],
  ]
  for (const [address, prefix] of rows)
    it(`${address || 'nothing'}: ${prefix ?? 'not in it'}`, () => {
      assert.equal(set.mostSpecific(address), prefix)
      assert.equal(set.has(address), prefix !== undefined)
    })

  it('asks for the box’s own networks each time', () => {
    let own = ['192.168.1.5/24']
    const attached = new NetworkSet(['attached'], () => own)
    assert.equal(attached.has('192.168.1.77'), true)
    own = ['172.16.0.9/12']
    assert.equal(attached.has('192.168.1.77'), false)
    assert.equal(attached.has('172.31.255.255'), true)
    assert.equal(new NetworkSet(['10.0.0.0/8'], () => own).has('172.31.255.255'), false)
  })

  it('holds every address of a block and its neighbours not', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 1, max: 32 }), (number, prefix) => {
        const text = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.')
        const size = 2 ** (32 - prefix)
        const first = Math.floor(number / size) * size
        const block = new NetworkSet([`${text(number)}/${prefix}`])
        assert.ok(block.has(text(first)) && block.has(text(first + size - 1)))
        if (first > 0) assert.ok(!block.has(text(first - 1)))
        if (first + size <= 0xffffffff) assert.ok(!block.has(text(first + size)))
      }),
      { numRuns: 200 },
    )
  })
})

describe('private and loopback', () => {
  const rows: readonly (readonly [string, boolean, boolean])[] = [
    ['127.0.0.1', true, true],
    ['127.255.255.254', true, true],
    ['::1', true, true],
    ['::ffff:127.0.0.1', true, true],
    ['10.1.2.3', true, false],
    ['172.31.0.1', true, false],
    ['172.32.0.1', false, false],
    ['192.168.0.1', true, false],
    ['169.254.9.9', true, false],
    ['fe80::1%wlan0', true, false],
    ['fd12::1', true, false],
    ['8.8.8.8', false, false],
    ['2001:db8::1', false, false],
    ['::', false, false],
  ]
  for (const [address, isOwn, isSelf] of rows)
    it(address, () => assert.deepEqual([isPrivate(address), isLoopback(address)], [isOwn, isSelf]))
})

describe('the machine', () => {
  it('knows its own addresses, loopback among them, and its networks, loopback not', () => {
    assert.ok(ownAddresses().includes('127.0.0.1'))
    const attached = attachedNetworks()
    assert.ok(attached.every((block) => parseBlock(block) !== undefined))
    assert.ok(!attached.some((block) => block.startsWith('127.')))
  })
})
