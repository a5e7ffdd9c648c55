import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { before, describe, it } from 'node:test'
import { createSecureContext } from 'node:tls'
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../../test/emulator/certificate-authority.ts'
import { startSmtpUpstream } from '../../../test/emulator/smtp-upstream.ts'
import { wallMs } from '../../core/time.ts'
import { systemClock } from '../../platform/clock.ts'
import { DnsNames } from '../../platform/name-service.ts'
import { type Contact, isUsable, publicAddressIn } from './contact.ts'
import type { Destination } from './destinations.ts'
import { startDns } from './dns-server.fixture.ts'
import { httpsPlace, smtpPlace, startPlace } from './places.fixture.ts'
import { type ReachParts, reach } from './reaching.ts'

let authority: CertificateAuthority
let parts: ReachParts

before(async () => {
  authority = await createCertificateAuthority()
  const context = createSecureContext({ ca: authority.caPem, minVersion: 'TLSv1.2' })
  parts = {
    names: new DnsNames({ servers: ['127.0.0.1:9'], hostsFile: '/dev/null' }),
    clock: { ...systemClock(wallMs(0)), wall: () => wallMs(Date.UTC(2026, 10, 21)) },
    hostname: 'branch-07.contoso.com',
    proxy: '',
    roots: (caFile) =>
      caFile === 'missing'
        ? { kind: 'unreadable', detail: 'no such file' }
        : { kind: 'trust', context: caFile === 'ours' ? context : undefined },
  }
})

type Wish = Partial<Destination> & Pick<Destination, 'port'>

const look = (wish: Wish, changes: Partial<ReachParts> = {}, within = 15_000): Promise<Contact> =>
  reach(
    {
      host: '127.0.0.1',
      speaks: 'smtp',
      security: 'starttls',
      caFile: 'ours',
      uses: ['relay'],
      upstreams: ['relay'],
      ...wish,
    },
    { ...parts, ...changes },
    within === 0 ? AbortSignal.abort() : AbortSignal.timeout(within),
  )

const https = { speaks: 'https', security: 'implicit' } as const

