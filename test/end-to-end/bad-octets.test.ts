// What comes over a wire and is no mail: every port answers as far as there is a language to answer in, keeps nothing
// and serves the next one.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { SessionRecord } from '../../src/core/spool.ts'
import { GatewayProcess, temporaryFolder, testListeners, until } from '../gateway-process.ts'
import { SmtpClient } from '../smtp-client.ts'

const setup = `schema = 1
[gateway]
name = "branch-07"
[limits]
memory = "2MB"
${testListeners}
[[device]]
name = "Scanner"
addresses = ["127.0.0.0/8"]
sender = "scanner@contoso.com"
[[upstream]]
name = "kept"
kind = "outbox"
`

/** xorshift: the same noise in every run. */
function noise(octets: number): Buffer {
  let state = 0x2545f491
  return Buffer.from(
    Array.from({ length: octets }, () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return state & 0xff
    }),
  )
}

const banner = '220 branch-07.local ESMTP inkpost\r\n'
const closed = '<closed>'

/** `says`: all that the box says until it closes, or until it has said this much. */
interface Row {
  readonly name: string
  readonly octets: Buffer | string
  readonly says: string | RegExp
}

const onSmtpPorts: readonly Row[] = [
  {
    name: 'a browser',
    octets: 'GET / HTTP/1.1\r\nHost: branch-07.local\r\n\r\n',
    says: `${banner}421 4.7.0 This is no web server N3\r\n${closed}`,
  },
  {
    name: 'another protocol',
    octets: 'SSH-2.0-OpenSSH_9.2\r\nNOOP\r\n',
    says: `${banner}500 5.5.2 Command not understood\r\n250 2.0.0 Ok\r\n`,
  },
  {
    name: 'a print job',
    octets: '\x1b%-12345X@PJL INFO STATUS\r\nNOOP\r\n',
    says: `${banner}500 5.5.2 Command not understood\r\n250 2.0.0 Ok\r\n`,
  },
  {
    name: 'a line of 10 000 octets',
    octets: `${'A'.repeat(10_000)}\r\nNOOP\r\n`,
    says: `${banner}500 5.5.2 Line too long\r\n250 2.0.0 Ok\r\n`,
  },
  {
    name: 'a line without an end',
    octets: 'A'.repeat(200_000),
    says: `${banner}421 4.7.0 Too many errors N3\r\n${closed}`,
  },
  {
    name: 'something like TLS that is none',
    octets: Buffer.concat([Buffer.from([0x16, 3, 1, 0, 50]), Buffer.alloc(50, 7)]),
    says: closed,
  },
  {
    name: 'octets above ASCII',
    octets: Buffer.concat(Array.from({ length: 30 }, () => Buffer.from([0xff, 0xfe, 1, 2, 0, 13, 10]))),
    says: closed,
  },
  {
    name: '100 KB of noise',
    octets: Buffer.concat([Buffer.from('\0'), noise(100_000)]),
    says: /^220 [^\r]*\r\n(500 5\.5\.2 (Command not understood|Line too long)\r\n)+421 4\.7\.0 Too many errors N3\r\n<closed>$/,
  },
]

const onTheConsole: readonly Row[] = [
  { name: 'noise', octets: noise(1000), says: /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*<closed>$/ },
  { name: 'SMTP', octets: 'EHLO scanner\r\n', says: /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*<closed>$/ },
  {
    name: 'TLS',
    octets: Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]),
    says: /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*<closed>$/,
  },
  {
    name: 'a header without an end',
    octets: `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(100_000)}`,
    says: /^HTTP\/1\.1 431 [\s\S]*<closed>$/,
  },
  {
    name: 'a host that is not this box',
    octets: 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    says: /^HTTP\/1\.1 421 Misdirected Request\r\n/,
  },
]

/** Says `octets` and listens until `says` was heard; rejects with what was heard instead. */
function hear(port: number, { name, octets, says }: Row): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let heard = ''
    const isHeard = (): boolean => (typeof says === 'string' ? heard === says : says.test(heard))
    const finish = (): void => {
      clearTimeout(late)
      socket.destroy()
      if (isHeard()) resolve()
      else
        reject(new assert.AssertionError({ message: name, actual: heard, expected: says, operator: 'hears' }))
    }
    const late = setTimeout(finish, 10_000)
    socket.on('data', (piece: Buffer) => {
      heard += piece.toString('latin1')
      if (isHeard()) finish()
    })
    // What is still under way when the box closes comes back as a reset.
    socket.on('error', () => {})
    socket.on('close', () => {
      heard += closed
      finish()
    })
    socket.write(octets)
  })
}

