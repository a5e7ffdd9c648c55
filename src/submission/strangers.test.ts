import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { device, setup } from '../../test/submission/setup.ts'
import { rulesOf } from './rules.ts'
import { isStranger, mostRecipients, strangerAt } from './strangers.ts'
import { takeOverTrouble } from './take-over.ts'

const everywhere = { covers: () => true }
const rules = rulesOf(
  setup({
    devices: [device('Panel', { addresses: ['10.0.0.9'], mac: '00:26:73:00:00:09' })],
    gateway: { trustedNetworks: ['10.0.0.0/24'] },
  }),
)

describe('a stranger', () => {
  it('is whoever is covered, trusted and at no device’s address', () => {
    const at = (address: string, takeOver = everywhere) => strangerAt(rules, takeOver, address)?.name
    assert.equal(at('10.0.0.23'), 'unknown 10.0.0.23')
    assert.equal(at('10.0.0.23', { covers: () => false }), undefined)
    assert.equal(at('10.0.0.9'), undefined)
    assert.equal(at('10.0.1.23'), undefined)
  })

  it('is told from devices of the setup, whatever their name', () => {
    const stranger = strangerAt(rules, everywhere, '10.0.0.23') ?? assert.fail('none')
    const namesake = device('unknown 10.0.0.23')
    assert.deepEqual([isStranger(stranger), isStranger(namesake)], [true, false])
    assert.deepEqual([mostRecipients(rules, stranger), mostRecipients(rules, namesake)], [100, 1000])
  })
})

describe('a subnet for a take-over', () => {
  it('is one of the trusted networks', () => {
    const trusted = ['10.0.0.0/25', '10.0.0.0/24', 'fc00::/7']
    for (const subnet of ['10.0.0.0/24', '10.0.0.128/25', '10.0.0.7', 'fd00:1::/64'])
      assert.equal(takeOverTrouble(subnet, trusted), undefined, subnet)
    for (const subnet of [
      '10.0.0.0/23',
      '8.0.0.0/5',
      'fc00::/6',
      '10.0.1.0/24',
      '0.0.0.0/0',
      '::/0',
      'anywhere',
      '10.0.0.0/33',
      '10.0.0.0/24/7',
      '',
    ])
      assert.notEqual(takeOverTrouble(subnet, trusted), undefined, subnet)
  })
})
