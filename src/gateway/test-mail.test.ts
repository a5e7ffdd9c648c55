import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { address, device, type SetupChanges, setup } from '../../test/submission/setup.ts'
import { SpoolDouble } from '../../test/submission/spool-double.ts'
import { wallMs } from '../core/time.ts'
import { sendTestMail } from './test-mail.ts'

const scanner = device('Front desk', {
  username: 'scan1',
  alsoKnownAs: ['Old1'],
  sender: address('scan@contoso.com'),
  allowedRecipients: ['*@contoso.com'],
})
const office = device('Office', { sender: address('office@contoso.com') })
const retired = device('Retired', { enabled: false })
const aliases = [{ name: 'ward', to: [address('a@contoso.com'), address('b@contoso.com')] }]

/** What comes of it: kind and recipients as spooled, or the refusal. */
async function send(name: string, to: string, changes: SetupChanges = {}): Promise<string> {
  const spool = new SpoolDouble()
  let accepted = 0
  const world = {
    spool,
    clock: new JumpingClock(wallMs(0)),
    bootId: 'test',
    setup: () =>
      setup({
        devices: [scanner, office, retired],
        aliases,
        ...changes,
        gateway: { name: 'Box', ...changes.gateway },
      }),
    onAccepted: () => {
      accepted += 1
    },
  }
  const sent = await sendTestMail(world, name, to)
  assert.equal(spool.spooled.length, sent.kind === 'done' ? 1 : 0)
  assert.equal(accepted, spool.spooled.length)
  if (sent.kind === 'refused') return sent.reason
  const message = spool.spooled[0]?.message
  return `${message?.device}: ${message?.kind} ${message?.envelope.recipients.map((r) => r.address).join(' ')}`
}

describe('a test mail', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['Front desk', 'test', 'Front desk: test test@box.local'],
    ['Front desk', 'TEST@box.LOCAL', 'Front desk: test test@box.local'],
    ['Front desk', 'test@contoso.com', 'Front desk: mail test@contoso.com'],
    ['Front desk', 'anna@contoso.com', 'Front desk: mail anna@contoso.com'],
    ['Front desk', 'anna', 'Front desk: mail anna@contoso.com'],
    ['Front desk', 'Ward', 'Front desk: mail a@contoso.com b@contoso.com'],
    ['Front desk', 'ward@box.local', 'Front desk: mail a@contoso.com b@contoso.com'],
    ['Front desk', 'x@fabrikam.com', 'Front desk may not write to x@fabrikam.com (allowed_recipients)'],
    ['Office', 'anna@box.local', 'anna@box.local is no name of this box'],
    ['Office', 'x y@z', 'x y@z is no mail address'],
    ['FRONT DESK', 'test', 'Front desk: test test@box.local'],
    ['SCAN1', 'test', 'Front desk: test test@box.local'],
    ['old1', 'test', 'Front desk: test test@box.local'],
    ['Retired', 'test', 'Retired is switched off (enabled = false): its mail is refused'],
    ['Nobody', 'test', 'there is no device Nobody: see `inkpost device list`'],
  ]
  for (const [name, to, comes] of rows) {
    it(`of ${name} to ${to}: ${comes}`, async () => assert.equal(await send(name, to), comes))
  }

  it('to a name alone needs a domain to complete it', async () => {
    assert.equal(
      await send('Office', 'anna', { gateway: { defaultDomain: '' } }),
      'anna is no alias, and there is no default_domain to complete it',
    )
  })
})