describe('what is no mail', () => {
  const folder = temporaryFolder()
  let gateway: GatewayProcess

  before(async () => {
    const data = join(folder.path, 'data')
    mkdirSync(data)
    gateway = await GatewayProcess.start(data, { setup })
  })
  after(async () => {
    await gateway[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${gateway.ready.console}/metrics`)).text()
    const found = new RegExp(`^inkpost_${name} (\\S+)$`, 'm').exec(text)?.[1]
    assert.ok(found, `no metric ${name}`)
    return Number(found)
  }
  const kept = async (listener: string): Promise<void> => {
    using client = await SmtpClient.connect(gateway.port(listener))
    await client.command('HELO scanner')
    const mail = { from: 'a@b.example', to: ['anna@contoso.com'], content: 'Subject: scan\r\n\r\nhello' }
    assert.match(await client.send(mail), /^250 2\.0\.0 Ok [0-9A-Z]+$/)
  }
  const isReady = async (): Promise<void> =>
    assert.equal((await fetch(`${gateway.ready.console}/readyz`)).status, 200)

  for (const listener of ['submission', 'submissions', 'plain']) {
    describe(`on the listener ${listener}`, () => {
      for (const row of onSmtpPorts) it(row.name, () => hear(gateway.port(listener), row))
      it('and takes mail after it', () => kept(listener))
    })
  }

  describe('on the port of the console', () => {
    for (const row of onTheConsole) it(row.name, () => hear(Number(new URL(gateway.ready.console).port), row))
    it('and is ready after it', isReady)
  })

  it('logged nothing as a fault of ours', () => {
    assert.deepEqual(
      gateway.log.filter((line) => line.includes('"level":"error"')),
      [],
    )
  })

  describe('a client that stops in the middle of DATA', () => {
    const beginData = async (content: string): Promise<SmtpClient> => {
      const client = await SmtpClient.connect(gateway.port('plain'))
      await client.command('EHLO scanner')
      await client.command('MAIL FROM:<a@b.example>')
      await client.command('RCPT TO:<anna@contoso.com>')
      assert.match(await client.command('DATA'), /^354 /)
      client.write(content)
      return client
    }
    const scan = `Subject: half a scan\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(12_000)}`

    it('leaves nothing behind, gives its memory back, and others are served meanwhile', async () => {
      const accepted = await metric('messages_accepted_total')
      const clients = await Promise.all(Array.from({ length: 4 }, () => beginData(scan)))
      assert.ok((await metric('memory_budget_used_bytes')) > 0)
      await kept('plain')
      for (const client of clients) client[Symbol.dispose]()
      await until(
        'the memory is free again',
        async () => (await metric('memory_budget_used_bytes')) === 0,
        10_000,
      )
      const rows = gateway.ask('queue', '--all', '--limit', '1000') as readonly { readonly subject: string }[]
      assert.deepEqual(
        rows.filter(({ subject }) => subject.includes('half')),
        [],
      )
      assert.equal(await metric('messages_accepted_total'), accepted + 1)
      await isReady()
    })

    it('is the same with a dot that was not the last line', async () => {
      const client = await beginData('Subject: half a scan\r\n\r\n.')
      client[Symbol.dispose]()
      await until('the memory is free again', async () => (await metric('memory_budget_used_bytes')) === 0)
      const rows = gateway.ask('queue', '--all', '--limit', '1000') as readonly { readonly subject: string }[]
      assert.ok(rows.every(({ subject }) => subject === 'scan'))
    })

    it('can be seen in its session', () => {
      const sessions = gateway.ask('sessions') as readonly SessionRecord[]
      const notes = sessions.flatMap(({ lines }) => lines.map(({ text }) => text))
      assert.equal(
        notes.filter((text) => text === 'the device closed the connection in the middle of DATA').length,
        5,
      )
    })
  })
})