describe('reaching an SMTP server', () => {
  it('sees greeting, encryption and who we are to it, and sends no mail', async () => {
    await using server = await startSmtpUpstream({ certificateAuthority: authority })
    const contact = await look({ port: server.port })
    assert.deepEqual(contact.end, { kind: 'reached' })
    assert.match(contact.banner, /^220 upstream\.test/)
    assert.match(contact.ehlo.join(), /SIZE/)
    assert.equal(contact.tls?.error, '')
    assert.match(contact.tls?.issuer ?? '', /test authority/)
    assert.ok(isUsable(contact))
    assert.deepEqual([server.connections.length, server.ledger.length], [1, 0])
  })

  it('does the same on an implicit port', async () => {
    await using server = await startSmtpUpstream({ certificateAuthority: authority, security: 'implicit' })
    const contact = await look({ port: server.port, security: 'implicit' })
    assert.deepEqual([contact.end.kind, contact.tls?.error], ['reached', ''])
  })

  it('sees a certificate that is not trusted, has ended, or is for another name', async () => {
    const wishes = [
      ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', {}, ''],
      ['CERT_HAS_EXPIRED', { certificateNotAfter: new Date(Date.now() - 1000) }, 'ours'],
      ['ERR_TLS_CERT_ALTNAME_INVALID', { certificateNames: ['portal.example'] }, 'ours'],
    ] as const
    for (const [error, options, caFile] of wishes) {
      await using server = await startSmtpUpstream({ certificateAuthority: authority, ...options })
      const contact = await look({ port: server.port, caFile })
      assert.deepEqual([contact.end.kind, contact.tls?.error], ['reached', error])
      assert.equal(isUsable(contact), false)
    }
  })

  it('sees STARTTLS stripped, and overwritten as a Cisco firewall does', async () => {
    await using bare = await smtpPlace('220 relay', '250-relay', '250 SIZE')
    assert.deepEqual((await look({ port: bare.port })).end, { kind: 'no-starttls', isMasked: false })
    await using masked = await smtpPlace('220 ****', '250-relay', '250-XXXXXXXA', '250 XXXB')
    assert.deepEqual((await look({ port: masked.port })).end, { kind: 'no-starttls', isMasked: true })
  })

  it('needs no STARTTLS where the setup wants none', async () => {
    await using bare = await smtpPlace('220 relay', '250 relay')
    assert.equal((await look({ port: bare.port, security: 'plain' })).end.kind, 'reached')
  })

  it('reads the public address and the time out of what Exchange says', async () => {
    const banner = '220 AM0.outlook.com Microsoft ESMTP MAIL Service ready at Sat, 21 Nov 2026 00:10:00 +0000'
    await using exchange = await smtpPlace(banner, '250-AM0.outlook.com Hello [203.0.113.7]', '250 SIZE')
    const contact = await look({ port: exchange.port, security: 'plain' })
    assert.equal(publicAddressIn(contact), '203.0.113.7')
    assert.deepEqual(contact.date, {
      theirs: wallMs(Date.UTC(2026, 10, 21, 0, 10)),
      ours: wallMs(Date.UTC(2026, 10, 21)),
    })
  })

  it('sees that it is turned away, by the greeting or at EHLO', async () => {
    await using closed = await smtpPlace('554 5.7.1 You are listed')
    assert.deepEqual((await look({ port: closed.port })).end, {
      kind: 'turned-away',
      said: '554 5.7.1 You are listed',
    })
    await using strict = await smtpPlace('220 relay', '550 5.7.506 Access Denied, Bad HELO')
    assert.equal((await look({ port: strict.port })).end.kind, 'turned-away')
  })

  it('sees another protocol, a hang-up and silence', async () => {
    await using other = await startPlace((socket) => void socket.write('SSH-2.0-OpenSSH\r\n'))
    assert.deepEqual((await look({ port: other.port })).end, { kind: 'foreign', said: 'SSH-2.0-OpenSSH' })
    await using rude = await startPlace((socket) => void socket.end())
    assert.deepEqual((await look({ port: rude.port })).end, { kind: 'closed', code: '' })
    await using mute = await startPlace(() => {})
    assert.deepEqual((await look({ port: mute.port }, {}, 300)).end, { kind: 'silent' })
  })
})

