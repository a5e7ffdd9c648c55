import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { costText } from '../core/month-use.ts'
import type { Rehearsal } from '../core/rehearsal.ts'
import { hour, wallMs } from '../core/time.ts'
import { firewallList } from './firewall-list.ts'
import { monthReport } from './month-report.ts'
import { quotaTicket } from './quota-ticket.ts'

const mail = {
  protocol: 'tcp',
  speaks: 'https',
  purpose: 'mail',
  upstream: 'acs',
  isBehindProxy: false,
} as const

describe('the firewall list', () => {
  const facts = {
    box: 'branch-07',
    destinations: [
      { ...mail, host: 'contoso.communication.azure.com', port: 443 },
      { ...mail, host: 'login.microsoftonline.com', port: 443, purpose: 'sign-in', isBehindProxy: true },
    ] as const,
    later: [],
    entrances: [{ what: 'console', address: '127.0.0.1', port: 8025 }],
  }

  it('tells direct ways from those behind the proxy, and what comes in', () => {
    assert.equal(
      firewallList(facts),
      `Firewall list of the mail gateway "branch-07"

The box dials only what stands here. Names, not addresses: Microsoft changes the addresses without notice.

From the box to the outside:
  TO                               PORT  PROTOCOL  FOR  WHY
  contoso.communication.azure.com  443   TCP       acs  hands over mail

Through the proxy, which has to let these names pass unopened:
  TO                         PORT  PROTOCOL  FOR  WHY
  login.microsoftonline.com  443   TCP       acs  gets tokens from Entra

From the box to servers of the network, by the operating system:
  the DNS servers of the network, port 53, UDP and TCP; a time server, port 123, UDP

From the box to devices, when somebody asks for it:
  port 9100, TCP, to print the card of a device on its own paper; port 9, UDP, one datagram to look for a device

Between boxes of one identity, within the link only (multicast, both ways):
  ff12::696e:6b70 and 239.255.71.76, port 47625, UDP

Its name in the local network, within the link only (multicast DNS, both ways; who asks there is also answered alone):
  ff02::fb and 224.0.0.251, port 5353, UDP; to who asked: from port 5353, UDP

From the devices to the box:
  PORT  AT         WHAT
  8025  127.0.0.1  console

Nothing on the Internet needs to reach the box.
`,
    )
  })

  it('has what a way out needs that is switched off, apart from the rest', () => {
    const exchange = { ...mail, host: 'smtp.office365.com', port: 587, upstream: 'exchange' } as const
    assert.match(
      firewallList({ ...facts, later: [exchange] }),
      /\n\nNot dialled yet, .* switched off now:\n.*\n {2}smtp\.office365\.com +587 +TCP +exchange +hands over mail\n\n/,
    )
  })

  it('says so where nothing is dialled', () =>
    assert.match(firewallList({ ...facts, destinations: [] }), /nothing: it has no way out yet/))
})

describe('the report of a month', () => {
  const line = {
    mails: 10_000,
    recipients: 10_000,
    octets: 5e9,
    failed: 2,
    cost: { amount: 3.1, currency: 'USD' },
  }

  it('has ways out and devices with their cost', () => {
    const facts = { box: 'branch-07', month: '2026-11', isRunning: true }
    const text = monthReport({
      ...facts,
      upstreams: [{ name: 'acs', ...line }],
      devices: [{ name: 'Front desk', ...line, cost: undefined }],
    })
    assert.match(text, /^Mail of 2026-11 so far, gateway "branch-07"\n/)
    assert.match(text, /\nacs +10000 +10000 +5\.0 GB +2 +3\.10 USD\n/)
    assert.match(text, /\nFront desk +10000 +10000 +5\.0 GB +2\n/)
  })

  it('says so where nothing was sent, and has no column for a cost that nobody knows', () => {
    const facts = { box: 'b', month: '2026-10', isRunning: false }
    assert.match(monthReport({ ...facts, upstreams: [], devices: [] }), /Nothing was sent\./)
    const { cost: _, ...free } = line
    const text = monthReport({ ...facts, upstreams: [{ name: 'x', ...free, cost: undefined }], devices: [] })
    assert.doesNotMatch(text, /COST/)
  })

  it('shows small amounts to the digit', () => {
    assert.equal(costText({ amount: 0.00025, currency: 'USD' }), '0.0003 USD')
    assert.equal(costText({ amount: 0, currency: 'EUR' }), '0.00 EUR')
  })
})

describe('the ticket for a higher quota', () => {
  const rehearsal: Rehearsal = {
    upstream: 'acs',
    kind: 'acs-email',
    since: wallMs(0),
    until: wallMs(1),
    mails: 900,
    deliveries: 1000,
    refused: [],
    otherSenders: [],
    losses: [],
    pace: { mostPerMinute: 41, mostPerHour: 130, mostPerDay: 400, waited: 12, longestWaitMs: 3 * hour },
  }
  const facts = {
    box: 'branch-07',
    upstream: 'acs',
    service: 'https://contoso.communication.azure.com',
    senders: ['scanner@contoso.com'],
    contact: 'it@contoso.com',
    devices: 7,
    quota: { perMinute: 30, perHour: 100 },
    days: 30,
    rehearsal,
  }

  it('asks for the busiest so far and half as much again', () => {
    const text = quotaTicket(facts)
    assert.match(text, /Now: 30 a minute, 100 an hour\nWanted: 70 a minute, 200 an hour\n/)
    assert.match(text, /12 mails waited, the longest 3 hours\./)
    assert.match(text, /Mails: 900, to 1000 recipients/)
  })

  it('never asks for less than there is, and for more only with a reason', () => {
    const quiet = { ...rehearsal, pace: { ...rehearsal.pace, mostPerMinute: 1, mostPerHour: 200, waited: 0 } }
    assert.match(quotaTicket({ ...facts, rehearsal: quiet }), /Wanted: 30 a minute, 300 an hour/)
    const calm = { ...quiet, pace: { ...quiet.pace, mostPerHour: 2 } }
    const text = quotaTicket({ ...facts, rehearsal: calm })
    assert.match(text, /Wanted: \[the present limit was enough: .*\]/)
    assert.match(text, /No mail had to wait/)
  })

  it('leaves brackets for what the box cannot know', () => {
    const text = quotaTicket({ ...facts, senders: [], contact: '' })
    for (const blank of ['[subscription id]', '[MailFrom addresses]', '[name and telephone number]'])
      assert.ok(text.includes(blank), blank)
  })
})
