// POP before SMTP: a device signs in by POP3 and submits without AUTH (Canon, Epson, Xerox, Fuji Xerox, Brother, Konica
// Minolta, Dell). The room on real sockets, and real clients against a real gateway.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { minute, wallMs } from '../../src/core/time.ts'
import { JumpingClock } from '../clock.ts'
import { GatewayProcess, temporaryFolder } from '../gateway-process.ts'
import { Peer } from '../submission/peer.ts'
import { Rig } from '../submission/rig.ts'
import { device, listener, passwordOf, setup as setupOf } from '../submission/setup.ts'
import { until } from '../submission/until.ts'

const scanner = device('Scanner', { username: 'scan1', password: passwordOf('Scanner') })
const passwords = { [passwordOf('Scanner')]: '12 34 ' }
const listeners = [
  listener('submission'),
  listener('pop', { protocol: 'pop3' }),
  listener('pops', { protocol: 'pop3', security: 'implicit' }),
]
const known = (changes = {}) => setupOf({ devices: [{ ...scanner, ...changes }], listeners })
const open = (changes = {}, clock?: JumpingClock) =>
  Rig.open({ setup: known(changes), passwords, ...(clock ? { clock } : {}) })

const signIn = `
  S: +OK inkpost <*@box.local>
  C: USER scan1
  S: +OK Send PASS
  C: PASS 12 34\\x20
  S: +OK 0 messages`
const submits = `
  S: 220 *
  C: HELO a
  S: 250 *
  C: MAIL FROM:<a@b.test>
  S: 250 2.1.0 Ok
  C: RCPT TO:<x@y.test>
  S: 250 2.1.5 Ok
  C: DATA
  S: 354 *
  C: .
  S: 250 2.0.0 Ok *`
const refused = `
  S: 220 *
  C: HELO a
  S: 250 *
  C: MAIL FROM:<a@b.test>
  S: 530 5.7.0 Sign in first A4`

async function play(port: number, script: string, localAddress = '127.0.0.1'): Promise<void> {
  using peer = Peer.connect(port, { localAddress })
  await peer.play(script)
}

