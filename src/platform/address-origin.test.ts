import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ownAddressOrigins } from './address-origin.ts'

// As iproute2 6.1 prints it, shortened to what is read and what must not mislead.
const printed = JSON.stringify([
  {
    ifname: 'lo',
    addr_info: [{ family: 'inet', local: '127.0.0.1', scope: 'host', valid_life_time: 4294967295 }],
  },
  {
    ifname: 'eth0',
    addr_info: [
      { family: 'inet', local: '192.168.7.2', scope: 'global', dynamic: true, valid_life_time: 3600 },
      { family: 'inet', local: '10.0.0.2', scope: 'global', valid_life_time: 4294967295 },
      { family: 'inet6', local: 'fd00::2', scope: 'global', dynamic: true },
    ],
  },
  {
    ifname: 'wlan0',
    addr_info: [
      { family: 'inet', local: '172.16.0.2', scope: 'global', valid_life_time: 600 },
      { family: 'inet', local: '172.16.0.3', scope: 'global', dynamic: true },
    ],
  },
])

describe('where the addresses of the box come from', () => {
  it('is told by the life time that a DHCP client gives them', async () => {
    assert.deepEqual(await ownAddressOrigins(async () => printed), [
      { address: '192.168.7.2', interface: 'eth0', origin: 'dhcp' },
      { address: '10.0.0.2', interface: 'eth0', origin: 'static' },
      { address: '172.16.0.2', interface: 'wlan0', origin: 'dhcp' },
      { address: '172.16.0.3', interface: 'wlan0', origin: 'dhcp' },
    ])
  })

  it('is not known without ip, or where it prints something else', async () => {
    assert.deepEqual(await ownAddressOrigins(() => Promise.reject(new Error('ENOENT'))), [])
    assert.deepEqual(await ownAddressOrigins(async () => 'no json'), [])
    assert.deepEqual(await ownAddressOrigins(async () => '{"ifname":"eth0"}'), [])
    assert.deepEqual(await ownAddressOrigins(async () => '[{"ifname":"eth0"}, null]'), [])
  })

  it('is read of this machine', async () => {
    for (const { address, origin } of await ownAddressOrigins()) {
      assert.match(address, /^\d+\.\d+\.\d+\.\d+$/)
      assert.ok(origin === 'static' || origin === 'dhcp')
    }
  })
})
