import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  blockKey,
  isPrivateBlock,
  isSingleAddress,
  isWholeInternet,
  type NetworkBlock,
  networkBlock,
} from './network-block.ts'

const block = (text: string): NetworkBlock => {
  const found = networkBlock(text)
  assert.ok(found, text)
  return found
}

describe('network blocks', () => {
  it('are equal when they hold the same addresses, however they are written', () => {
    for (const [one, other] of [
      ['192.168.7.99/24', '192.168.7.0/24'],
      ['10.0.0.1', '10.0.0.1/32'],
      ['fd00::1', 'fd00:0:0:0:0:0:0:1/128'],
      ['fd00:1::/32', 'fd00:1:2:3::/32'],
      ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
      ['0.0.0.0/0', '255.255.255.255/0'],
    ] as const)
      assert.equal(blockKey(block(one)), blockKey(block(other)), `${one} ${other}`)
    assert.notEqual(blockKey(block('0.0.0.0/0')), blockKey(block('::/0')))
    assert.notEqual(blockKey(block('10.0.0.0/8')), blockKey(block('10.0.0.0/9')))
  })

  it('are private only as a whole', () => {
    for (const text of [
      '10.1.2.3',
      '10.0.0.0/8',
      '172.31.0.0/16',
      '127.0.0.1',
      '::1',
      'fe80::/64',
      'fdff::/16',
    ])
      assert.ok(isPrivateBlock(block(text)), text)
    for (const text of [
      '10.0.0.0/7',
      '172.32.0.1',
      '172.16.0.0/11',
      '192.169.0.1',
      '::/0',
      '2001:db8::/32',
      '::',
    ])
      assert.ok(!isPrivateBlock(block(text)), text)
  })

  it('are one address, or the whole internet', () => {
    assert.ok(isSingleAddress(block('10.0.0.1')) && isSingleAddress(block('::1/128')))
    assert.ok(!isSingleAddress(block('10.0.0.0/31')))
    for (const text of ['0.0.0.0/0', '128.0.0.0/1', '8.0.0.0/7', '::/0', '2000::/3'])
      assert.ok(isWholeInternet(block(text)), text)
    for (const text of ['8.0.0.0/8', '2001:db8::/32', 'fc00::/7', '10.0.0.0/8'])
      assert.ok(!isWholeInternet(block(text)), text)
  })

  it('are none where the text is none', () => {
    for (const text of ['attached', '', '10.0.0.0/33', 'x', '10.0.0'])
      assert.equal(networkBlock(text), undefined)
  })
})
