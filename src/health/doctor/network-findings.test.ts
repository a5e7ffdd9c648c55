import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Finding, NameAnswer } from '../../core/diagnosis.ts'
import { minute, wallMs } from '../../core/time.ts'
import { type ClockFacts, clockFinding } from './clock-finding.ts'
import type { Contact, ContactEnd } from './contact.ts'
import { destinationsOf, placeOf } from './destinations.ts'
import { egressFindings } from './egress-findings.ts'
import { acs, boxWith, contact, direct, goodTls, now, upstream } from './facts.fixture.ts'
import { dnsFinding, nameFindings, networkFinding } from './name-findings.ts'
import { tlsFindings } from './tls-findings.ts'

const line = ({ state, sentence }: Finding): string => `${state}: ${sentence}`

/** A remedy stands where something needs doing, and nowhere else. */
function assertRemedied(finding: Finding): void {
  const isOpen = finding.state === 'trouble' || finding.state === 'attention'
  assert.equal(finding.remedy !== '', isOpen, line(finding))
}

describe('the clock', () => {
  const away = (byMs: number): Contact => contact({ date: { theirs: wallMs(now + byMs), ours: now } })
  const rows: readonly (readonly [Partial<ClockFacts>, RegExp])[] = [
    [{}, /^ok: The clock agrees/],
    [{ contacts: [away(4 * minute)] }, /^ok/],
    [{ contacts: [away(6 * minute)] }, /^trouble: The clock of this box is 6 minutes slow\./],
    [{ contacts: [away(-3 * 60 * minute)] }, /^trouble: .* 3 hours fast\./],
    [{ contacts: [away(400 * 24 * 60 * minute)] }, /^trouble: .* 400 days slow\./],
    // One place of two may be wrong itself.
    [{ contacts: [away(6 * minute), away(0)] }, /^ok/],
    [{ contacts: [contact({ date: undefined })] }, /^not-checked/],
    [{ contacts: [], isSynchronised: true }, /^ok: The clock was set by a time server/],
    [
      { contacts: [], isBelievable: false, now: wallMs(0) },
      /^trouble: .* says 1970-01-01 00:00 UTC, which is before/,
    ],
  ]
  for (const [facts, wanted] of rows) {
    it(String(wanted), () => {
      const finding = clockFinding({
        now,
        isBelievable: true,
        isSynchronised: undefined,
        contacts: [contact()],
        ...facts,
      })
      assert.match(line(finding), wanted)
      assertRemedied(finding)
    })
  }
})

describe('the DNS', () => {
  const answered = (...answers: readonly (readonly [string, NameAnswer<string>])[]): readonly Contact[] =>
    answers.map(([host, names]) => contact({ names }, { host }))
  const found = (...values: readonly string[]): NameAnswer<string> => ({ kind: 'found', values })
  const absent: NameAnswer<string> = { kind: 'no-name' }
  const silent: NameAnswer<string> = { kind: 'silent', code: 'ETIMEOUT' }
  const rows: readonly (readonly [readonly Contact[], NameAnswer<string>, RegExp])[] = [
    [answered(['a.example', found('192.0.2.1')]), absent, /^ok: The DNS server 192\.0\.2\.53 answers/],
    [answered(['a.example', silent]), silent, /^trouble: The DNS server 192\.0\.2\.53 does not answer/],
    [answered(['a.example', found('192.0.2.1')], ['b.example', silent]), absent, /^ok/],
    [answered(['a.example', { kind: 'failed', code: 'SERVFAIL' }]), absent, /^trouble: .*\(SERVFAIL\)/],
    [answered(['a.example', absent]), absent, /^ok/],
    [
      answered(['a.example', found('10.0.0.1')]),
      found('10.0.0.1'),
      /^trouble: .* every name, .* 10\.0\.0\.1/,
    ],
    [
      answered(['smtp.office365.com', found('10.0.0.1')]),
      absent,
      /^trouble: The DNS says that smtp\.office365\.com is at 10\.0\.0\.1, in a private network/,
    ],
    // A relay of the house has a private address.
    [answered(['mail.contoso.com', found('10.0.0.1')]), absent, /^ok/],
    [
      answered(['login.microsoftonline.com', absent]),
      absent,
      /^trouble: .* says that there is no login\.microsoftonline\.com: it is cut off/,
    ],
    [answered(['192.0.2.9', found('192.0.2.9')]), silent, /^ok: No way out needs the DNS/],
  ]
  for (const [contacts, impossible, wanted] of rows) {
    it(String(wanted), () => {
      const finding = dnsFinding({ servers: ['192.0.2.53'], contacts, impossible })
      assert.match(line(finding), wanted)
      assertRemedied(finding)
    })
  }

  it('is asked for the proxy where there is one, which may be at home', () => {
    const contacts = [
      contact(
        { names: found('10.0.0.8'), proxy: 'proxy.contoso.com:3128' },
        { host: 'login.microsoftonline.com' },
      ),
    ]
    const finding = dnsFinding({ servers: ['192.0.2.53'], contacts, impossible: absent })
    assert.equal(finding.state, 'ok')
    assert.deepEqual(finding.evidence, ['proxy.contoso.com: 10.0.0.8'])
    const slip = contacts.map((each) => ({ ...each, names: absent }))
    assert.equal(dnsFinding({ servers: [], contacts: slip, impossible: absent }).state, 'ok')
  })

  it('names each host that it does not have, once', () => {
    const slip = { host: 'smpt.contoso.com', uses: ['relay'] }
    const findings = nameFindings([
      contact({ names: absent }, slip),
      contact({ names: absent }, slip),
      contact({ names: { kind: 'no-record' } }, { host: 'contoso.com' }),
      contact({ names: silent }, { host: 'other.example' }),
      contact({ names: absent, proxy: 'proxy:3128' }, { host: 'far.example' }),
    ])
    assert.deepEqual(findings.map(line), [
      'trouble: There is no host smpt.contoso.com (needed for relay).',
      'trouble: contoso.com has no address (needed for relay).',
    ])
  })

  it('is not blamed for names where it denies what everybody has', () => {
    assert.deepEqual(nameFindings(answered(['smtp.office365.com', absent], ['a.example', absent])), [])
  })
})

