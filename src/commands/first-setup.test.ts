import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setupOfBox } from './first-setup.ts'

describe('the setup document that a box would begin with', () => {
  it('is the one of its boot partition, also for root, whose shell knows nothing of the unit', () => {
    assert.equal(setupOfBox({}, '/var/lib/inkpost/'), '/boot/firmware/inkpost.toml')
    assert.equal(setupOfBox({ INKPOST_BOOT: '/run/boot' }, '/var/lib/inkpost'), '/run/boot/inkpost.toml')
    assert.equal(setupOfBox({ INKPOST_SETUP: '/a.toml' }, '/var/lib/inkpost'), '/a.toml')
  })

  it('is none in a checkout', () => {
    assert.equal(setupOfBox({}, './var'), undefined)
  })
})
