import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Peer } from '../../test/submission/peer.ts'
import { Rig } from '../../test/submission/rig.ts'
import { device, passwordOf, setup } from '../../test/submission/setup.ts'

const scanner = device('Scanner', { username: 'scan1', password: passwordOf('Scanner') })
const passwords = { [passwordOf('Scanner')]: '1234' }

describe('submission', () => {
  it('takes a mail from a device that signs in', async () => {
    await using rig = await Rig.open({ setup: setup({ devices: [scanner] }), passwords })
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 box.local ESMTP inkpost
      C: EHLO panel
      S: 250-box.local
      S: 250-PIPELINING
      S: 250-SIZE 35000000
      S: 250-STARTTLS
      S: 250-AUTH LOGIN PLAIN
      S: 250-ENHANCEDSTATUSCODES
      S: 250-8BITMIME
      S: 250 SMTPUTF8
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: c2NhbjE=
      S: 334 UGFzc3dvcmQ6
      C: MTIzNA==
      S: 235 2.7.0 Authentication successful
      C: MAIL FROM:<scanner@contoso.com>
      S: 250 2.1.0 Ok
      C: RCPT TO:<anna@contoso.com>
      S: 250 2.1.5 Ok
      C: DATA
      S: 354 End data with <CR><LF>.<CR><LF>
      C: Subject: Scan
      C:
      C: ..dot
      C: .
      S: 250 2.0.0 Ok 1
      C: QUIT
      S: 221 2.0.0 Bye
      S: (closed)
    `)
    const [spooled] = rig.spool.spooled
    assert.ok(spooled)
    assert.equal(spooled.message.device, 'Scanner')
    assert.deepEqual(spooled.message.envelope.recipients, [{ address: 'anna@contoso.com' }])
    assert.match(spooled.content.toString(), /\r\n\.dot\r\n$/)
    assert.deepEqual(rig.accepted, ['1'])
  })
})