describe('the network', () => {
  it('is there, missing, or not needed', () => {
    assert.match(line(networkFinding(['192.0.2.2/24'], true)), /^ok: The box is in 192\.0\.2\.2\/24/)
    assert.match(line(networkFinding([], true)), /^trouble: The box is in no network/)
    assert.match(line(networkFinding([], false)), /^not-checked/)
  })
})

describe('the way to a place', () => {
  const of = (end: ContactEnd, port = 25, changes: Partial<Contact> = {}) =>
    egressFindings([
      contact({ end, tls: undefined, ...changes }, { host: 'mx.contoso.com', port }),
      contact({}, { host: 'login.microsoftonline.com', port: 443 }),
    ])[0]
  const rows: readonly (readonly [ContactEnd, RegExp, RegExp])[] = [
    [{ kind: 'reached' }, /^ok: mx\.contoso\.com:25 answers\./, /^$/],
    [
      { kind: 'dropped' },
      /^trouble: mx\.contoso\.com on port 25 does not answer, while port 443 gets through: port 25 is blocked\./,
      /Internet provider to open outgoing port 25/,
    ],
    [{ kind: 'refused' }, /^trouble: mx\.contoso\.com on port 25 refuses/, /Compare host and port/],
    [{ kind: 'unreachable', code: 'EHOSTUNREACH' }, /^trouble: There is no way .*EHOSTUNREACH/, /router/],
    [{ kind: 'silent' }, /^trouble: .* says nothing/, /without inspection/],
    [{ kind: 'closed', code: 'ECONNRESET' }, /^trouble: .* closes it at once \(ECONNRESET\)/, /firewall/],
    [{ kind: 'foreign', said: 'HTTP/1.1 302' }, /^trouble: Somebody else answers .*302/, /portal/],
    [{ kind: 'turned-away', said: '554 no' }, /^trouble: .* turns this box away: 554 no/, /block list/],
    [{ kind: 'ca-unreadable', detail: 'gone' }, /^trouble: .* can't be read: gone/, /ca_file/],
    [{ kind: 'proxy-refused', status: 407, said: '' }, /^trouble: .* wants a sign-in/, /without a sign-in/],
    [{ kind: 'proxy-refused', status: 403, said: '403 No' }, /^trouble: .*: 403 No/, /pass CONNECT/],
    [{ kind: 'no-starttls', isMasked: true }, /^ok/, /^$/],
    [{ kind: 'tls-failed', detail: 'x' }, /^ok/, /^$/],
  ]
  for (const [end, sentence, remedy] of rows) {
    it(`${end.kind}: ${sentence}`, () => {
      const finding = of(end)
      assert.ok(finding)
      assert.match(line(finding), sentence)
      assert.match(finding.remedy, remedy)
    })
  }

  it('names the port for the firewall where it is not the provider who blocks', () => {
    assert.match(of({ kind: 'dropped' }, 587)?.remedy ?? '', /outgoing TCP port 587 to mx\.contoso\.com/)
  })

  it('may be a proxy that nobody has named', () => {
    const blocked = egressFindings([contact({ end: { kind: 'dropped' } }, { port: 443, speaks: 'https' })])
    assert.match(blocked[0]?.remedy ?? '', /name it in gateway\.proxy/)
    const named = of({ kind: 'dropped' }, 444, { proxy: 'proxy:3128' })
    assert.equal(named && line(named), 'trouble: The proxy proxy:3128 does not answer.')
  })

  it('is the proxy where there is one', () => {
    const finding = of({ kind: 'refused' }, 443, { proxy: 'proxy:3128' })
    assert.match(finding ? line(finding) : '', /: The proxy proxy:3128 refuses/)
    assert.match(finding?.remedy ?? '', /gateway\.proxy/)
  })

  it('can not be tried where no name can be looked up', () => {
    const finding = of({ kind: 'unresolved' }, 25, { names: { kind: 'silent', code: 'ETIMEOUT' } })
    assert.equal(
      finding && line(finding),
      "not-checked: mx.contoso.com:25 can't be tried: no name can be looked up.",
    )
  })

  it('is one finding for all where nothing outside answers', () => {
    const lost = [25, 443].map((port) => contact({ end: { kind: 'dropped' } }, { port }))
    const findings = egressFindings([...lost, contact({}, { host: '127.0.0.1' })])
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['internet'],
    )
    assert.equal(findings[0]?.state, 'trouble')
  })
})

