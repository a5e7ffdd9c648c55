import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, device } from '../../../test/submission/setup.ts'
import { exampleStatus } from '../../commands/operations-double.fixture.ts'
import type { Finding } from '../../core/diagnosis.ts'
import { wallMs } from '../../core/time.ts'
import { systemClock } from '../../platform/clock.ts'
import { DnsNames } from '../../platform/name-service.ts'
import { startDns } from './dns-server.fixture.ts'
import { type DoctorParts, diagnose } from './doctor.ts'
import { boxWith, calmMachine, direct, pause, upstream } from './facts.fixture.ts'
import { smtpPlace } from './places.fixture.ts'

const banner = '220 AM0.outlook.com ready'
const hello = '250 AM0.outlook.com Hello [203.0.113.7]'

/** Everything in order, with a relay at this port; what was signed in to is kept. */
function partsFor(port: number, changes: Partial<DoctorParts> = {}) {
  const signedIn: string[] = []
  const relay = upstream({ host: '127.0.0.1', port, security: 'plain' })
  const parts: DoctorParts = {
    setup: boxWith([relay], { devices: [device('a', { sender: address('a@contoso.com') })] }),
    clock: systemClock(wallMs(0)),
    names: new DnsNames({ servers: ['127.0.0.1:9'], hostsFile: '/dev/null' }),
    roots: () => ({ kind: 'trust', context: undefined }),
    status: async () => ({ ...exampleStatus, upstreams: [], alerts: [] }),
    devices: async () => [],
    machine: async () => calmMachine,
    pauses: async () => [],
    expiries: () => [],
    attachedNetworks: () => ['192.0.2.2/24'],
    isSynchronised: () => true,
    signIn: async ({ name }) => {
      signedIn.push(name)
      return { claims: undefined, outcome: { kind: 'usable' }, isRightProved: true }
    },
    ...changes,
  }
  return { parts, signedIn, relay }
}

async function findings(parts: DoctorParts): Promise<ReadonlyMap<string, Finding>> {
  return new Map((await diagnose(parts)).findings.map((finding) => [finding.id, finding]))
}

describe('a diagnosis', () => {
  it('signs in where the way is open, and not where it is closed', async () => {
    await using place = await smtpPlace(banner, hello)
    const open = partsFor(place.port)
    assert.equal((await findings(open.parts)).get('sign-in/relay')?.state, 'ok')
    assert.deepEqual(open.signedIn, ['relay'])
    await using deaf = await smtpPlace('554 go away')
    const closed = partsFor(deaf.port)
    assert.equal((await findings(closed.parts)).get('sign-in/relay')?.state, 'not-checked')
    assert.deepEqual(closed.signedIn, [])
  })

  it('leaves alone what asking makes worse, unless it was paused by hand', async () => {
    await using place = await smtpPlace(banner, hello)
    const block = pause({ upstream: 'relay', code: 'mailbox-blocked', mayProbe: false })
    const blocked = partsFor(place.port, { pauses: async () => [block] })
    assert.match((await findings(blocked.parts)).get('sign-in/relay')?.sentence ?? '', /makes it worse/)
    assert.deepEqual(blocked.signedIn, [])
    const byHand = partsFor(place.port, { pauses: async () => [{ ...block, byOperator: true }] })
    await diagnose(byHand.parts)
    assert.deepEqual(byHand.signedIn, ['relay'])
  })

  it('asks for no change of a domain while the DNS lies', async () => {
    await using place = await smtpPlace(banner, hello)
    for (const [mood, state] of [
      ['honest', 'attention'],
      ['captive', 'not-checked'],
    ] as const) {
      await using dns = await startDns({ 'A relay.contoso.com': ['127.0.0.1'] }, mood)
      const { parts, relay } = partsFor(place.port)
      const setup = { ...parts.setup, upstreams: [{ ...relay, host: 'relay.contoso.com' }] }
      const names = new DnsNames({ servers: [dns.server], hostsFile: '/dev/null' })
      const found = await findings({ ...parts, setup, names })
      assert.equal(found.get('spf/contoso.com')?.state, state)
    }
  })

  it('reads the MX of the tenant, and the public address from its greeting', async () => {
    await using place = await smtpPlace(banner, hello)
    await using dns = await startDns({
      'MX contoso.com': ['0 127.0.0.1'],
      'TXT contoso.com': ['v=spf1 ip4:203.0.113.7 include:spf.protection.outlook.com -all'],
      'TXT spf.protection.outlook.com': ['v=spf1 -all'],
    })
    const { parts } = partsFor(place.port)
    const way = { ...direct, host: '127.0.0.1', port: place.port, security: 'plain' } as const
    const names = new DnsNames({ servers: [dns.server], hostsFile: '/dev/null' })
    const found = await findings({ ...parts, setup: { ...parts.setup, upstreams: [way] }, names })
    assert.equal(found.get('public-address/direct')?.state, 'ok')
    assert.match(found.get('public-address/direct')?.sentence ?? '', /203\.0\.113\.7/)
    assert.match(found.get('direct-send/direct')?.sentence ?? '', /is the mail host of the tenant/)
  })
})
