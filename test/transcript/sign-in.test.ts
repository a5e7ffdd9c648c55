// How devices sign in: the order that is offered, the old form of EHLO, logins that a device keeps, real clients.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { GatewayProcess, temporaryFolder, testListeners } from '../gateway-process.ts'
import { Peer } from '../submission/peer.ts'
import { Rig } from '../submission/rig.ts'
import { device, passwordOf, setup as setupOf } from '../submission/setup.ts'
import { SpoolDouble } from '../submission/spool-double.ts'
import { until } from '../submission/until.ts'

const scanner = device('Scanner', { username: 'scan1', password: passwordOf('Scanner') })
const passwords = { [passwordOf('Scanner')]: '1234' }

describe('auth-equals: clients of the age of Outlook Express 4 look for AUTH=LOGIN', () => {
  const hello = async (peer: Peer): Promise<string[]> => {
    const lines = (await peer.ask('EHLO a')).split('\n')
    return lines.filter((line) => line.includes('AUTH'))
  }
  const both = ['250-AUTH LOGIN PLAIN', '250-AUTH=LOGIN PLAIN']

  it('it is offered where a device overlooked AUTH, and to nobody else', async () => {
    await using rig = await Rig.open({ setup: setupOf({ devices: [scanner] }), passwords })
    using old = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await old.play('S: 220 *')
    assert.deepEqual(await hello(old), ['250-AUTH LOGIN PLAIN'])
    assert.equal(await old.ask('MAIL FROM:<a@b.test>'), '530 5.7.0 Sign in first A4')
    assert.deepEqual(await hello(old), both)
    using again = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await again.play('S: 220 *')
    assert.deepEqual(await hello(again), both)
    using other = Peer.connect(rig.port(), { localAddress: '127.0.0.3' })
    await other.play('S: 220 *')
    assert.deepEqual(await hello(other), ['250-AUTH LOGIN PLAIN'])
    assert.ok(
      rig.submission.sessions().some(({ lines }) => lines.some(({ text }) => text.startsWith('auth-equals'))),
    )
  })

  it('it is remembered of the device that signs in so, and offered to it after a restart', async () => {
    const bound = { ...scanner, addresses: ['127.0.0.2'] }
    const spool = new SpoolDouble()
    {
      await using rig = await Rig.open({ setup: setupOf({ devices: [bound] }), passwords, spool })
      using old = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
      await old.play('S: 220 *')
      await hello(old)
      await old.ask('MAIL FROM:<a@b.test>')
      old.socket.end()
      await until(() => rig.submission.openConnections() === 0)
      assert.deepEqual(rig.submission.traits(), [], 'it is not known yet what helps')
      using again = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
      await again.play('S: 220 *')
      assert.deepEqual(await hello(again), both)
      const login = Buffer.from('\0scan1\x001234').toString('base64')
      assert.match(await again.ask(`AUTH PLAIN ${login}`), /^235 /)
      again.socket.end()
      await until(() => rig.submission.openConnections() === 0)
      spool.traitsKnown = [...rig.submission.traits()]
    }
    assert.deepEqual(
      spool.traitsKnown.map(({ repairs }) => repairs.map(({ name }) => name)),
      [['auth-equals']],
    )
    await using rig = await Rig.open({ setup: setupOf({ devices: [bound] }), passwords, spool })
    using after = Peer.connect(rig.port(), { localAddress: '127.0.0.2' })
    await after.play('S: 220 *')
    assert.deepEqual(await hello(after), both)
    using other = Peer.connect(rig.port(), { localAddress: '127.0.0.3' })
    await other.play('S: 220 *')
    assert.deepEqual(await hello(other), ['250-AUTH LOGIN PLAIN'])
  })

  it('it is not offered for MAIL behind a HELO, which offers nothing', async () => {
    await using rig = await Rig.open({ setup: setupOf({ devices: [scanner] }), passwords })
    using peer = Peer.connect(rig.port())
    await peer.play('S: 220 *\nC: HELO a\nS: 250 *\nC: MAIL FROM:<a@b.test>\nS: 530 *')
    assert.deepEqual(await hello(peer), ['250-AUTH LOGIN PLAIN'])
  })
})

describe('postal#414, smtp-server#8: CRAM-MD5 is needed by some and poison for others', () => {
  it('the order is the device’s, known by its address before it signs in', async () => {
    const devices = [
      { ...scanner, addresses: ['127.0.0.2'], auth: ['CRAM-MD5', 'PLAIN', 'LOGIN'] as const },
      device('Other', { addresses: ['127.0.0.3'], auth: ['PLAIN'] }),
    ]
    await using rig = await Rig.open({ setup: setupOf({ devices }), passwords })
    const offered = async (localAddress: string): Promise<string> => {
      using peer = Peer.connect(rig.port(), { localAddress })
      await peer.play('S: 220 *')
      return (await peer.ask('EHLO a')).split('\n').find((line) => line.includes('AUTH')) ?? ''
    }
    assert.equal(await offered('127.0.0.2'), '250-AUTH CRAM-MD5 PLAIN LOGIN')
    assert.equal(await offered('127.0.0.3'), '250-AUTH PLAIN')
    assert.equal(await offered('127.0.0.4'), '250-AUTH LOGIN PLAIN')
    using peer = Peer.connect(rig.port(), { localAddress: '127.0.0.3' })
    await peer.play('S: 220 *\nC: EHLO a')
    await peer.reply()
    assert.equal(await peer.ask('AUTH CRAM-MD5'), '504 5.5.4 Use AUTH LOGIN or PLAIN A3')
  })
})

