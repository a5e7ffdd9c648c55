import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, device } from '../../../test/submission/setup.ts'
import { exampleStatus } from '../../commands/operations-double.fixture.ts'
import type { Finding, MailHost, NameAnswer, SignInSight } from '../../core/diagnosis.ts'
import type { DeviceView, StatusView } from '../../core/operations.ts'
import type { UpstreamSetup } from '../../core/setup.ts'
import { day, hour, wallMs } from '../../core/time.ts'
import type { ProbeOutcome } from '../../core/upstream.ts'
import { boxFindings, type Expiry } from './box-findings.ts'
import { acs, boxWith, calmMachine, contact, direct, now, pause, upstream } from './facts.fixture.ts'
import { senderFinding, signInFinding } from './service-findings.ts'
import { type TenantFacts, tenantFindings } from './tenant-findings.ts'

const line = ({ state, sentence }: Finding): string => `${state}: ${sentence}`
const withId = (findings: readonly Finding[], id: string): Finding => {
  const found = findings.find((finding) => finding.id === id)
  assert.ok(found, `${id} in ${findings.map((finding) => finding.id).join(' ')}`)
  return found
}

describe('signing in', () => {
  const exchange = upstream({ name: 'exchange', kind: 'exchange-smtp', credential: acs.credential })
  const graph = { ...exchange, name: 'graph', kind: 'graph' } as const
  const claims = (...roles: readonly string[]) => ({ audience: 'https://x', roles, expiresAt: undefined })
  const asked = (outcome: ProbeOutcome, more: Partial<SignInSight> = {}): SignInSight => ({
    claims: undefined,
    outcome,
    isRightProved: false,
    ...more,
  })
  const secretExpired: ProbeOutcome = {
    kind: 'paused',
    scope: 'upstream',
    pause: {
      code: 'secret-expired',
      reason: 'The client secret has expired.',
      remedy: 'Make one.',
      mayProbe: true,
    },
  }
  const denied: ProbeOutcome = {
    kind: 'transient',
    code: 'denied',
    detail: 'Denied by the resource provider',
  }
  const rows: readonly (readonly [UpstreamSetup, SignInSight, RegExp, RegExp])[] = [
    [acs, asked({ kind: 'usable' }, { isRightProved: true }), /^ok: acs lets us in, with the right/, /^$/],
    [acs, asked(secretExpired), /^trouble: acs: The client secret has expired\.$/, /^Make one\.$/],
    [acs, asked(denied), /^trouble: acs lets us in but not send/, /Communication and Email Service Owner/],
    [
      { ...acs, credential: { kind: 'access-key', keys: [] } },
      asked(denied),
      /^trouble/,
      /Copy the current key/,
    ],
    [
      acs,
      asked({ kind: 'transient', code: 'unreachable-x', detail: 'reset' }),
      /^attention: .*\(unreachable-x\): reset/,
      /./,
    ],
    [acs, asked({ kind: 'throttled', afterMs: 1, detail: '429' }), /^ok: .* quota .*429/, /^$/],
    [
      exchange,
      asked(secretExpired, { claims: claims('Other') }),
      /^trouble: .* expired\. Its token does not carry SMTP\.SendAsApp\.$/,
      /./,
    ],
    [
      exchange,
      asked({ kind: 'usable' }, { claims: claims('SMTP.SendAsApp') }),
      /^ok: exchange lets us in\.$/,
      /^$/,
    ],
    [
      graph,
      asked({ kind: 'usable' }, { claims: claims() }),
      /^not-checked: .* no Mail\.Send\. .*RBAC/,
      /--send/,
    ],
    // The server has let it in: the right comes from somewhere.
    [exchange, asked({ kind: 'usable' }, { claims: claims(), isRightProved: true }), /^ok/, /^$/],
  ]
  for (const [way, sight, sentence, remedy] of rows) {
    it(`${way.kind}: ${sentence}`, () => {
      const finding = signInFinding(way, sight)
      assert.match(line(finding), sentence)
      assert.match(finding.remedy, remedy)
    })
  }

  it('shows what the token says of itself', () => {
    const said = { ...claims('Mail.Send'), expiresAt: now }
    assert.deepEqual(signInFinding(graph, asked({ kind: 'usable' }, { claims: said })).evidence, [
      'token for https://x',
      'roles: Mail.Send',
      'until 2026-11-21T12:00Z',
    ])
  })
})

describe('a sender', () => {
  it('is known to be refused, or can not be asked for without a mail', () => {
    const refused = pause({ sender: 'scan@contoso.com', reason: 'It does not exist.' })
    assert.match(line(senderFinding(acs, [refused])), /^trouble: acs refuses scan@contoso\.com: It does not/)
    assert.match(line(senderFinding(acs, [])), /^not-checked/)
    assert.match(senderFinding(acs, []).remedy, /doctor --send ADDRESS/)
  })
})

