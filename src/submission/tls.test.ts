import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { JumpingClock } from '../../test/clock.ts'
import { Peer } from '../../test/submission/peer.ts'
import { Rig } from '../../test/submission/rig.ts'
import {
  address,
  device,
  listener,
  passwordOf,
  type SetupChanges,
  setup,
} from '../../test/submission/setup.ts'
import { until } from '../../test/submission/until.ts'
import { second, wallMs } from '../core/time.ts'

const scanner = device('Scanner', { username: 'scan1', password: passwordOf('Scanner') })
const passwords = { [passwordOf('Scanner')]: '1234' }
const listeners = [listener('submission'), listener('submissions', { security: 'implicit' })]
const open = (changes: SetupChanges = {}) =>
  Rig.open({ setup: setup({ devices: [scanner], listeners, ...changes }), passwords })

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
const only = (version: (typeof versions)[number]): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
  ...(version < 'TLSv1.2' ? { ciphers: 'AES128-SHA:@SECLEVEL=0' } : {}),
})

const mail = `
  C: AUTH PLAIN AHNjYW4xADEyMzQ=
  S: 235 2.7.0 Authentication successful
  C: MAIL FROM:<a@b.test>
  S: 250 2.1.0 Ok
  C: RCPT TO:<x@y.test>
  S: 250 2.1.5 Ok
  C: DATA
  S: 354 *
  C: .
  S: 250 2.0.0 Ok *
  C: QUIT
  S: 221 2.0.0 Bye`

const clearHello = `
  C: EHLO a
  S: 250-box.local
  S: 250-PIPELINING
  S: 250-SIZE 35000000
  S: 250-STARTTLS
  S: 250-AUTH LOGIN PLAIN
  S: 250-ENHANCEDSTATUSCODES
  S: 250-8BITMIME
  S: 250 SMTPUTF8`

const secureHello = clearHello.replace(/.*STARTTLS\n/, '')