describe('CRAM-MD5 (RFC 2195)', () => {
  it('postal#414: a FortiAnalyzer knows nothing else; postal#663: a Ricoh quits behind a 235 of other words', async () => {
    const devices = [{ ...scanner, addresses: ['127.0.0.1'], auth: ['CRAM-MD5'] as const }]
    await using rig = await Rig.open({ setup: setupOf({ devices }), passwords })
    using peer = Peer.connect(rig.port())
    await peer.play('S: 220 *')
    assert.match(await peer.ask('EHLO ricoh'), /^250-AUTH CRAM-MD5$/m)
    const challenge = Buffer.from((await peer.ask('AUTH CRAM-MD5')).slice(4), 'base64').toString()
    assert.match(challenge, /^<[^<>@\s]+@box\.local>$/)
    const proof = createHmac('md5', '1234').update(challenge).digest('hex')
    const answer = Buffer.from(`scan1 ${proof}`).toString('base64')
    assert.equal(await peer.ask(answer), '235 2.7.0 Authentication successful')
    assert.equal(await peer.ask('MAIL FROM:<a@b.test>'), '250 2.1.0 Ok')
  })
})

const oldLogin = 'Scanner.Empfang+Etage-2@mail.contoso.com'
const oldPassword = 'P@ss "word"; \\ with {all} that <is> printable ~ 40+'
const longLogin = `${'x'.repeat(240)}@contoso.com`

const setup = `schema = 1
[gateway]
name = "branch-07"
${testListeners}
[[device]]
name = "Front desk"
username = "scan1"
password = '${oldPassword}'
also_known_as = ["${oldLogin}", "${longLogin}"]
addresses = ["127.0.0.1"]
auth = ["CRAM-MD5", "LOGIN", "PLAIN"]
[[upstream]]
name = "kept"
kind = "outbox"
`

interface Run {
  readonly code: number | null
  readonly output: string
}

function swaks(...commandLine: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn('swaks', commandLine, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const hear = (octets: Buffer): void => {
      output += octets.toString()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('close', (code) => resolve({ code, output }))
  })
}

describe('a device that keeps its mailbox login: only its server field changed', () => {
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

  const send = (login: string, mechanism: string, ...more: readonly string[]): Promise<Run> =>
    swaks(
      ...['--server', '127.0.0.1', '--port', String(gateway.port('submission'))],
      ...['--from', 'scanner@contoso.com', '--to', 'anna@contoso.com'],
      ...['--auth', mechanism, '--auth-user', login, '--auth-password', oldPassword, ...more],
    )
  const cases: readonly (readonly [
    what: string,
    login: string,
    mechanism: string,
    more: readonly string[],
  ])[] = [
    ['PLAIN', oldLogin, 'PLAIN', []],
    ['LOGIN over STARTTLS', oldLogin, 'LOGIN', ['--tls']],
    ['CRAM-MD5', oldLogin, 'CRAM-MD5', []],
    ['CRAM-MD5 with the short name', 'scan1', 'CRAM-MD5', ['--tls']],
    ['another case of its letters', oldLogin.toUpperCase(), 'LOGIN', []],
    ['a login of 252 characters', longLogin, 'PLAIN', []],
  ]
  for (const [what, login, mechanism, more] of cases) {
    it(`submits by ${what}`, async () => {
      const { code, output } = await send(login, mechanism, ...more)
      assert.equal(code, 0, output)
      assert.match(output, /235 2\.7\.0 Authentication successful/)
    })
  }

  it('is refused with another password, by CRAM-MD5 too', async () => {
    for (const mechanism of ['PLAIN', 'CRAM-MD5']) {
      const { code, output } = await send(oldLogin, mechanism, '--auth-password', 'another')
      assert.notEqual(code, 0, output)
      assert.match(output, /535 5\.7\.8 User name or password is wrong A0/)
    }
  })

  it('keeps the password out of what is shown of its sessions', () => {
    const sessions = gateway.ask('sessions') as readonly { readonly id: string; readonly device?: string }[]
    assert.ok(sessions.length > 0)
    for (const { id } of sessions) {
      const shown = gateway.run('session', id).stdout
      for (const text of [oldPassword, oldLogin, longLogin]) {
        assert.equal(shown.includes(text), false)
        assert.equal(shown.includes(Buffer.from(text).toString('base64').slice(0, 20)), false)
      }
    }
  })
})
