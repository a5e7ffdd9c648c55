import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, deviceSetup, setupOf, upstreamSetup } from '../../test/delivery-harness.ts'
import { messageIdOf } from './message-id.ts'
import { type PastMail, Rehearsing } from './rehearsal.ts'
import type { UpstreamSetup } from './setup.ts'
import { day, hour, minute, wallMs } from './time.ts'

const noon = wallMs(Date.UTC(2026, 10, 1, 12))
const scanner = deviceSetup('scanner', { sender: address('scanner@contoso.com') })

let numbers = 0
const mail = (with_: Partial<PastMail> = {}): PastMail => ({
  id: messageIdOf(++numbers),
  kind: 'mail',
  device: 'scanner',
  from: 'scanner@contoso.com',
  facts: { size: 1000, acsSize: 2000, fidelity: [] },
  acceptedWall: noon,
  recipients: [address('anna@contoso.com')],
  ...with_,
})

function rehearse(upstream: UpstreamSetup, mails: readonly PastMail[]) {
  const rehearsing = new Rehearsing(setupOf([upstream], [scanner]), upstream)
  for (const each of mails) rehearsing.add(each)
  return rehearsing.result(wallMs(noon - 30 * day), wallMs(noon + day))
}

describe('a rehearsal', () => {
  it('counts mail and recipients, and refuses none where nothing is wrong', () => {
    const found = rehearse(upstreamSetup('relay'), [
      mail(),
      mail({ recipients: [address('a@b.example'), address('c@d.example')] }),
    ])
    assert.deepEqual([found.mails, found.deliveries, found.refused], [2, 3, []])
  })

  it('says what is too large, by which size the way out counts', () => {
    const large = mail({ facts: { size: 9000, acsSize: 11_000, fidelity: [] } })
    const limit = { maxMessageSize: 10_000 }
    assert.deepEqual(rehearse(upstreamSetup('relay', limit), [large]).refused, [])
    const [group] = rehearse(upstreamSetup('acs', { ...limit, kind: 'acs-email' }), [large]).refused
    assert.deepEqual(group, {
      why: 'too-large',
      mails: 1,
      deliveries: 1,
      devices: ['scanner'],
      examples: [{ message: large.id, recipient: 'anna@contoso.com' }],
    })
  })

  it('tells recipients outside apart from those inside', () => {
    const direct = upstreamSetup('direct', { kind: 'exchange-direct', acceptedDomains: ['contoso.com'] })
    const both = mail({ recipients: [address('anna@contoso.com'), address('x@elsewhere.example')] })
    const found = rehearse(direct, [both, mail()])
    assert.deepEqual(
      found.refused.map(({ why, mails, deliveries }) => [why, mails, deliveries]),
      [['external-recipient', 1, 1]],
    )
    assert.equal(found.pace.mostPerMinute, 2)
  })

  it('refuses a sender that the way out takes not and has no other for', () => {
    const strict = upstreamSetup('acs', { senders: ['noreply@contoso.com'] })
    const [group] = rehearse(strict, [mail()]).refused
    assert.equal(group?.why, 'sender-not-taken')
  })

  it('names who would be seen as another sender', () => {
    const strict = upstreamSetup('acs', {
      senders: ['noreply@contoso.com'],
      sender: address('noreply@contoso.com'),
    })
    const found = rehearse(strict, [mail(), mail({ from: 'Scanner@contoso.com' })])
    assert.deepEqual(found.refused, [])
    assert.deepEqual(found.otherSenders, [
      { from: 'scanner@contoso.com', sender: 'noreply@contoso.com', mails: 2 },
    ])
  })

  it('takes the sender of the way out itself, whatever else it takes', () => {
    const own = { senders: ['other@contoso.com'], sender: address('noreply@contoso.com') }
    assert.deepEqual(rehearse(upstreamSetup('acs', own), [mail()]).refused, [])
  })

  it('counts what a way out that rebuilds would lose', () => {
    const calendar = mail({ facts: { size: 1, acsSize: 1, fidelity: ['calendar', 'from-name'] } })
    const acs = rehearse(upstreamSetup('acs', { kind: 'acs-email' }), [calendar, mail()])
    assert.deepEqual(acs.losses, [
      { flag: 'calendar', mails: 1 },
      { flag: 'from-name', mails: 1 },
    ])
    assert.deepEqual(rehearse(upstreamSetup('relay'), [calendar]).losses, [])
  })

  it('asks a way out that is switched off like any other', () => {
    const off = upstreamSetup('relay', { enabled: false, maxMessageSize: 500 })
    assert.equal(rehearse(off, [mail()]).refused[0]?.why, 'too-large')
  })

  it('finds the busiest windows and what the quota makes of them', () => {
    const at = (ms: number) => mail({ acceptedWall: wallMs(noon + ms) })
    const burst = [0, 1, 2, 3].map((n) => at(n * 1000))
    const { pace } = rehearse(upstreamSetup('acs', { quota: { perMinute: 2 } }), [
      ...burst,
      at(hour - 1),
      at(hour + 4000),
    ])
    assert.deepEqual(pace, {
      mostPerMinute: 4,
      mostPerHour: 5,
      mostPerDay: 6,
      waited: 2,
      longestWaitMs: minute - 2000,
    })
  })
})
