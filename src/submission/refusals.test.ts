import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Peer } from '../../test/submission/peer.ts'
import { Rig } from '../../test/submission/rig.ts'
import { device, passwordOf, setup } from '../../test/submission/setup.ts'

const scanner = device('Scanner', {
  username: 'scan1',
  password: passwordOf('Scanner'),
  allowedRecipients: ['*@contoso.com'],
})
const passwords = { [passwordOf('Scanner')]: '1234' }
const refusals = (rig: Rig) => rig.log.filter(({ event }) => event === 'refused').map(({ fields }) => fields)

describe('refusals on the log', () => {
  it('tell code, status, listener and the device once it is known, of every step', async () => {
    await using rig = await Rig.open({
      setup: setup({ devices: [scanner], gateway: { maxMessageSize: 100 } }),
      passwords,
    })
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: HELO a
      S: 250 *
      C: MAIL FROM:<a@b.test>
      S: 530 5.7.0 Sign in first A4
      C: AUTH CRAM-MD5
      S: 504 5.5.4 Use AUTH LOGIN or PLAIN A3
      C: AUTH PLAIN AHNjYW4xADEyMzQ1
      S: 535 5.7.8 User name or password is wrong A0
      C: AUTH PLAIN AHNjYW4xADEyMzQ=
      S: 235 2.7.0 Authentication successful
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok
      C: RCPT TO:<secret@elsewhere.test>
      S: 550 5.7.1 Recipient not allowed R1
      C: RCPT TO:<anna@contoso.com>
      S: 250 2.1.5 Ok
      C: DATA
      S: 354 *
      C: Subject: ${'long '.repeat(40)}
      C: .
      S: 552 5.3.4 Message too large Z1
    `)
    const listener = 'submission'
    assert.deepEqual(refusals(rig), [
      { code: 530, status: '5.7.0', device: undefined, listener },
      { code: 504, status: '5.5.4', device: undefined, listener },
      { code: 535, status: '5.7.8', device: undefined, listener },
      { code: 550, status: '5.7.1', device: 'Scanner', listener },
      { code: 552, status: '5.3.4', device: 'Scanner', listener },
    ])
    assert.doesNotMatch(JSON.stringify(rig.log), /secret@elsewhere/)
  })

  it('tell of connections that are turned away', async () => {
    await using rig = await Rig.open({ setup: setup({ gateway: { trustedNetworks: ['10.0.0.0/8'] } }) })
    using peer = Peer.connect(rig.port())
    await peer.play('S: 554 5.7.1 Your network is not allowed here N5')
    assert.deepEqual(refusals(rig), [
      { code: 554, status: '5.7.1', device: undefined, listener: 'submission' },
    ])
  })
})
