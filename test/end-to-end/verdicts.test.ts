// The built gateway: what a technician reads after a device failed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { SessionRecord } from '../../src/core/spool.ts'
import { ssl30 } from '../../src/submission/edge/vintage/versions.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { Peer } from '../submission/peer.ts'
import { RawClient } from '../tls/raw-client.ts'

const setup = `schema = 1
[gateway]
weakest_tls = "vintage"
${testListeners}
[[device]]
name = "Panel"
username = "scan1"
password = "k7m2p9qx"
[[device]]
name = "Copier"
addresses = ["127.0.0.2"]
allowed_recipients = ["*@contoso.com"]
[[upstream]]
name = "kept"
kind = "outbox"
`

const plain = (user: string, password: string): string =>
  `AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`

interface Case {
  readonly code: string
  readonly state: string
  readonly says: readonly string[]
  readonly from?: string
  /** What `session ID` prints, in this order. */
  readonly shows: readonly string[]
}

const cases: readonly Case[] = [
  {
    code: 'A2',
    state: 'password mistyped',
    says: ['EHLO a', plain('scan1', 'K7M2P9QX')],
    shows: ['A2: its password is right but for upper and lower case.', 'device card "Panel"'],
  },
  {
    code: 'A1',
    state: 'unknown user name',
    says: ['EHLO a', plain('scaner1', 'k7m2p9qx')],
    shows: [
      'A1: no device has the user name that it says; the closest is "scan1".',
      'Type scan1 as user name.',
    ],
  },
  {
    code: 'A4',
    state: 'not signed in',
    says: ['EHLO a', 'MAIL FROM:<a@b.test>'],
    shows: ['A4: it sends without signing in', 'make 127.0.0.1 a device without password.'],
  },
  {
    code: 'R1',
    state: 'bad recipient',
    from: '127.0.0.2',
    says: ['EHLO a', 'MAIL FROM:<a@b.test>', 'RCPT TO:<x@fabrikam.test>'],
    shows: [
      'R1: the device Copier may not write to "x@fabrikam.test".',
      'RCPT TO:<x@fabrikam.test>',
      'allowed_recipients of Copier',
    ],
  },
  {
    code: 'N3',
    state: 'not SMTP',
    says: ['GET / HTTP/1.1'],
    shows: ['N3: it speaks HTTP.', 'Compare server, port and kind of server at its panel.'],
  },
  {
    code: 'F1',
    state: 'OK',
    from: '127.0.0.2',
    says: [
      'EHLO a',
      'MAIL FROM:<a@b.test>',
      'RCPT TO:<x@contoso.com>',
      'DATA',
      'Subject: x\r\n\r\nbody\r\n.',
      'QUIT',
    ],
    shows: ['F1: its mail was accepted.', '1 mail was accepted'],
  },
]

describe('what a technician reads', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let gateway: GatewayProcess
  before(async () => {
    folder = temporaryFolder()
    gateway = await GatewayProcess.start(join(folder.path, 'data'), { setup })
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const newest = () => (gateway.ask('sessions') as readonly SessionRecord[])[0]
  const finished = (code: string) =>
    until(`a session with ${code}`, () => newest()?.verdict?.code === code && newest())

  async function shown(id: string, words: readonly string[]): Promise<void> {
    const { stdout } = gateway.run('session', id)
    const [facts = ''] = stdout.split('\n\n')
    assert.ok(
      facts.split('\n').every((line) => line.length <= 100),
      facts,
    )
    const text = stdout.replace(/\s+/g, ' ')
    let from = 0
    for (const word of words) {
      const at = text.indexOf(word, from)
      assert.ok(at >= 0, `${word} is not in ${text}`)
      from = at
    }
  }

  for (const { code, state, from = '127.0.0.1', says, shows } of cases) {
    it(`${code}: ${state}`, async () => {
      using peer = Peer.connect(gateway.port('submission'), { localAddress: from })
      await peer.reply()
      for (const line of says) await peer.ask(line)
      peer.socket.end()
      const session = await finished(code)
      assert.match(gateway.run('sessions').stdout, new RegExp(`^${session.id} .* ${code} +${state}`, 'm'))
      await shown(session.id, shows)
    })
  }

  it('T3: with its cure, also as data, and after a restart', async () => {
    using peer = Peer.connect(gateway.port('submissions'), { localAddress: '127.0.0.2' })
    peer.says(new RawClient({ version: ssl30, suites: [0x0005] }).hello())
    await peer.closed()
    const session = await finished('T3')
    const words = 'Allow vintage encryption for 127.0.0.2, or set it to no encryption.'
    await shown(session.id, ['T3: it offers only SSL 3.0 with RC4.', 'offers up to SSL 3.0 with RC4', words])
    await gateway.stop()
    gateway = await GatewayProcess.start(gateway.data)
    const kept = gateway.ask('session', session.id) as SessionRecord
    assert.deepEqual(kept.verdict?.cure, {
      kind: 'device-setting',
      device: 'Copier',
      key: 'tls',
      value: 'vintage',
      words,
    })
    assert.ok(kept.lines.length > 0)
    const fine = (gateway.ask('sessions') as readonly SessionRecord[]).find(
      ({ verdict }) => verdict?.code === 'F1',
    )
    assert.ok(fine && fine.lines.length > 0, 'the last session of a device keeps what was said')
  })

  it('T4: OpenSSL checks the certificate', async () => {
    const at = ['-connect', `127.0.0.1:${gateway.port('submission')}`, '-starttls', 'smtp']
    spawnSync('openssl', ['s_client', ...at, '-verify_return_error', '-no-CApath', '-no-CAstore'], {
      input: '',
    })
    await shown((await finished('T4')).id, [
      "T4: it does not trust this box's certificate.",
      'its alert:',
      'Import the',
    ])
  })
})