describe('ways out to the host of a tenant', () => {
  const greeting = ['250-AM0.outlook.com Hello [203.0.113.7]']
  const domain = (ranges: readonly string[]) => ({
    domain: 'contoso.com',
    upstreams: [direct],
    spf: { records: ['v=spf1'], lookups: 0, included: new Set<string>(), ranges, all: '', isUnknown: false },
    acsSelectors: [],
    exchangeSelectors: [],
    dmarc: { at: '', policy: '', isUnknown: false },
  })
  const mx = (...hosts: readonly string[]): NameAnswer<MailHost> => ({
    kind: 'found',
    values: hosts.map((host) => ({ host, preference: 0 })),
  })
  const of = (way: UpstreamSetup, changes: Partial<TenantFacts> = {}) =>
    tenantFindings({
      setup: boxWith([way], { devices: [] }),
      contacts: [contact({ ehlo: greeting }, { uses: [way.name] })],
      domains: [domain(['203.0.113.0/24'])],
      pauses: [],
      mailHosts: new Map([['contoso.com', mx(direct.host)]]),
      ...changes,
    })

  it('see an address of this site that SPF lists, or should', () => {
    const id = 'public-address/direct'
    assert.match(line(withId(of(direct), id)), /^ok: .* 203\.0\.113\.7, which SPF lists/)
    const bare = withId(of(direct, { domains: [domain(['198.51.100.1'])] }), id)
    assert.match(line(bare), /^attention: .* contoso\.com does not list/)
    assert.match(bare.remedy, /Add ip4:203\.0\.113\.7/)
    assert.match(line(withId(of(direct, { contacts: [] }), id)), /^not-checked/)
  })

  it('know a connector by that address, or by certificate', () => {
    const connector = upstream({ ...direct, name: 'connector', kind: 'exchange-connector' })
    const id = 'public-address/connector'
    assert.match(line(withId(of(connector), id)), /^ok: .* the connector of connector has to list it/)
    const mismatch = pause({ upstream: 'connector', code: 'connector-mismatch' })
    const trouble = withId(of(connector, { pauses: [mismatch] }), id)
    assert.match(line(trouble), /^trouble: .* which comes from 203\.0\.113\.7/)
    assert.match(trouble.remedy, /Enter 203\.0\.113\.7/)
    const known = of({ ...connector, credential: acs.credential })
    assert.match(line(withId(known, id)), /^ok: .* goes by certificate/)
  })

  it('are told to be the right host, another one, behind a filter, or closed', () => {
    const id = 'direct-send/direct'
    const mailHosts = (...hosts: readonly string[]) => ({
      mailHosts: new Map([['contoso.com', mx(...hosts)]]),
    })
    assert.match(line(withId(of(direct), id)), /^ok: .* is the mail host of the tenant/)
    const other = of(direct, mailHosts('fabrikam-com.mail.protection.outlook.com'))
    assert.match(line(withId(other, id)), /^attention: .* but mail for contoso\.com goes to fabrikam/)
    assert.match(line(withId(of(direct, mailHosts('mx.filter.example')), id)), /^ok: .* through a filter/)
    assert.match(line(withId(of(direct, { mailHosts: new Map() }), id)), /^not-checked/)
    const closed = pause({
      upstream: 'direct',
      code: 'direct-send-rejected',
      reason: 'The tenant rejects it.',
    })
    assert.match(line(withId(of(direct, { pauses: [closed] }), id)), /^trouble: direct: The tenant rejects/)
    assert.match(line(withId(of({ ...direct, acceptedDomains: [] }), id)), /^trouble: .* no accepted_domains/)
  })

  it('leave mail to outsiders waiting where a device has no other way', () => {
    const stranded = (allowedRecipients: readonly string[], ways: readonly UpstreamSetup[]) =>
      tenantFindings({
        setup: boxWith(ways, { devices: [device('Front desk', { allowedRecipients })] }),
        contacts: [],
        domains: [],
        pauses: [],
        mailHosts: new Map(),
      }).some(({ id, state }) => id === 'external-recipients' && state === 'attention')
    assert.equal(stranded([], [direct]), true)
    assert.equal(stranded(['*'], [direct]), true)
    assert.equal(stranded(['*@fabrikam.com'], [direct]), true)
    assert.equal(stranded(['*@contoso.com', 'anna@Contoso.com'], [direct]), false)
    assert.equal(stranded([], [direct, acs]), false)
    assert.equal(stranded([], []), false)
  })
})