describe('TLS', () => {
  for (const version of versions) {
    it(`${version} by STARTTLS, by implicit TLS, and on the wrong port`, async () => {
      await using rig = await open()
      using upgraded = Peer.connect(rig.port())
      await upgraded.play(`S: 220 *\n${clearHello}\nC: STARTTLS\nS: 220 2.0.0 Ready to start TLS`)
      await upgraded.startTls(only(version))
      await upgraded.play(`${secureHello}${mail}`)
      for (const port of [rig.port('submissions'), rig.port()]) {
        using implicit = Peer.connectTls(port, only(version))
        await implicit.play(`S: 220 *\n${secureHello}${mail}`)
      }
      assert.match(rig.spool.spooled[2]?.content.toString() ?? '', / with ESMTPSA id /)
      await rig.submission.stop(AbortSignal.abort())
      for (const session of rig.spool.savedSessions) {
        assert.match(session.tls, new RegExp(`^${version.replace('.', '\\.')} `))
      }
    })
  }

  it('gives TLS 1.2 its modern context and refuses TLS 1.0 where the floor is modern', async () => {
    await using rig = await open({ gateway: { weakestTls: 'modern' } })
    using modern = Peer.connectTls(rig.port(), only('TLSv1.2'))
    await modern.play('S: 220 *')
    using old = Peer.connectTls(rig.port(), only('TLSv1'))
    const [error] = await new Promise<Error[]>((resolve) => old.socket.once('error', (e) => resolve([e])))
    assert.match(error?.message ?? '', /protocol version/)
    const notes = rig.submission.sessions().flatMap((session) => session.lines.map((line) => line.text))
    assert.ok(notes.includes('TLS on: TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256'), notes.join('\n'))
    assert.ok(notes.includes('TLS refused: this listener takes TLS 1.2 and up'), notes.join('\n'))
  })

  it('serves static RSA to TLS 1.0, and nothing anonymous or without encryption', async () => {
    await using rig = await open()
    for (const ciphers of ['AECDH-AES128-SHA', 'ADH-AES128-SHA', 'NULL-SHA']) {
      using peer = Peer.connectTls(rig.port(), { ...only('TLSv1'), ciphers: `${ciphers}:@SECLEVEL=0` })
      await new Promise((resolve) => peer.socket.once('error', resolve))
    }
    using peer = Peer.connectTls(rig.port(), { ...only('TLSv1'), ciphers: 'AES256-SHA:@SECLEVEL=0' })
    await peer.play('S: 220 *')
  })

  it('drops what is pipelined behind STARTTLS', async () => {
    await using rig = await open()
    using peer = Peer.connect(rig.port())
    await peer.play(`
      S: 220 *
      C: STARTTLS\\r\\nMAIL FROM:<evil@x.test>\\r\\nNOOP\\r\\n\\
      S: 220 2.0.0 Ready to start TLS
    `)
    await peer.startTls()
    await peer.play(`${secureHello}
      C: NOOP
      S: 250 2.0.0 Ok
      C: RCPT TO:<x@y.test>
      S: 503 5.5.1 MAIL first
    `)
    const notes = rig.submission.sessions()[0]?.lines.map((line) => line.text) ?? []
    assert.ok(notes.includes('31 octets behind STARTTLS dropped'), notes.join('\n'))
  })

  it('forgets with STARTTLS what was said in clear (RFC 3207 section 4.2)', async () => {
    await using rig = await open()
    using peer = Peer.connect(rig.port())
    await peer.play(`S: 220 *\n${clearHello}
      C: AUTH PLAIN AHNjYW4xADEyMzQ=
      S: 235 2.7.0 Authentication successful
      C: STARTTLS now
      S: 501 5.5.4 STARTTLS takes no parameter
      C: STARTTLS
      S: 220 *
    `)
    await peer.startTls()
    await peer.play(`
      C: MAIL FROM:<a@b.test>
      S: 530 5.7.0 Sign in first A4
      ${secureHello}
      C: MAIL FROM:<a@b.test>
      S: 530 5.7.0 Sign in first A4
      C: STARTTLS
      S: 503 5.5.1 TLS is on already
    `)
  })

  it('is hidden from a device that must not use it, and not given', async () => {
    const plain = device('Old', { addresses: ['127.0.0.1'], tls: 'plain' })
    await using rig = await open({ devices: [plain] })
    using peer = Peer.connect(rig.port())
    await peer.play(`S: 220 *\n${secureHello}
      C: STARTTLS
      S: 502 5.5.1 STARTTLS is not offered
    `)
  })

  it('has to be on where a device requires it', async () => {
    const strict = device('Strict', {
      addresses: ['127.0.0.1'],
      requireTls: true,
      sender: address('s@b.test'),
    })
    await using rig = await open({ devices: [strict] })
    using peer = Peer.connect(rig.port())
    await peer.play(`S: 220 *\n${clearHello}
      C: MAIL FROM:<a@b.test>
      S: 530 5.7.0 Turn on encryption for this device T8
      C: STARTTLS
      S: 220 *
    `)
    await peer.startTls()
    await peer.play(`${secureHello}
      C: MAIL FROM:<a@b.test>
      S: 250 2.1.0 Ok
    `)
  })

  it('that breaks off in the handshake leaves nothing', async () => {
    await using rig = await open()
    const beginnings = [
      [0x16],
      [0x16, 3, 1, 0, 200, 1],
      [0x16, 3, 1, 0, 4, 2, 0, 0, 0],
      [0x80, 0x2e],
      [0x80, 0x0a, 1, 0, 2],
    ]
    for (const beginning of beginnings) {
      using peer = Peer.connect(rig.port())
      peer.socket.end(Uint8Array.from(beginning))
      await peer.closed()
    }
    await until(() => rig.submission.openConnections() === 0)
    assert.equal(rig.submission.sessions().length, beginnings.length)
  })

  it('that does not come within 30 s ends the connection', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    await using rig = await Rig.open({ setup: setup({ devices: [scanner] }), clock })
    using peer = Peer.connect(rig.port())
    await peer.play(`
      C: STARTTLS
      S: 220 box.local*
      S: 220 2.0.0 Ready to start TLS
    `)
    await clock.jump(29 * second)
    assert.equal(rig.submission.openConnections(), 1)
    await clock.jump(2 * second)
    await peer.closed()
  })

  it('of SSL 3.0 in an SSLv2-format hello is refused with an alert', async () => {
    await using rig = await open()
    using peer = Peer.connect(rig.port())
    const challenge = Array.from({ length: 16 }, () => 7)
    peer.says(Uint8Array.from([0x80, 0x1c, 1, 3, 0, 0, 3, 0, 0, 0, 16, 0, 0, 5, ...challenge]))
    await peer.closed()
    assert.deepEqual([...Buffer.from(peer.rest, 'latin1')], [0x15, 3, 0, 0, 2, 2, 40])
    const [session] = rig.submission.sessions()
    const notes = session?.lines.map((line) => line.text) ?? []
    assert.ok(notes[0]?.includes('offers up to SSL 3.0 in an SSLv2-format hello; RC4-SHA'), notes.join('\n'))
  })

  it('keeps no password in a transcript', async () => {
    await using rig = await open()
    using peer = Peer.connectTls(rig.port())
    await peer.play(`S: 220 *\n${secureHello}
      C: AUTH LOGIN c2NhbjE=
      S: 334 UGFzc3dvcmQ6
      C: MTIzNDU=
      S: 535 *
      C: AUTH LOGIN
      S: 334 VXNlcm5hbWU6
      C: c2NhbjE=
      S: 334 UGFzc3dvcmQ6
      C: MTIzNA==
      S: 235 *
    `)
    const lines =
      rig.submission
        .sessions()[0]
        ?.lines.map((line) => line.text)
        .join('\n') ?? ''
    assert.doesNotMatch(lines, /MTIzN|c2NhbjE|1234/)
    assert.match(lines, /signed in as Scanner/)
  })

  it('keeps no secret of a sign-in that is no SMTP, in the record and in the replies', async () => {
    await using rig = await open()
    using peer = Peer.connectTls(rig.port())
    await peer.play('S: 220 *')
    const secret = 'AHNjYW4xAGdlaGVpbQ=='
    const said = [
      ' AUTH PLAIN=',
      'AUTH PLAIN=',
      'AUTH=PLAIN ',
      '"AUTH PLAIN ',
      'AUTH WRONG ',
      'PASS ',
      'USER ',
      'APOP x ',
      '',
      'POST /?x=',
      'EHLO AUTH PLAIN ',
      'VRFY auth=',
      'MAIL FROM:<> AUTH=',
    ]
    const heard: string[] = []
    for (const start of said) {
      let reply = await peer.ask(`${start}${secret}`)
      heard.push(reply)
      if (reply.startsWith('334')) reply = await peer.ask(secret)
      heard.push(reply)
      if (/^(?:421|\(closed)/.test(reply)) break
    }
    const record = JSON.stringify(rig.submission.sessions())
    assert.ok(
      !record.includes('AHNj') && !heard.join('\n').includes('AHNj'),
      `${record}\n${heard.join('\n')}`,
    )
    assert.match(record, /"PASS \*{4}"/)
    assert.match(record, /"MAIL \*{4}"/)
  })
})