describe('reaching an HTTPS service', () => {
  it('sees its certificate and its clock', async () => {
    const identity = await authority.issue({ names: ['127.0.0.1'] })
    await using service = await httpsPlace(
      identity,
      'HTTP/1.1 404 Not Found',
      'Date: Sat, 21 Nov 2026 00:20:00 GMT',
    )
    const contact = await look({ port: service.port, ...https })
    assert.deepEqual([contact.end.kind, contact.tls?.error], ['reached', ''])
    assert.equal(contact.date?.theirs, Date.UTC(2026, 10, 21, 0, 20))
    assert.match(service.heard(), /^HEAD \/ HTTP\/1\.1\r\nHost: 127\.0\.0\.1\r\n/)
  })

  it('is no worse for a service that tells no time, or hangs up', async () => {
    const identity = await authority.issue({ names: ['127.0.0.1'] })
    await using service = await startPlace(
      () => {},
      (_said, socket) => void socket.destroy(),
      identity,
    )
    const contact = await look({ port: service.port, ...https })
    assert.deepEqual([contact.end.kind, contact.date, isUsable(contact)], ['reached', undefined, true])
  })

  it('sees a guest portal that redirects where TLS should be', async () => {
    await using portal = await startPlace(
      () => {},
      (_said, socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: http://login.hotel.example/\r\n\r\n'),
    )
    assert.deepEqual((await look({ port: portal.port, ...https })).end, {
      kind: 'foreign',
      said: 'HTTP/1.1 302 Found, to http://login.hotel.example/',
    })
  })

  it('sees TLS that fails', async () => {
    await using broken = await startPlace(
      () => {},
      (_said, socket) => socket.end(),
    )
    assert.equal((await look({ port: broken.port, ...https })).end.kind, 'tls-failed')
  })

  it('goes through the proxy, and sees one that wants a sign-in or refuses', async () => {
    const identity = await authority.issue({ names: ['127.0.0.1'] })
    await using service = await httpsPlace(identity, 'HTTP/1.1 200 OK')
    await using proxy = await startPlace(
      () => {},
      (said, socket) => tunnelTo(said, socket, service.port),
    )
    const through = await look({ port: service.port, ...https }, { proxy: `http://127.0.0.1:${proxy.port}` })
    assert.deepEqual([through.end.kind, through.tls?.error], ['reached', ''])
    assert.equal(through.proxy, `127.0.0.1:${proxy.port}`)
    for (const status of [407, 403]) {
      await using strict = await startPlace(
        () => {},
        (_said, socket) => void socket.write(`HTTP/1.1 ${status} No\r\n\r\n`),
      )
      const refused = await look(
        { port: service.port, ...https },
        { proxy: `http://127.0.0.1:${strict.port}` },
      )
      assert.deepEqual(refused.end, { kind: 'proxy-refused', status, said: `HTTP/1.1 ${status} No` })
    }
  })

  it('goes through a proxy that is spoken to over TLS', async () => {
    const identity = await authority.issue({ names: ['127.0.0.1'] })
    await using service = await httpsPlace(identity, 'HTTP/1.1 200 OK')
    await using proxy = await startPlace(
      () => {},
      (said, socket) => tunnelTo(said, socket, service.port),
      identity,
    )
    const through = await look({ port: service.port, ...https }, { proxy: `https://127.0.0.1:${proxy.port}` })
    assert.deepEqual([through.end.kind, through.tls?.error], ['reached', ''])
  })

  it('asks no proxy for SMTP', async () => {
    await using bare = await smtpPlace('220 relay', '250 relay')
    const contact = await look({ port: bare.port, security: 'plain' }, { proxy: 'http://127.0.0.1:1' })
    assert.deepEqual([contact.end.kind, contact.proxy], ['reached', ''])
  })
})

describe('a place that is not reached', () => {
  it('refuses, does not answer, or has no way to it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => server.once('listening', listening))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await new Promise((closed) => server.close(closed))
    assert.deepEqual((await look({ port })).end, { kind: 'refused' })
    // Reserved for ever (RFC 1112 section 4): the kernel has no route to it.
    assert.equal((await look({ port: 25, host: '255.255.255.255' })).end.kind, 'unreachable')
    assert.deepEqual((await look({ port }, {}, 0)).end.kind, 'dropped')
  })

  it('has no address, by a DNS that says so', async () => {
    await using dns = await startDns({})
    const names = new DnsNames({ servers: [dns.server], hostsFile: '/dev/null' })
    const contact = await look({ port: 25, host: 'nowhere.contoso.com' }, { names })
    assert.deepEqual([contact.end, contact.names], [{ kind: 'unresolved' }, { kind: 'no-name' }])
  })

  it('is not tried where its extra trust can not be read', async () => {
    assert.deepEqual((await look({ port: 25, caFile: 'missing' })).end, {
      kind: 'ca-unreadable',
      detail: 'no such file',
    })
  })
})

/** As a proxy does at CONNECT: from then on it only carries octets. */
function tunnelTo(said: string, socket: Socket, port: number): void {
  if (!said.startsWith('CONNECT ')) return
  const onward = connect(port, '127.0.0.1')
  onward.on('error', () => socket.destroy())
  socket.removeAllListeners('data')
  socket.write('HTTP/1.1 200 OK\r\n\r\n')
  socket.pipe(onward).pipe(socket)
}
