// The name server, asked by c-ares (Node's resolver).
import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Dns, startDns } from './dns.ts'
import { type DnsRecord, responseCodes } from './dns-message.ts'

const spf = `v=spf1 ip4:203.0.113.7 include:spf.protection.outlook.com -all ${'x'.repeat(300)}`
const many: DnsRecord[] = Array.from({ length: 120 }, (_, index) => ({
  type: 'A',
  address: `10.0.0.${index}`,
}))
const records: Readonly<Record<string, readonly DnsRecord[]>> = {
  'contoso.com': [
    { type: 'A', address: '192.0.2.1' },
    { type: 'A', address: '192.0.2.2' },
    { type: 'AAAA', address: '2001:db8::1' },
    { type: 'AAAA', address: '::' },
    { type: 'MX', priority: 10, exchange: 'contoso-com.mail.protection.outlook.com' },
    { type: 'TXT', text: spf },
  ],
  'www.contoso.com': [{ type: 'CNAME', target: 'Web.contoso.com' }],
  'web.contoso.com': [{ type: 'CNAME', target: 'contoso.com' }],
  'loop.contoso.com': [{ type: 'CNAME', target: 'pool.contoso.com' }],
  'pool.contoso.com': [{ type: 'CNAME', target: 'loop.contoso.com' }],
  'empty.contoso.com': [],
  'many.contoso.com': many,
  '_submission._tcp.contoso.com': [
    { type: 'SRV', priority: 1, weight: 2, port: 587, target: 'smtp.contoso.com' },
  ],
}

let dns: Dns
let resolver: Resolver

before(async () => {
  dns = await startDns()
})
after(() => dns[Symbol.asyncDispose]())
beforeEach(() => {
  Object.assign(dns.settings, { records, troubles: [], portal: undefined })
  resolver = new Resolver({ timeout: 250, tries: 1 })
  resolver.setServers([dns.address])
})

describe('a name server', () => {
  it('answers every type it has', async () => {
    assert.deepEqual(await resolver.resolve4('contoso.com'), ['192.0.2.1', '192.0.2.2'])
    assert.deepEqual((await resolver.resolve6('Contoso.COM')).sort(), ['2001:db8::1', '::'])
    assert.partialDeepStrictEqual(await resolver.resolveMx('contoso.com'), [
      { priority: 10, exchange: 'contoso-com.mail.protection.outlook.com' },
    ])
    assert.deepEqual(await resolver.resolveTxt('contoso.com'), [[spf.slice(0, 255), spf.slice(255)]])
    assert.deepEqual(await resolver.resolveCname('www.contoso.com'), ['Web.contoso.com'])
    assert.partialDeepStrictEqual(await resolver.resolveSrv('_submission._tcp.contoso.com'), [
      { priority: 1, weight: 2, port: 587, name: 'smtp.contoso.com' },
    ])
  })

  it('follows aliases, and no circle', async () => {
    assert.deepEqual(await resolver.resolve4('www.contoso.com'), ['192.0.2.1', '192.0.2.2'])
    assert.deepEqual(await resolver.resolve4('loop.contoso.com'), [])
    assert.equal(await resolver.resolveCname('loop.contoso.com').then(String), 'pool.contoso.com')
  })

  it('tells a name without such records from one that does not exist', async () => {
    await assert.rejects(resolver.resolve4('empty.contoso.com'), { code: 'ENODATA' })
    await assert.rejects(resolver.resolve4('none.contoso.com'), { code: 'ENOTFOUND' })
  })

  it('sends a client to TCP where UDP is too small', async () => {
    const first = dns.questions.length
    assert.equal((await resolver.resolve4('many.contoso.com')).length, many.length)
    assert.deepEqual(
      dns.questions.slice(first).map((one) => one.transport),
      ['udp', 'tcp'],
    )
  })

  for (const [kind, code] of [
    ['servfail', 'ESERVFAIL'],
    ['nxdomain', 'ENOTFOUND'],
    ['refused', 'EREFUSED'],
    ['notimp', 'ENOTIMP'],
    ['silence', 'ETIMEOUT'],
    ['wrong-id', 'ETIMEOUT'],
  ] as const) {
    it(`has trouble by name and type: ${kind}`, async () => {
      dns.settings.troubles = [{ kind, name: /^contoso/, type: 'MX' }]
      await assert.rejects(resolver.resolveMx('contoso.com'), { code })
      assert.equal((await resolver.resolve4('contoso.com')).length, 2)
    })
  }

  it('may send every client to TCP', async () => {
    dns.settings.troubles = [{ kind: 'truncated' }]
    assert.equal((await resolver.resolve4('contoso.com')).length, 2)
    assert.equal(dns.questions.at(-1)?.transport, 'tcp')
  })

  it('is a captive portal: one address for all names', async () => {
    dns.settings.portal = '10.1.1.1'
    assert.deepEqual(await resolver.resolve4('smtp.office365.com'), ['10.1.1.1'])
    await assert.rejects(resolver.resolveMx('contoso.com'), { code: 'ENODATA' })
  })

  it('answers messages in pieces by TCP, and nothing to what is no question', async () => {
    const socket = connect(dns.port, '127.0.0.1')
    const query = Buffer.from('000101000001000000000000016107636f6e746f736f03636f6d0000010001', 'hex')
    const message = Buffer.concat([Buffer.from([0, 3, 1, 2, 3, 0, query.length]), query])
    for (const octet of message) socket.write(Buffer.from([octet]))
    const [reply] = await once(socket, 'data')
    assert.equal(reply.readUInt16BE(2), 1)
    assert.equal(reply[5] & 0x0f, responseCodes.nxdomain)
    socket.destroy()
  })
})