/** Runs a client to its end; its status and what it printed. */
function run(
  command: string,
  args: readonly string[],
  input = '',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe' })
    let text = ''
    child.stdout.on('data', (octets: Buffer) => (text += octets))
    child.stderr.on('data', (octets: Buffer) => (text += octets))
    child.on('error', reject)
    child.on('close', (status) => resolve({ status: status ?? -1, text }))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

describe('clients that others wrote', () => {
  it('swaks: PLAIN, LOGIN, STARTTLS, implicit', async () => {
    await using rig = await open()
    const base = ['--auth-user', 'scan1', '--auth-password', '1234', '--from', 'a@b.test', '--to', 'x@y.test']
    const at = (name: string) => ['--server', `127.0.0.1:${rig.port(name)}`]
    const runs = [
      [...at('submission'), '--auth', 'PLAIN'],
      [...at('submission'), '--auth', 'LOGIN'],
      [...at('submission'), '--auth', 'LOGIN', '--tls'],
      [...at('submissions'), '--auth', 'PLAIN', '--tlsc'],
    ]
    for (const args of runs) {
      const { status, text } = await run('swaks', [...base, ...args])
      assert.equal(status, 0, text)
    }
    assert.equal(rig.spool.spooled.length, 4)
  })

  for (const version of ['1.0', '1.1', '1.2', '1.3']) {
    it(`curl at TLS ${version}, by STARTTLS and implicit`, async () => {
      await using rig = await open()
      const folder = await mkdtemp(join(tmpdir(), 'inkpost-'))
      await writeFile(join(folder, 'm.eml'), 'From: a@b.test\r\nSubject: x\r\n\r\n.dot\r\n')
      const tls = ['-k', '--ssl-reqd', `--tlsv${version}`, '--tls-max', version]
      const weak = version < '1.2' ? ['--ciphers', 'DEFAULT@SECLEVEL=0'] : []
      const mailArgs = [
        '--mail-from',
        'a@b.test',
        '--mail-rcpt',
        'x@y.test',
        '--upload-file',
        join(folder, 'm.eml'),
      ]
      for (const url of [`smtp://127.0.0.1:${rig.port()}`, `smtps://127.0.0.1:${rig.port('submissions')}`]) {
        const { status, text } = await run('curl', [
          '-sS',
          '--url',
          url,
          '-u',
          'scan1:1234',
          ...tls,
          ...weak,
          ...mailArgs,
        ])
        assert.equal(status, 0, text)
      }
      await rm(folder, { recursive: true })
      assert.equal(rig.spool.spooled.length, 2)
      assert.match(rig.spool.spooled[1]?.content.toString() ?? '', /\r\n\r\n\.dot\r\n$/)
    })
  }

  for (const flag of ['-tls1', '-tls1_1', '-tls1_2', '-tls1_3']) {
    it(`openssl s_client ${flag}`, async () => {
      await using rig = await open()
      const weak = flag < '-tls1_2' ? ['-cipher', 'DEFAULT@SECLEVEL=0'] : []
      const { text } = await run(
        'openssl',
        [
          's_client',
          '-quiet',
          '-crlf',
          '-ign_eof',
          flag,
          ...weak,
          '-connect',
          `127.0.0.1:${rig.port('submissions')}`,
        ],
        'EHLO a\nQUIT\n',
      )
      assert.match(text, /220 box\.local ESMTP inkpost\r?\n250-box\.local/)
      assert.match(text, /221 2\.0\.0 Bye/)
    })
  }
})
