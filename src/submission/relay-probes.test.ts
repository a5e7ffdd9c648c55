import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noTakeOver, Rig } from '../../test/submission/rig.ts'
import { address, device, passwordOf, setup } from '../../test/submission/setup.ts'
import type { Setup } from '../core/setup.ts'
import { hour, wallMs } from '../core/time.ts'
import { systemClock } from '../platform/clock.ts'
import { submitterOf } from './admission.ts'
import { judgeRecipient } from './envelope-addresses.ts'
import { findOpenings, type Gatekeepers, unknownAddresses } from './relay-probes.ts'
import { rulesOf } from './rules.ts'

const office = setup({
  gateway: { trustedNetworks: ['127.0.0.0/8', '192.168.7.0/24', 'fd00::/64', '::1'] },
  aliases: [{ name: 'board', to: [address('a@contoso.com'), address('b@fabrikam.com')] }],
  devices: [
    device('Panel', { addresses: ['192.168.7.20'] }),
    device('Scanner', { addresses: ['192.168.7.21'], password: passwordOf('Scanner'), username: 'scan1' }),
    device('Off', { addresses: ['192.168.7.22'], enabled: false }),
    device('Narrow', { addresses: ['192.168.7.23'], allowedRecipients: ['*@contoso.com', 'x@y.test'] }),
  ],
})
const sentences = (by: Setup, gatekeepers?: Partial<Gatekeepers>): readonly string[] =>
  findOpenings(rulesOf(by), {
    submitterOf,
    maySignIn: () => ({ code: 538, status: '5.7.11', text: '' }),
    judgeRecipient,
    ...gatekeepers,
  }).map(({ sentence }) => sentence)

describe('the look for openings', () => {
  it('finds none in an office', () => {
    assert.deepEqual(findOpenings(rulesOf(office)), [])
  })

  it('asks for addresses of trusted networks that are nobody’s', () => {
    assert.deepEqual(unknownAddresses(rulesOf(office)), ['127.255.255.255', '192.168.7.255', 'fd00::', '::1'])
  })

  it('finds a device without password whose addresses are the world’s', () => {
    const devices = [...office.devices, device('Wide', { addresses: ['203.0.112.0/22'] })]
    assert.deepEqual(sentences({ ...office, devices }), [
      'whoever has the address 203.0.113.253 may send as Wide without signing in',
    ])
  })

  it('finds passwords in clear from networks that are not trusted', () => {
    const [first] = sentences(office, { maySignIn: () => undefined })
    assert.equal(first, '192.0.2.253 is in no trusted network and may say passwords in clear')
  })

  it('finds an unknown device that is let in, and devices that are without what they need', () => {
    const [panel] = office.devices
    assert.ok(panel)
    assert.deepEqual(
      sentences(office, { submitterOf: () => ({ kind: 'device', device: panel }) }).filter(
        (sentence) => !sentence.includes('2001:') && !/19\d\.\d+\.\d+\.253|203/.test(sentence),
      ),
      [
        ...unknownAddresses(rulesOf(office)).map(
          (unknown) => `whoever has the address ${unknown} may send as Panel without signing in`,
        ),
        '192.168.7.21 may send as Scanner without its password',
        '192.168.7.22 may send as Off though it is switched off',
      ],
    )
  })

  it('finds every way around the recipients that a device may write to', () => {
    const everybody = device('Everybody')
    const found = sentences(office, {
      judgeRecipient: (rules, _device, command) => judgeRecipient(rules, everybody, command),
    })
    for (const [way, reached] of [
      ['<victim@relay-probe.invalid>', 'victim@relay-probe.invalid'],
      ['<victim%relay-probe.invalid@contoso.com>', 'victim%relay-probe.invalid@contoso.com'],
      ['<relay-probe.invalid!victim@contoso.com>', 'relay-probe.invalid!victim@contoso.com'],
      ['<@contoso.com:victim@relay-probe.invalid>', 'victim@relay-probe.invalid'],
      ['<victim@contoso.com.relay-probe.invalid>', 'victim@contoso.com.relay-probe.invalid'],
      ['<board>', 'b@fabrikam.com'],
    ]) {
      const sentence = `Narrow reaches ${reached} by RCPT TO:${way}, and its allowed_recipients do not`
      assert.ok(found.includes(sentence), `${sentence}\n${found.join('\n')}`)
    }
  })

  it('leaves no trace of its dialogue in sessions, log and memory', async () => {
    await using rig = await Rig.open({ setup: { ...office, listeners: setup().listeners } })
    assert.deepEqual(await rig.submission.openings(), [])
    await rig.submission.flush()
    assert.deepEqual(rig.submission.sessions(), [])
    assert.deepEqual([rig.log, rig.spool.savedSessions, rig.spool.remembered], [[], [], []])
    assert.equal(rig.memory.used, 0)
  })

  it('takes no take-over window for an opening: what comes by it only waits', async () => {
    const clock = systemClock(wallMs(0))
    const takeOver = await noTakeOver(clock)
    // The network whose address the dialogue speaks from.
    await takeOver.begin('127.0.0.0/8', hour, 'anna')
    await using rig = await Rig.open({
      setup: { ...office, listeners: setup().listeners },
      clock,
      takeOver,
    })
    assert.deepEqual(await rig.submission.openings(), [])
    assert.equal(rig.memory.used, 0)
  })

  it('speaks with whoever is let in by mistake', async () => {
    const devices = [device('World', { addresses: ['0.0.0.0/0'] })]
    await using rig = await Rig.open({ setup: setup({ devices }) })
    const found = (await rig.submission.openings()).map(({ sentence }) => sentence)
    assert.ok(
      found.includes('a session from 192.0.2.253 that did not sign in may send mail to anybody'),
      found.join('\n'),
    )
    assert.equal(rig.spool.open, 0)
    assert.equal(rig.memory.used, 0)
  })
})
