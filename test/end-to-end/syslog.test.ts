// Alerts at a real rsyslog: over UDP, TCP and TLS, and what becomes of them where nobody listens.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { ChannelAnswer } from '../../src/core/alerts.ts'
import { parseSyslogTarget } from '../../src/core/syslog-target.ts'
import { wallMs } from '../../src/core/time.ts'
import type { Notice } from '../../src/health/notice.ts'
import { callSyslog } from '../../src/health/syslog.ts'
import { datagram, syslogMessage } from '../../src/health/syslog-message.ts'
import { loadTrust } from '../../src/upstream/trust.ts'
import { createCertificateAuthority } from '../emulator/certificate-authority.ts'
import { temporaryFolder } from '../gateway-process.ts'
import { SyslogServer } from '../syslog-server.ts'

const at = wallMs(Date.UTC(2026, 10, 21, 12, 0, 0, 7))
const origin = { hostname: 'branch-07.contoso.com', pid: 42 }
const notice = (sentence: string, more: Partial<Notice> = {}): Notice => ({
  event: 'raised',
  key: 'spool-not-writable',
  severity: 'alarm',
  sentence,
  remedy: 'Make room.',
  since: at,
  at,
  times: 1,
  ...more,
})

describe('syslog', { timeout: 60_000 }, () => {
  const folder = temporaryFolder()
  let server: SyslogServer
  let caFile = ''

  before(async () => {
    const authority = await createCertificateAuthority()
    caFile = await authority.writeCa(folder.path)
    const identity = await authority.issue({ names: ['localhost', '127.0.0.1'] })
    const [certFile, keyFile] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')]
    writeFileSync(certFile, identity.certificatePem)
    writeFileSync(keyFile, identity.keyPem)
    server = await SyslogServer.start(folder.path, { caFile, certFile, keyFile })
  })

  after(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  it('ends with the signal while the name service is silent', { timeout: 5000 }, async () => {
    const stop = new AbortController()
    const call = callSyslog({
      target: parseSyslogTarget('udp://logs.contoso.com') ?? assert.fail(),
      messages: [],
      context: undefined,
      signal: stop.signal,
      resolve: () => new Promise(() => {}),
    })
    stop.abort(new Error('stopping'))
    assert.match((await call).detail, /stopping/)
  })

  it('verifies whatever the environment says', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      const answer = await send(`tls://127.0.0.1:${server.tlsPort}`, [notice('never')], '')
      assert.equal(answer.kind, 'failed', answer.detail)
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
  })

  const send = (address: string, notices: readonly Notice[], trustFile = caFile): Promise<ChannelAnswer> => {
    const trust = loadTrust(trustFile)
    return callSyslog({
      target: parseSyslogTarget(address) ?? assert.fail(address),
      messages: notices.map((each) => syslogMessage(origin, each)),
      context: trust.kind === 'trust' ? trust.context : undefined,
      signal: new AbortController().signal,
    })
  }

  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    it(`over ${transport} is understood: facility, severity, name, time, text`, async () => {
      const known = server.records().length
      const port = server[`${transport}Port`]
      const answer = await send(`${transport}://localhost:${port}`, [
        notice(`The disk is full (${transport}).`),
        notice('Schlüssel abgelaufen.', { severity: 'warning', remedy: '' }),
        notice('acs is paused.', { event: 'over', remedy: '' }),
      ])
      assert.equal(answer.kind, 'told', answer.detail)
      const [first, second, third] = (await server.reach(known + 3)).slice(known)
      assert.deepEqual(first, {
        facility: 'mail',
        severity: 'crit',
        hostname: 'branch-07.contoso.com',
        app: 'inkpost',
        msgid: 'raised',
        time: '2026-11-21T12:00:00.007Z',
        protocol: '1',
        message: `spool-not-writable: alarm: The disk is full (${transport}). Make room.`,
      })
      assert.equal(second?.severity, 'warning')
      assert.equal(
        second?.message.replace('\uFEFF', ''),
        'spool-not-writable: warning: Schlüssel abgelaufen.',
      )
      assert.deepEqual([third?.severity, third?.msgid], ['info', 'over'])
    })
  }

  it('says why it could not: nobody listens, a certificate without trust, a name without address', async () => {
    const cases = [
      ['tcp://127.0.0.1:9', caFile, /^127\.0\.0\.1 port 9 over tcp: .*ECONNREFUSED/],
      [`tls://localhost:${server.tlsPort}`, '', /certificate/],
      ['udp://no-such-host.invalid', caFile, /ENOTFOUND|EAI_AGAIN/],
    ] as const
    for (const [address, trust, detail] of cases) {
      const answer = await send(address, [notice('x')], trust)
      assert.equal(answer.kind, 'failed', address)
      assert.match(answer.detail, detail)
    }
  })

  it('keeps a message one line, and a datagram within 2048 octets without half a letter', () => {
    const message = syslogMessage(origin, notice(`a\nb\r\n${'ü'.repeat(2000)}`))
    assert.doesNotMatch(message.toString(), /\n/)
    const cut = datagram(message)
    assert.ok(cut.length <= 2048 && cut.length > 2040)
    assert.doesNotMatch(cut.toString(), /\uFFFD/)
  })
})

describe('the address of a syslog server', () => {
  for (const [text, target] of [
    ['udp://10.0.0.1', { transport: 'udp', host: '10.0.0.1', port: 514 }],
    ['TLS://Log.Contoso.com', { transport: 'tls', host: 'log.contoso.com', port: 6514 }],
    ['tcp://[fd00::1]:1514/', { transport: 'tcp', host: 'fd00::1', port: 1514 }],
    ['10.0.0.1', { transport: 'udp', host: '10.0.0.1', port: 514 }],
    ['Log.Contoso.com:1514', { transport: 'udp', host: 'log.contoso.com', port: 1514 }],
    ['the one in the cellar', undefined],
    ['http://10.0.0.1', undefined],
    ['udp://', undefined],
    ['udp://a:0', undefined],
    ['tcp://user@a:514', undefined],
  ] as const) {
    it(text, () => assert.deepEqual(parseSyslogTarget(text), target))
  }
})