describe('encryption with a place', () => {
  const of = (changes: Partial<Contact>) => tlsFindings([contact(changes)], now)[0]
  const bad = (error: string) => ({ tls: { ...goodTls, error, issuer: 'Fortinet', subject: 'firewall' } })
  const rows: readonly (readonly [Partial<Contact>, RegExp, RegExp])[] = [
    [{}, /^ok: .*\(TLSv1\.3, from Example CA\)/, /^$/],
    [
      bad('ERR_TLS_CERT_ALTNAME_INVALID'),
      /^trouble: .* a certificate for firewall, issued by Fortinet: not for smtp\.contoso\.com/,
      /exempt it from inspection/,
    ],
    [
      bad('SELF_SIGNED_CERT_IN_CHAIN'),
      /^trouble: .* issued by Fortinet, which this box does not trust/,
      /ca_file/,
    ],
    [bad('CERT_HAS_EXPIRED'), /^trouble: .* not valid today \(2026-11-21\): it ended on 2027-06-01/, /clock/],
    [bad('CERT_NOT_YET_VALID'), /^trouble: .* it begins later/, /clock/],
    [
      { tls: { ...goodTls, validTo: wallMs(now + 3 * 24 * 60 * minute) } },
      /^attention: .* ends on 2026-11-24/,
      /renew/,
    ],
    [
      { end: { kind: 'no-starttls', isMasked: true }, tls: undefined },
      /^trouble: A firewall .* X\./,
      /Cisco/,
    ],
    [
      { end: { kind: 'no-starttls', isMasked: false }, tls: undefined },
      /^trouble: .* \(STARTTLS\)/,
      /port 465/,
    ],
    [
      { end: { kind: 'tls-failed', detail: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' }, tls: undefined },
      /^trouble/,
      /older than 1\.2/,
    ],
    [
      { end: { kind: 'tls-failed', detail: 'reset' }, tls: undefined },
      /^trouble: .* fails: reset/,
      /security/,
    ],
  ]
  for (const [changes, sentence, remedy] of rows) {
    it(String(sentence), () => {
      const finding = of(changes)
      assert.ok(finding)
      assert.match(line(finding), sentence)
      assert.match(finding.remedy, remedy)
      assertRemedied(finding)
    })
  }

  it('is not spoken of where there is none to be had', () => {
    assert.equal(of({ end: { kind: 'dropped' }, tls: undefined }), undefined)
  })
})

describe('the places of a setup', () => {
  it('are those of its enabled ways out and alerts, each once, and no others', () => {
    const setup = boxWith(
      [
        { ...acs, reportsQueue: 'https://contoso.queue.core.windows.net/acs-reports' },
        { ...acs, name: 'graph', kind: 'graph', endpoint: 'https://graph.microsoft.com' },
        direct,
        { ...direct, name: 'connector', kind: 'exchange-connector', credential: acs.credential },
        upstream({ name: 'off', host: 'off.contoso.com', enabled: false }),
        upstream({ name: 'box', kind: 'outbox', host: '' }),
      ],
      { alerts: { webhook: 'https://hooks.contoso.com:8443/x', syslog: '', weeklyLetter: true, caFile: '' } },
    )
    assert.deepEqual(
      destinationsOf(setup).map((place) => [placeOf(place), place.uses.join(', ')]),
      [
        ['contoso.communication.azure.com:443', 'acs'],
        ['login.microsoftonline.com:443', 'the sign-in of acs, the sign-in of graph'],
        ['contoso.queue.core.windows.net:443', 'the delivery reports of acs'],
        ['graph.microsoft.com:443', 'graph'],
        ['contoso-com.mail.protection.outlook.com:25', 'direct, connector'],
        ['hooks.contoso.com:8443', 'alerts'],
      ],
    )
  })

  it('are written as an address of IPv6 is', () => {
    const [place] = destinationsOf(boxWith([{ ...acs, endpoint: 'https://[2001:db8::1]:8443' }]))
    assert.equal(place && placeOf(place), '[2001:db8::1]:8443')
  })
})
