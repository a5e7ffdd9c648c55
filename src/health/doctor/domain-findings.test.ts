import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, device } from '../../../test/submission/setup.ts'
import type { Finding } from '../../core/diagnosis.ts'
import type { UpstreamSetup } from '../../core/setup.ts'
import type { Pause } from '../../core/spool.ts'
import { DnsNames } from '../../platform/name-service.ts'
import { type DnsMood, startDns, type Zone } from './dns-server.fixture.ts'
import { domainFindings } from './domain-findings.ts'
import { readDomain } from './domain-records.ts'
import { acs, boxWith, direct, pause, upstream } from './facts.fixture.ts'
import { senderDomainsOf } from './sender-domains.ts'
import { readSpf } from './spf.ts'

const patient = new AbortController().signal
const microsoft = { 'TXT spf.protection.outlook.com': ['v=spf1 ip4:40.92.0.0/15 ip6:2a01:111::/32 -all'] }
const spf = (record: string): Zone => ({ ...microsoft, 'TXT contoso.com': [record, 'MS=ms123'] })
const good = spf('v=spf1 include:spf.protection.outlook.com -all')
const acsDkim = Object.fromEntries(
  [1, 2].map((number) => {
    const selector = `selector${number}-azurecomm-prod-net._domainkey`
    return [`CNAME ${selector}.contoso.com`, [`${selector}.azurecomm.net`]]
  }),
)
const exchangeDkim: Zone = {
  'CNAME selector1._domainkey.contoso.com': ['selector1-contoso-com._domainkey.contoso.onmicrosoft.com'],
  'CNAME selector2._domainkey.contoso.com': [
    'selector2-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft',
  ],
}
const dmarc = (policy: string): Zone => ({ 'TXT _dmarc.contoso.com': [`v=DMARC1; p=${policy}; sp=none`] })

async function judged(
  zone: Zone,
  ways: readonly UpstreamSetup[] = [acs],
  more: { readonly mood?: DnsMood; readonly pauses?: readonly Pause[]; readonly domain?: string } = {},
): Promise<readonly Finding[]> {
  await using dns = await startDns(zone, more.mood ?? 'honest')
  const names = new DnsNames({ servers: [dns.server], hostsFile: '/dev/null' })
  const sender = { domain: more.domain ?? 'contoso.com', upstreams: ways }
  return domainFindings(await readDomain(sender, names, patient), more.pauses ?? [])
}

const line = ({ state, sentence }: Finding): string => `${state}: ${sentence}`

async function said(id: string, ...asked: Parameters<typeof judged>): Promise<string> {
  const found = (await judged(...asked)).find((finding) => finding.id === id)
  return found ? line(found) : 'nothing'
}

describe('the SPF record of a sender domain', () => {
  const of = (...asked: Parameters<typeof judged>) => said('spf/contoso.com', ...asked)

  it('is in order where it is one and names Microsoft, however it ends', async () => {
    assert.match(await of(good), /^ok/)
    assert.match(await of(spf('v=spf1 include:spf.protection.outlook.com ~all')), /^ok/)
  })

  it('may name Microsoft through another one', async () => {
    const nested = {
      ...spf('v=spf1 include:_spf.contoso.com ~all'),
      'TXT _spf.contoso.com': ['v=spf1 include:spf.protection.outlook.com'],
    }
    assert.match(await of(nested), /^ok/)
    const redirected = {
      ...spf('v=spf1 redirect=_spf.contoso.com'),
      'TXT _spf.contoso.com': ['v=spf1 include:spf.protection.outlook.com -all'],
    }
    assert.match(await of(redirected), /^ok/)
  })

  it('is missing, doubled, or without Microsoft', async () => {
    assert.match(await of({ 'TXT contoso.com': ['MS=ms123'] }), /^attention: contoso\.com has no SPF record/)
    assert.match(
      await of({ 'TXT contoso.com': ['v=spf1 -all', 'v=spf1 a -all'] }),
      /^attention: .* has 2 SPF records/,
    )
    assert.match(
      await of(spf('v=spf1 ip4:192.0.2.1 -all')),
      /^attention: .* does not name Microsoft.*\(acs\)/,
    )
  })

  it('needs no Microsoft where a smarthost sends', async () => {
    assert.match(await of(spf('v=spf1 ip4:192.0.2.1 -all'), [upstream()]), /^ok/)
  })

  it('costs more look-ups than receivers make', async () => {
    const many = Array.from({ length: 10 }, (_, number) => `include:s${number}.example`).join(' ')
    assert.match(
      await of(spf(`v=spf1 include:spf.protection.outlook.com ${many} -all`)),
      /^attention: .* costs 11 look-ups, more than the 10/,
    )
  })

  it('has to end in -all until Azure has verified the domain, and not after', async () => {
    const soft = spf('v=spf1 include:spf.protection.outlook.com ~all')
    const pauses = [pause({ sender: 'scan@contoso.com' })]
    assert.match(
      await of(soft, [acs], { pauses }),
      /^attention: .* only while .* ends in -all \(this one: ~all\)/,
    )
    assert.match(await of(good, [acs], { pauses }), /^ok/)
    assert.match(await of(soft, [acs], { pauses: [pause({ code: 'secret-expired' })] }), /^ok/)
  })

  it('is not judged where the DNS does not answer', async () => {
    assert.match(await of(good, [acs], { mood: 'servfail' }), /^not-checked/)
  })
})

