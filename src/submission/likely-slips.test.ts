import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closestLogin } from './closest-login.ts'
import { likelySlip } from './likely-slips.ts'

describe('a likely slip', () => {
  const cards = Array.from({ length: 9 }, (_, at) => ({ device: `Device ${at}`, password: `other${at}` }))

  it('is looked for in at most sixteen comparisons, each once', () => {
    for (const right of ['Oly 10zI', '12345678', 'k7m2p9qx', 'a', '']) {
      const tried: string[] = []
      likelySlip(right, 'scan1', cards, (password) => tried.push(password) < 0)
      assert.ok(tried.length <= 16, `${right}: ${tried}`)
      assert.deepEqual(tried, [...new Set(tried)])
      assert.ok(!tried.includes(right) && !tried.includes(''))
    }
  })

  it('is the device whose password it is', () => {
    const slip = likelySlip('k7m2p9qx', 'scan1', cards, (password) => password === 'other1')
    assert.deepEqual(slip, { kind: 'other-device', device: 'Device 1' })
  })

  it('by blanks is found though neighbours have passwords, and the right one has every kind of look-alike', () => {
    for (const said of ['Oly10zI ', ' k7m2p9qx', 'k7m2 p9qx', 'Oly1 0zI']) {
      const right = said.replace(/\s/g, '')
      const slip = likelySlip(right, 'scan1', cards.slice(0, 3), (password) => password === said)
      assert.deepEqual(slip, { kind: 'space' }, said)
    }
  })

  it('is the third neighbour’s password too, where the right one has every kind of variant', () => {
    const near = cards.slice(0, 3)
    const slip = likelySlip('Oly 10zI', 'scan1', near, (password) => password === 'other2')
    assert.deepEqual(slip, { kind: 'other-device', device: 'Device 2' })
  })

  it('is none where nothing fits', () => {
    assert.equal(
      likelySlip('k7m2p9qx', 'scan1', cards, () => false),
      undefined,
    )
  })
})

describe('the closest login', () => {
  const logins = ['scan1', 'copy12', 'reception-scanner']

  it('is one that differs by little', () => {
    assert.equal(closestLogin('scaner1', logins), 'scan1')
    assert.equal(closestLogin('scn1', logins), 'scan1')
    assert.equal(closestLogin('copy21', logins), 'copy12')
    assert.equal(closestLogin('receptionscaner', logins), 'reception-scanner')
  })

  it('is none of what looks like nothing', () => {
    assert.equal(closestLogin('anything', logins), undefined)
    assert.equal(closestLogin('', logins), undefined)
    assert.equal(closestLogin('x'.repeat(10_000), logins), undefined)
  })
})
