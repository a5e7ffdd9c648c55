// What devices say and what they are told, against a real gateway with an outbox: nothing leaves the machine.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { MessageView, QueueRow } from '../../src/core/spool.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { converse } from './converse.ts'

const setup = `schema = 1
[gateway]
name = "branch-07"
default_domain = "contoso.com"
max_message_size = "1MB"
[limits]
recipients = 120
${testListeners}
[[alias]]
name = "anna"
to = ["anna.meier@contoso.com"]
[[device]]
name = "Front desk scanner"
username = "scan1"
password = "12345678"
allowed_recipients = ["*@contoso.com"]
[[device]]
name = "Alarm panel"
addresses = ["127.0.0.2"]
sender = "alarm@contoso.com"
[[upstream]]
name = "kept"
kind = "outbox"
`

const plainAuth = Buffer.from('\0scan1\x0012345678').toString('base64')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

interface Run {
  readonly code: number | null
  readonly output: string
}

/** A program to its end; never in the way of the event loop that serves others. */
function run(command: string, commandLine: readonly string[], input = ''): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(command, commandLine, { stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (octets: Buffer) => {
      output += octets.toString()
    })
    child.stderr.on('data', (octets: Buffer) => {
      output += octets.toString()
    })
    child.on('close', (code) => resolve({ code, output }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

describe('devices', () => {
  const folder = temporaryFolder()
  let gateway: GatewayProcess

  before(async () => {
    mkdirSync(join(folder.path, 'data'))
    gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup })
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const view = (id: string): MessageView => gateway.ask('message', id) as MessageView
  const idIn = (text: string): string => {
    const id = /250 2\.\d\.\d .*?([0-9A-Z]+)\s*$/m.exec(text.trim())?.[1]
    assert.ok(id, `no message id in: ${text}`)
    return id
  }
  const kept = (id: string): Promise<MessageView> =>
    until(`message ${id} is in the outbox`, () => {
      const found = view(id)
      return found.recipients.every((recipient) => recipient.state === 'accepted') && found
    })

  describe('swaks', () => {
    const swaks = (...more: readonly string[]): Promise<Run> =>
      run('swaks', [
        '--server',
        '127.0.0.1',
        '--from',
        'scanner@contoso.com',
        '--to',
        'anna.meier@contoso.com',
        '--body',
        'a scan',
        ...more,
      ])
    const auth = (mechanism: string): readonly string[] => [
      '--auth',
      mechanism,
      '--auth-user',
      'scan1',
      '--auth-password',
      '12345678',
    ]
    const rows = [
      { name: 'PLAIN', more: ['--port', 'submission', ...auth('PLAIN')], says: /235 2\.7\.0/ },
      {
        name: 'LOGIN, with the exact prompts',
        more: ['--port', 'submission', ...auth('LOGIN')],
        says: /334 VXNlcm5hbWU6[\s\S]*334 UGFzc3dvcmQ6[\s\S]*235 2\.7\.0/,
      },
      {
        name: 'STARTTLS',
        more: ['--port', 'submission', '--tls', ...auth('LOGIN')],
        says: /220 2\.0\.0 [\s\S]*TLS started with cipher TLSv1\.[23]/,
      },
      {
        name: 'implicit TLS',
        more: ['--port', 'submissions', '--tlsc', ...auth('PLAIN')],
        says: /TLS started with cipher TLSv1\.[23]/,
      },
    ]
    for (const { name, more, says } of rows) {
      it(`submits with ${name}`, async () => {
        const done = await swaks(
          ...more.map((word) => (/^submissions?$/.test(word) ? String(gateway.port(word)) : word)),
        )
        assert.equal(done.code, 0, done.output)
        assert.match(done.output, says)
        const id = idIn(
          /<~?[-*]?\s*(250 2\.\d\.\d .*[0-9A-Z]+)\s*$/m.exec(
            done.output
              .split('\n')
              .filter((line) => /250 2/.test(line))
              .slice(-1)
              .join(),
          )?.[0] ?? done.output,
        )
        assert.equal((await kept(id)).device, 'Front desk scanner')
      })
    }
  })

  describe('curl', () => {
    it("submits over STARTTLS, certificate verified against the box's CA", async () => {
      const file = join(folder.path, 'mail.eml')
      writeFileSync(file, 'Subject: from curl\r\n\r\nhello\r\n')
      const done = await run('curl', [
        '-sS',
        '-v',
        '--ssl-reqd',
        '-k',
        '--user',
        'scan1:12345678',
        '--mail-from',
        'scanner@contoso.com',
        '--mail-rcpt',
        'anna@contoso.com',
        '-T',
        file,
        `smtp://127.0.0.1:${gateway.port('submission')}`,
      ])
      assert.equal(done.code, 0, done.output)
      assert.match(done.output, /SSL connection using TLSv1\.3/)
    })
  })

  describe('openssl s_client', () => {
    const session = `EHLO scanner\r\nAUTH PLAIN ${plainAuth}\r\nMAIL FROM:<scanner@contoso.com>\r\nRCPT TO:<anna.meier@contoso.com>\r\nDATA\r\nSubject: by openssl\r\n\r\nhello\r\n.\r\nQUIT\r\n`
    const versions = [
      { flag: '-tls1', name: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' },
      { flag: '-tls1_1', name: 'TLSv1.1', ciphers: 'AES256-SHA:@SECLEVEL=0' },
      { flag: '-tls1_2', name: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
      { flag: '-tls1_3', name: 'TLSv1.3', ciphers: 'DEFAULT' },
    ]
    for (const { flag, name, ciphers } of versions) {
      for (const [listener, more] of [
        ['submissions', []],
        ['submission', ['-starttls', 'smtp']],
      ] as const) {
        it(`submits over ${name} on ${listener}`, async () => {
          const done = await run(
            'openssl',
            [
              's_client',
              '-connect',
              `127.0.0.1:${gateway.port(listener)}`,
              flag,
              '-cipher',
              ciphers,
              '-quiet',
              '-ign_eof',
              ...more,
            ],
            session,
          )
          assert.match(done.output, /250 2\.\d\.\d /, done.output)
          assert.match(done.output, /221 /, done.output)
          const sessions = gateway.ask('sessions') as readonly { readonly tls: string }[]
          assert.ok(
            sessions.some((seen) => seen.tls.includes(name)),
            JSON.stringify(sessions.map((seen) => seen.tls)),
          )
        })
      }
    }
    it('recognises TLS on the port without encryption', async () => {
      const done = await run(
        'openssl',
        ['s_client', '-connect', `127.0.0.1:${gateway.port('plain')}`, '-quiet', '-ign_eof'],
        session,
      )
      assert.match(done.output, /250 2\.\d\.\d /, done.output)
    })
  })

  describe('dialogues', () => {
    it('takes mail of a device without AUTH by its address', async () => {
      const course = await converse(
        gateway.port('plain'),
        `
        S: 220 …
        C: HELO panel
        S: 250 …
        C: MAIL FROM:<panel@nowhere.invalid>
        S: 250 2.1.0 …
        C: RCPT TO:<guard@contoso.com>
        S: 250 2.1.5 …
        C: DATA
        S: 354 …
        C: Subject: fire
        C:
        C: hall 3
        C: .
        S: 250 2.…
        C: QUIT
        S: 221 …`,
        '127.0.0.2',
      )
      const found = await kept(
        idIn(
          course
            .split('\n')
            .filter((line) => line.startsWith('S: 250 2.'))
            .at(-1) ?? '',
        ),
      )
      assert.equal(found.device, 'Alarm panel')
      assert.match(found.outbox?.header ?? '', /^From: .*alarm@contoso\.com/m)
    })

    it('refuses mail without AUTH from elsewhere, and a wrong password', async () => {
      await converse(
        gateway.port('plain'),
        `
        S: 220 …
        C: EHLO scanner
        S* 250 …
        C: MAIL FROM:<scanner@contoso.com>
        S: 530 5.7.0 …
        C: AUTH PLAIN ${base64('\0scan1\x0087654321')}
        S: 535 5.7.8 …
        C: AUTH PLAIN ${base64('\0scan2\x0012345678')}
        S: 535 5.7.8 …
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: ${base64('scan1')}
        S: 334 UGFzc3dvcmQ6
        C: ${base64('12345678')}
        S: 235 2.7.0 …`,
      )
    })

    it('refuses a recipient that the device may not write to, and takes the others', async () => {
      await converse(
        gateway.port('submission'),
        `
        S: 220 …
        C: EHLO scanner
        S* 250 …
        C: AUTH PLAIN ${plainAuth}
        S: 235 2.7.0 …
        C: MAIL FROM:<scanner@contoso.com>
        S: 250 2.1.0 …
        C: RCPT TO:<someone@elsewhere.invalid>
        S: 550 5.7.1 …
        C: RCPT TO:<anna>
        S: 250 2.1.5 …
        C: RCPT TO:<bert>
        S: 250 2.1.5 …`,
      )
    })

    it('tells a declared size that is too large at MAIL', async () => {
      const course = await converse(
        gateway.port('plain'),
        `
        S: 220 …
        C: EHLO panel
        S* 250-SIZE 1000000
        S* 250 …
        C: MAIL FROM:<a@b.example> SIZE=1000001
        S: 552 5.3.4 …
        C: NOOP
        S: 250 …`,
        '127.0.0.2',
      )
      assert.match(course, /552 5\.3\.4 Message too large Z1/)
    })

    it('tells an undeclared size after the data, and keeps nothing', async () => {
      const before = (gateway.ask('queue', '--all', '--limit', '1000') as readonly QueueRow[]).length
      await converse(
        gateway.port('plain'),
        `
        S: 220 …
        C: HELO panel
        S: 250 …
        C: MAIL FROM:<a@b.example>
        S: 250 …
        C: RCPT TO:<guard@contoso.com>
        S: 250 …
        C: DATA
        S: 354 …
        C: Subject: large
        C:
        ${`C: ${'x'.repeat(990)}\n`.repeat(1100)}
        C: .
        S: 552 5.3.4 …
        C: NOOP
        S: 250 …`,
        '127.0.0.2',
      )
      assert.equal((gateway.ask('queue', '--all', '--limit', '1000') as readonly QueueRow[]).length, before)
    })

    it('answers pipelined commands in order, also those behind the final dot', async () => {
      const socket = connect({ port: gateway.port('plain'), host: '127.0.0.1', localAddress: '127.0.0.2' })
      const mail = 'MAIL FROM:<a@b.example>\r\nRCPT TO:<guard@contoso.com>\r\nDATA\r\n'
      socket.write(
        `EHLO panel\r\n${mail}Subject: one\r\n\r\n1\r\n.\r\n${mail}Subject: two\r\n\r\n2\r\n.\r\nQUIT\r\n`,
      )
      let heard = ''
      for await (const octets of socket) heard += (octets as Buffer).toString()
      const codes = heard
        .split('\r\n')
        .filter((line) => /^\d{3} /.test(line))
        .map((line) => line.slice(0, 3))
      assert.deepEqual(
        codes,
        ['220', '250', '250', '250', '354', '250', '250', '250', '354', '250', '221'],
        heard,
      )
    })

    it('takes many recipients, and says when they are too many', async () => {
      const many = Array.from(
        { length: 120 },
        (_, n) => `C: RCPT TO:<r${n}@contoso.com>\nS: 250 2.1.5 …`,
      ).join('\n')
      const course = await converse(
        gateway.port('plain'),
        `
        S: 220 …
        C: HELO panel
        S: 250 …
        C: MAIL FROM:<a@b.example>
        S: 250 …
        ${many}
        C: RCPT TO:<one.more@contoso.com>
        S: 452 4.5.3 …
        C: DATA
        S: 354 …
        C: Subject: to all
        C:
        C: .
        S: 250 2.…`,
        '127.0.0.2',
      )
      assert.equal((await kept(idIn(course))).recipients.length, 120)
    })

    for (const address of ['test', 'test@branch-07.local']) {
      it(`answers mail to ${address} in the outbox`, async () => {
        const course = await converse(
          gateway.port('plain'),
          `
          S: 220 …
          C: HELO panel
          S: 250 …
          C: MAIL FROM:<a@b.example>
          S: 250 …
          C: RCPT TO:<${address}>
          S: 250 2.1.5 …
          C: DATA
          S: 354 …
          C: Subject: is anybody there
          C:
          C: .
          S: 250 2.…`,
          '127.0.0.2',
        )
        const found = await kept(idIn(course))
        assert.equal(found.kind, 'test')
        await until('it is on the log', () => gateway.log.some((line) => line.includes(found.id)))
      })
    }
  })

  it('turns an unknown network away with a sentence', async () => {
    using other = temporaryFolder()
    mkdirSync(join(other.path, 'data'))
    await using stranger = await GatewayProcess.start(join(other.path, 'data'), {
      setup: setup
        .replace('[limits]', 'trusted_networks = ["10.99.0.0/16"]\n[limits]')
        .replace('addresses = ["127.0.0.2"]', 'addresses = ["10.99.0.2"]'),
    })
    await converse(stranger.port('plain'), 'S: 554 5.7.1 Your network is not allowed here N5…')
  })

  it('shows a session with what was said, secrets masked', () => {
    const sessions = gateway.ask('sessions') as readonly { readonly id: string; readonly device?: string }[]
    const signedIn = sessions.find((session) => session.device === 'Front desk scanner')
    assert.ok(signedIn)
    const shown = gateway.run('session', signedIn.id).stdout
    assert.match(shown, /AUTH/)
    assert.doesNotMatch(shown, new RegExp(`${plainAuth}|${base64('12345678')}|12345678`))
  })
})