describe('POP before SMTP', () => {
  it('lets the device submit without AUTH from the address it signed in from, and nobody else', async () => {
    await using rig = await open()
    await play(rig.port(), refused)
    await play(rig.port('pop'), signIn)
    await play(rig.port(), submits)
    await play(rig.port(), refused, '127.0.0.2')
    assert.equal(rig.spool.spooled[0]?.message.device, 'Scanner')
  })

  it('holds for a session that was open before', async () => {
    await using rig = await open()
    using peer = Peer.connect(rig.port())
    await peer.play(refused)
    await play(rig.port('pop'), signIn)
    await peer.play('C: MAIL FROM:<a@b.test>\nS: 250 2.1.0 Ok')
  })

  it('holds for 30 minutes', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    await using rig = await open({}, clock)
    // Who speaks first waits for no banner, whatever the clock does.
    const early = (script: string): string => script.replace(/ *(S: .*)\n *(C: .*)\n/, '$2\n$1\n')
    await play(rig.port('pop'), early(signIn))
    await clock.jump(30 * minute - 1)
    await play(rig.port(), early(submits))
    await clock.jump(1)
    await play(rig.port(), early(refused))
  })

  it('does not outlive the device', async () => {
    await using rig = await open()
    await play(rig.port('pop'), signIn)
    await rig.change(setupOf({ devices: [{ ...scanner, enabled: false }], listeners: rig.listeners() }))
    await play(
      rig.port(),
      refused.replace('530 5.7.0 Sign in first A4', '550 5.7.1 This device is switched off A6'),
    )
  })

  it('APOP proves the password without saying it', async () => {
    await using rig = await open()
    using peer = Peer.connect(rig.port('pop'))
    const stamp = /<.*>/.exec(await peer.line())?.[0] ?? ''
    const digest = (password: string) => createHash('md5').update(`${stamp}${password}`).digest('hex')
    await peer.play(`
      C: APOP scan1 ${digest('wrong')}
      S: -ERR [AUTH] User name or password is wrong A0
      C: APOP scan1 ${digest('12 34 ').toUpperCase()}
      S: +OK 0 messages
      C: QUIT
      S: +OK Bye
      S: (closed)`)
    await play(rig.port(), submits)
  })

  it('shows a mailbox that is empty', async () => {
    await using rig = await open()
    await play(
      rig.port('pop'),
      `
      S: +OK *
      C: STAT
      S: -ERR Sign in first A4
      C: CAPA
      S: +OK
      S: USER
      S: UIDL
      S: RESP-CODES
      S: AUTH-RESP-CODE
      S: STLS
      S: IMPLEMENTATION inkpost
      S: .
      C: PASS x
      S: -ERR USER first
      C: user scan1
      S: +OK Send PASS
      C: pass 12 34\\x20
      S: +OK 0 messages
      C: STAT
      S: +OK 0 0
      C: LIST
      S: +OK 0 messages
      S: .
      C: UIDL
      S: +OK 0 messages
      S: .
      C: LIST 1
      S: -ERR No such message
      C: RETR 1
      S: -ERR No such message
      C: DELE 1
      S: -ERR No such message
      C: TOP 1 0
      S: -ERR No such message
      C: NOOP
      S: +OK
      C: RSET
      S: +OK
      C: LAST
      S: +OK 0
      C: USER scan1
      S: -ERR Signed in already
      C: XTND
      S: -ERR Command not understood
      C: QUIT
      S: +OK Bye
      S: (closed)`,
    )
  })

  it('answers commands that came at once in their order, with a FIN behind them', async () => {
    await using rig = await open()
    using peer = Peer.connect(rig.port('pop'))
    peer.socket.end('USER scan1\r\nPASS 12 34 \r\nSTAT\r\nQUIT\r\n')
    await peer.play('S: +OK *\nS: +OK Send PASS\nS: +OK 0 messages\nS: +OK 0 0\nS: +OK Bye\nS: (closed)')
  })

  it('speaks TLS by STLS, on the implicit port, and where TLS comes first', async () => {
    await using rig = await open({ requireTls: true })
    using upgraded = Peer.connect(rig.port('pop'))
    await upgraded.play(`${signIn.replace('+OK 0 messages', '-ERR Encryption required to sign in T8')}
      C: STLS\\r\\nUSER injected
      S: +OK Begin TLS`)
    await upgraded.startTls()
    await upgraded.play(`${signIn.replace(/.*S: \+OK inkpost.*\n/, '')}
      C: STLS
      S: -ERR TLS is on already`)
    for (const name of ['pops', 'pop']) {
      using peer = Peer.connectTls(rig.port(name))
      await peer.play(signIn)
    }
    const notes = rig.submission.sessions().flatMap(({ lines }) => lines.map(({ text }) => text))
    assert.ok(notes.includes('15 octets behind STLS dropped'), notes.join('\n'))
  })

  it('takes no password in clear from outside the trusted networks', async () => {
    const devices = [{ ...scanner, addresses: ['127.0.0.2'] }]
    const narrow = setupOf({ devices, listeners, gateway: { trustedNetworks: ['127.0.0.1'] } })
    await using rig = await Rig.open({ setup: narrow, passwords })
    await play(
      rig.port('pop'),
      signIn.replace('+OK 0 messages', '-ERR Encryption required to sign in T8'),
      '127.0.0.2',
    )
    await play(rig.port('pop'), 'S: -ERR Your network is not allowed here N5\nS: (closed)', '127.0.0.3')
  })

  it('slows guesses, and tells nothing of a locked vault but that it is ours', async () => {
    await using rig = await Rig.open({ setup: known() })
    await play(
      rig.port('pop'),
      signIn.replace('+OK 0 messages', '-ERR [SYS/TEMP] Sign-in not possible now A8'),
    )
    await using other = await open()
    using peer = Peer.connect(other.port('pop'))
    await peer.play(`
      S: +OK *
      C: USER scan1
      S: +OK Send PASS
      C: PASS 1234
      S: -ERR [AUTH] User name or password is wrong A0`)
  })

  it('ends what is nonsense, what is silent, and what is open when the box stops', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    await using rig = await open({}, clock)
    using noisy = Peer.connect(rig.port('pop'))
    noisy.says('\0\xff\r\n'.repeat(120))
    await noisy.closed()
    assert.match(noisy.rest, /^\+OK .*\r\n(-ERR Command not understood\r\n){100}-ERR Too many errors N3\r\n$/)
    using long = Peer.connect(rig.port('pop'))
    await long.play(`C: ${'x'.repeat(9000)}\nS: +OK *\nS: -ERR Line too long`)
    using silent = Peer.connect(rig.port('pop'))
    await silent.play('C: NOOP\nS: +OK *\nS: +OK')
    await clock.jump(10 * minute + 1)
    await silent.play('S: -ERR Timed out N4\nS: (closed)')
    using last = Peer.connect(rig.port('pop'))
    await last.play('C: NOOP\nS: +OK *\nS: +OK')
    const stopped = rig.submission.stop(new AbortController().signal)
    await last.play('S: -ERR Restarting, try again K4\nS: (closed)')
    last.socket.destroy()
    await stopped
    assert.equal(rig.submission.openConnections(), 0)
  })

  it('lets a sign-in that is under way have its answer when the box stops', async () => {
    const clock = new JumpingClock(wallMs(1_800_000_000_000))
    await using rig = await open({}, clock)
    using peer = Peer.connect(rig.port('pop'))
    await peer.play('C: USER scan1\nS: +OK *\nS: +OK Send PASS\nC: PASS wrong')
    await until(() =>
      rig.submission.sessions().some(({ lines }) => lines.some(({ text }) => /^PASS/.test(text))),
    )
    const stopped = rig.submission.stop(new AbortController().signal)
    await clock.jump(250)
    await peer.play(`
      S: -ERR [AUTH] User name or password is wrong A0
      S: -ERR Restarting, try again K4
      S: (closed)`)
    peer.socket.destroy()
    await stopped
  })

  it('is seen like any session, without the password', async () => {
    await using rig = await open()
    await play(rig.port('pop'), signIn)
    const [session] = rig.submission.sessions()
    assert.equal(session?.device, 'Scanner')
    assert.equal(session?.listener, 'pop')
    const said = session?.lines.map(({ text }) => text) ?? []
    assert.ok(said.includes('USER ****') && said.includes('PASS ****'), said.join('\n'))
    assert.ok(said.some((text) => /it may submit from here for 30 min/.test(text)))
  })
})

