import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { address, device, type SetupChanges, setup } from '../../test/submission/setup.ts'
import { SpoolDouble } from '../../test/submission/spool-double.ts'
import { wallMs } from '../core/time.ts'
import { exampleSetup } from '../upstream/example-consignment.fixture.ts'
import { sendTrialMail } from './trial-mail.ts'

const scanner = device('Scanner', { sender: address('scan@contoso.com'), route: ['relay'] })
const upstreams = [
  exampleSetup({ name: 'relay', kind: 'smarthost' }),
  exampleSetup({ name: 'own', kind: 'smarthost', sender: address('own@contoso.com') }),
  exampleSetup({
    name: 'direct',
    kind: 'exchange-direct',
    acceptedDomains: ['contoso.com'],
    sender: address('d@contoso.com'),
  }),
  exampleSetup({ name: 'off', kind: 'smarthost', enabled: false }),
  exampleSetup({ name: 'kept', kind: 'outbox' }),
]

async function send(
  name: string,
  to: string,
  changes: SetupChanges = {},
  spool = new SpoolDouble(),
): Promise<string> {
  let accepted = 0
  const world = {
    spool,
    clock: new JumpingClock(wallMs(0)),
    bootId: 'test',
    setup: () => setup({ devices: [scanner], upstreams, ...changes }),
    onAccepted: () => {
      accepted += 1
    },
  }
  const sent = await sendTrialMail(world, name, to)
  assert.equal(accepted, sent.kind === 'done' ? 1 : 0)
  if (sent.kind === 'refused') return `${sent.isWrongInput === true ? 'wrong: ' : ''}${sent.reason}`
  const message = spool.spooled[0]?.message
  const { reversePath, recipients } = message?.envelope ?? { reversePath: '', recipients: [] }
  return `${message?.route?.join()}: ${reversePath} to ${recipients.map((each) => each.address).join()}`
}

describe('a test mail by one way out', () => {
  const box = { gateway: { sender: address('box@contoso.com') } }
  const rows: readonly (readonly [string, string, SetupChanges, string])[] = [
    ['relay', 'anna@contoso.com', {}, 'relay: scan@contoso.com to anna@contoso.com'],
    ['RELAY', ' anna@contoso.com ', {}, 'relay: scan@contoso.com to anna@contoso.com'],
    ['relay', 'anna@contoso.com', box, 'relay: box@contoso.com to anna@contoso.com'],
    ['own', 'anna@contoso.com', {}, 'own: own@contoso.com to anna@contoso.com'],
    [
      'relay',
      'anna@contoso.com',
      { devices: [] },
      'relay has no sender: set its sender, or gateway.sender, or that of a device',
    ],
    ['direct', 'anna@contoso.com', {}, 'direct: d@contoso.com to anna@contoso.com'],
    [
      'direct',
      'x@fabrikam.com',
      {},
      'direct takes mail for its accepted_domains only, and fabrikam.com is none of them',
    ],
    ['off', 'anna@contoso.com', {}, 'off is switched off (enabled = false)'],
    ['kept', 'anna@contoso.com', {}, 'kept keeps mail and sends none'],
    ['relay', 'anna', {}, 'wrong: anna is no mail address'],
  ]
  for (const [name, to, changes, wanted] of rows) {
    it(`${name} to ${to}: ${wanted}`, async () => assert.equal(await send(name, to, changes), wanted))
  }

  it('needs a way out that is there, and a disk', async () => {
    assert.match(await send('nobody', 'anna@contoso.com'), /nobody/)
    const full = new SpoolDouble()
    full.publication = async () => ({ kind: 'full' })
    assert.equal(await send('relay', 'anna@contoso.com', {}, full), 'the disk is full')
  })
})