describe('the box', () => {
  const fine: StatusView = {
    ...exampleStatus,
    listeners: exampleStatus.listeners.slice(0, 1),
    upstreams: [],
    alerts: [],
    queue: { byState: {}, oldestOpen: undefined, waitingByUpstream: {}, bytes: 0 },
  }
  const of = (changes: Partial<StatusView> = {}, more: Partial<Parameters<typeof boxFindings>[0]> = {}) =>
    boxFindings({ status: { ...fine, ...changes }, devices: [], expiries: [], machine: calmMachine, ...more })
  const alert = (key: string, severity: 'notice' | 'warning' | 'alarm') => ({
    key,
    severity,
    sentence: `${key}!`,
    remedy: 'Do it.',
    since: now,
  })
  const [acsView] = exampleStatus.upstreams
  assert.ok(acsView)
  const rows: readonly (readonly [string, Partial<StatusView>, RegExp])[] = [
    ['gateway', {}, /^ok/],
    ['gateway', { running: false }, /^attention: The gateway is not running/],
    ['disk', {}, /^ok: The disk has 12\.0 GB free/],
    ['disk', { disk: { writable: false, freeBytes: 0, detail: 'read-only' } }, /^trouble: .*: read-only\./],
    ['disk', { alerts: [alert('disk-nearly-full', 'warning')] }, /^attention: disk-nearly-full!/],
    ['vault', {}, /^ok/],
    ['vault', { vault: 'locked' }, /^trouble: The vault is locked/],
    ['listeners', {}, /^ok: Every listener accepts \(2525\)/],
    [
      'listeners',
      { listeners: exampleStatus.listeners },
      /^trouble: Listener submissions can't open port 2465/,
    ],
    ['listeners', { listeners: [] }, /^trouble: No listener/],
    ['queue', {}, /^ok: No mail waits/],
    [
      'queue',
      { queue: { ...fine.queue, oldestOpen: wallMs(fine.clock.wall - hour) } },
      /^ok: Mail is on its way/,
    ],
    [
      'queue',
      { queue: { ...fine.queue, oldestOpen: wallMs(fine.clock.wall - 5 * hour) } },
      /^attention: .* 5 hours/,
    ],
    ['ways-out', {}, /^attention: No way out is set up/],
    ['upstream/acs', { upstreams: [acsView] }, /^trouble: acs is paused: The client secret/],
    ['alert/open-relay', { alerts: [alert('open-relay', 'alarm')] }, /^trouble: open-relay!/],
    ['alert/x', { alerts: [alert('x', 'warning')] }, /^attention: x!/],
    ['alert/x', { alerts: [alert('x', 'notice')] }, /^ok: x!/],
    ['weak-devices', {}, /^ok: No device/],
  ]
  for (const [id, changes, wanted] of rows) {
    it(`${id}: ${wanted}`, () => assert.match(line(withId(of(changes), id)), wanted))
  }

  it('tells of a pause and of a full disk once', () => {
    const alerts = ['upstream-paused/acs', 'disk-nearly-full', 'vault-locked'].map((key) =>
      alert(key, 'alarm'),
    )
    assert.deepEqual(
      of({ alerts }).filter(({ id }) => id.startsWith('alert/')),
      [],
    )
  })

  it('has no listeners to speak of while it does not run', () => {
    assert.equal(
      of({ running: false }).some(({ id }) => id === 'listeners'),
      false,
    )
  })

  it('names weak devices without asking for anything', () => {
    const weak: DeviceView = {
      name: 'Old copier',
      username: undefined,
      addresses: [],
      sender: address('a@contoso.com'),
      owner: undefined,
      enabled: true,
      allowedRecipients: [],
      hasPassword: false,
      seen: undefined,
      weak: 'TLS 1.0',
      health: { kind: 'never-seen', word: 'never seen' },
      lastMail: undefined,
    }
    const finding = withId(of({}, { devices: [weak, { ...weak, weak: '' }] }), 'weak-devices')
    assert.match(line(finding), /^ok: One device is weak/)
    assert.deepEqual(finding.evidence, ['Old copier: TLS 1.0'])
  })

  it('says what ends, a month before', () => {
    const at = (days: number): Expiry => ({
      upstream: 'acs',
      what: 'client secret',
      at: wallMs(fine.clock.wall + days * day + hour),
    })
    const said = (days: number) => line(withId(of({}, { expiries: [at(days)] }), 'expires/acs'))
    assert.match(said(31), /^ok: The client secret of acs lasts until 2026-12-22/)
    assert.match(said(30), /^attention: .* ends on 2026-12-21, in 30 days/)
    assert.match(said(-1), /^trouble: .* ended on 2026-11-20/)
  })

  it('leaves what ends to the calendar where that has told of it', () => {
    const alert = {
      key: 'expires/secret/acs',
      severity: 'warning',
      sentence: 'It ends.',
      remedy: 'Renew it.',
    } as const
    const expiries = [{ upstream: 'acs', what: 'client secret', at: wallMs(fine.clock.wall + 45 * day) }]
    const other = { ...alert, key: 'expires/secret/hidden/acs', since: fine.clock.wall }
    assert.ok(withId(of({ alerts: [other] }, { expiries }), 'expires/acs'))
    const found = of({ alerts: [{ ...alert, since: fine.clock.wall }] }, { expiries })
    assert.deepEqual(found.filter(({ id }) => id.includes('expires')).map(line), [
      line(withId(found, 'alert/expires/secret/acs')),
    ])
  })
})
