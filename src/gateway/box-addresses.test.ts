import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BoxAddress } from '../core/device-view.ts'
import { addressWarning } from './box-addresses.ts'

const own = (changes: Partial<BoxAddress>): BoxAddress => ({
  address: '192.168.7.2',
  interface: 'eth0',
  origin: 'dhcp',
  isReserved: false,
  ...changes,
})

describe('the address on a card', () => {
  it('is warned of while it may become another one', () => {
    assert.match(
      addressWarning([own({})])?.sentence ?? '',
      /^192\.168\.7\.2 was lent to this box by the router/,
    )
    assert.match(addressWarning([own({ origin: 'unknown' })])?.sentence ?? '', /as far as is known/)
  })

  it('is not where it is fixed, or reserved', () => {
    assert.equal(addressWarning([own({ origin: 'static' }), own({ isReserved: true })]), undefined)
    assert.equal(addressWarning([]), undefined)
  })
})