const setup = `schema = 1
[gateway]
name = "branch-07"
[console]
port = 0
[[listener]]
name = "plain"
address = "127.0.0.1"
port = 0
security = "plain"
[[listener]]
name = "pop"
address = "127.0.0.1"
port = 0
protocol = "pop3"
[[device]]
name = "Scanner"
username = "scan1"
password = "87654321"
[[upstream]]
name = "kept"
kind = "outbox"
`

const python = `
import poplib, ssl, sys, smtplib
pop_port, smtp_port, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
pop = poplib.POP3('127.0.0.1', pop_port, timeout=20)
if how == 'stls':
    context = ssl._create_unverified_context()
    pop.stls(context)
if how == 'apop':
    pop.apop('scan1', '87654321')
else:
    pop.user('scan1')
    pop.pass_('87654321')
assert pop.stat() == (0, 0) and pop.list()[1] == [] and pop.uidl()[1] == []
pop.quit()
smtp = smtplib.SMTP('127.0.0.1', smtp_port, timeout=20)
smtp.sendmail('scanner@contoso.com', ['anna@contoso.com'], 'Subject: by POP\\r\\n\\r\\nhello\\r\\n')
smtp.quit()
`

interface Run {
  readonly code: number | null
  readonly output: string
}

function run(command: string, commandLine: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(command, commandLine, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const hear = (octets: Buffer): void => {
      output += octets.toString()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('close', (code) => resolve({ code, output }))
  })
}

describe('POP before SMTP with real clients', () => {
  const folder = temporaryFolder()
  let gateway: GatewayProcess

  before(async () => {
    mkdirSync(join(folder.path, 'data'))
    gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup })
  })
  after(async () => {
    await gateway.stop()
    folder[Symbol.dispose]()
  })

  for (const how of ['user', 'apop', 'stls']) {
    it(`Python’s poplib, ${how}, then smtplib`, async () => {
      const ports = [String(gateway.port('pop')), String(gateway.port('plain'))]
      const { code, output } = await run('python3', ['-c', python, ...ports, how])
      assert.equal(code, 0, output)
    })
  }

  it('curl lists the empty mailbox, over STLS', async () => {
    const place = `pop3://127.0.0.1:${gateway.port('pop')}/`
    const { code, output } = await run('curl', [
      ...['-sS', '-v', '-k', '--ssl-reqd', '--user', 'scan1:87654321', place],
    ])
    assert.equal(code, 0, output)
    assert.match(output, /SSL connection using TLSv1\.3/)
  })
})