describe('reading SPF', () => {
  it('collects ranges of includes, counts what costs, and goes round no circle', async () => {
    await using dns = await startDns({
      'TXT a.example': ['v=spf1 a mx:b.example exists:%{i}.x include:b.example ptr ip4:192.0.2.1 ?all'],
      'TXT b.example': ['v=spf1 include:a.example ip6:2001:db8::/32 include:%{d}.example'],
    })
    const names = new DnsNames({ servers: [dns.server], hostsFile: '/dev/null' })
    const sight = await readSpf('a.example', names, patient)
    // The circle's second visit of a.example costs a, mx, exists, include and ptr once more.
    assert.equal(sight.lookups, 12)
    assert.deepEqual([...sight.included], ['b.example', 'a.example'])
    assert.deepEqual([...new Set(sight.ranges)], ['2001:db8::/32', '192.0.2.1'].toSorted())
    assert.equal(sight.all, '?all')
  })
})

describe('the DKIM names of a sender domain', () => {
  it('lead to Azure, or are missing or wrong', async () => {
    const of = (zone: Zone) => said('dkim/contoso.com', zone)
    assert.match(await of({ ...good, ...acsDkim }), /^ok: Both/)
    assert.match(await of(good), /^attention: Both DKIM names of contoso\.com are missing/)
    const half = { ...acsDkim, 'CNAME selector2-azurecomm-prod-net._domainkey.contoso.com': ['x.example'] }
    assert.match(await of({ ...good, ...half }), /^attention: A DKIM name/)
    assert.match(await said('dkim/contoso.com', good, [acs], { mood: 'servfail' }), /^not-checked/)
  })

  it('tell what to publish', async () => {
    const [missing] = (await judged(good)).filter(({ id }) => id === 'dkim/contoso.com')
    assert.match(
      missing?.remedy ?? '',
      /CNAME selector1-azurecomm-prod-net\._domainkey\.contoso\.com to selector1-azurecomm-prod-net\._domainkey\.azurecomm\.net and/,
    )
  })

  it('of Exchange are a notice, and of no account for others', async () => {
    const of = (zone: Zone, ways = [direct]) => said('dkim-exchange/contoso.com', zone, ways)
    assert.match(await of(exchangeDkim), /^ok: Exchange can sign for contoso\.com/)
    assert.match(await of({}), /^ok: Exchange has no DKIM names/)
    assert.match(await of({}, [upstream()]), /^nothing/)
  })
})

describe('DMARC of a sender domain', () => {
  const of = (zone: Zone, ways?: readonly UpstreamSetup[], domain?: string) =>
    said(`dmarc/${domain ?? 'contoso.com'}`, zone, ways ?? [acs], domain === undefined ? {} : { domain })

  it('asks nothing where there is no record', async () => {
    assert.match(await of(good), /^ok: contoso\.com has no DMARC record/)
  })

  it('is passed by SPF, by DKIM, or by both', async () => {
    assert.match(await of({ ...good, ...dmarc('reject') }), /^ok: From and MAIL FROM \(SPF\) agree/)
    assert.match(await of({ ...acsDkim, ...dmarc('reject') }), /^ok: From and signature \(DKIM\) agree/)
    assert.match(await of({ ...good, ...acsDkim, ...dmarc('reject') }), /SPF\) and signature/)
  })

  it('loses mail where neither agrees and it says so', async () => {
    assert.match(await of(dmarc('reject')), /^trouble: Nothing agrees .* asks receivers for reject/)
    assert.match(await of(dmarc('quarantine')), /^trouble/)
    assert.match(await of(dmarc('none')), /^attention/)
  })

  it('is looked for further up, with the policy for names below', async () => {
    const found = await of(
      { ...dmarc('reject'), 'A scan.contoso.com': ['192.0.2.1'] },
      [acs],
      'scan.contoso.com',
    )
    assert.match(found, /^attention: .* asks receivers for none/)
  })

  it('is up to the smarthost where one sends', async () => {
    assert.match(await of(dmarc('reject'), [upstream()]), /^ok: .* the smarthost has to sign/)
  })

  it('is not judged where the DNS does not answer', async () => {
    assert.match(await said('dmarc/contoso.com', good, [acs], { mood: 'servfail' }), /^not-checked/)
  })
})

describe('sender domains', () => {
  it('are what services see as From, without those that are not ours to set up', () => {
    const setup = boxWith(
      [
        {
          ...acs,
          senders: ['*@alerts.contoso.com', 'scan@contoso.com', '*'],
          sender: address('x@8f.azurecomm.net'),
        },
        { ...direct, sender: address('box@fabrikam.com') },
        upstream({ name: 'box', kind: 'outbox', sender: address('x@outbox.example') }),
      ],
      {
        devices: [
          device('a', { sender: address('scan@contoso.com') }),
          device('b', { sender: address('b@second.example'), route: ['direct'] }),
          device('c', { sender: address('c@off.example'), enabled: false }),
          device('d', { sender: address('d@box.local') }),
        ],
      },
    )
    const found = senderDomainsOf(setup).map(({ domain, upstreams }) => [
      domain,
      upstreams.map(({ name }) => name).join(),
    ])
    assert.deepEqual(Object.fromEntries(found), {
      'contoso.com': 'acs,direct',
      'alerts.contoso.com': 'acs',
      'second.example': 'direct',
      'fabrikam.com': 'direct',
    })
  })
})
