import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { address } from './example-consignment.fixture.ts'
import { SessionNotOpened, SmtpSession } from './smtp-session.ts'
import { isCredentialRefused, type SmtpSignIn } from './smtp-sign-in.ts'
import { smtpTroubleOutcome } from './smtp-trouble.ts'

const never = new AbortController().signal

/** A server in clear that answers line by line what it is told to, without an end of the line and hanging up at `END`; what it heard is in `heard`. */
async function scripted(answers: readonly string[]) {
  const heard: string[] = []
  const left = [...answers]
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    socket.write('220 old relay\r\n')
    createInterface({ input: socket }).on('line', (line) => {
      heard.push(line)
      const answer = left.shift() ?? '500 ?'
      if (answer.endsWith('END')) socket.end(answer.slice(0, -3))
      else socket.write(`${answer}\r\n`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { heard, port, [Symbol.asyncDispose]: async () => void server.close() }
}

const open = (port: number, signIn: SmtpSignIn): Promise<SmtpSession> =>
  SmtpSession.open(
    { host: '127.0.0.1', port, security: 'plain', hostname: 'branch-07', context: undefined, signIn },
    never,
  )

/** Of a mail that goes by the library's own commands. */
async function failureOf(session: SmtpSession): Promise<unknown> {
  const recipients = [{ number: 1, address: address('anna@contoso.com') }]
  const envelope = { from: 'a@contoso.com', recipients, size: 1, has8bit: false, smtputf8: false, dsn: {} }
  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from('x')
  }
  return (await session.transact(envelope, content(), true, never)).failure
}

const tim: SmtpSignIn = {
  kind: 'password',
  username: 'tim',
  password: 'tanstaaftanstaaf',
  mechanisms: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
}
const challenge = '334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+'
const digest = 'dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw'

describe('sign-in', () => {
  it('by CRAM-MD5 is the example of RFC 2195', async () => {
    await using server = await scripted(['250-relay\r\n250 AUTH CRAM-MD5', challenge, '235 ok'])
    using session = await open(server.port, tim)
    assert.deepEqual(server.heard.slice(1), ['AUTH CRAM-MD5', digest])
    assert.ok(!session.dialogue.includes(digest))
  })

  it('knows what servers of long ago write: AUTH=, lower case, more than one line', async () => {
    await using server = await scripted([
      '250-relay\r\n250-auth=login\r\n250 Auth gssapi',
      '334 a',
      '334 b',
      '235 ok',
    ])
    using session = await open(server.port, tim)
    assert.deepEqual(server.heard.slice(1), ['AUTH LOGIN', 'dGlt', 'dGFuc3RhYWZ0YW5zdGFhZg=='])
    assert.ok(session.isOpen)
  })

  describe('by XOAUTH2', () => {
    const greeting = '250-relay\r\n250 AUTH XOAUTH2'
    const refused = '535 5.7.3 Authentication unsuccessful'
    const byToken = (token: string): SmtpSignIn => ({ kind: 'token', username: 'tim', token })
    /** Of an AUTH line of so many octets with its CRLF. */
    const responseFor = (octets: number) => {
      const length = octets - 'AUTH XOAUTH2 \r\n'.length
      const token = 'x'.repeat((length / 4) * 3 - 'user=tim\x01auth=Bearer \x01\x01'.length)
      const response = Buffer.from(`user=tim\x01auth=Bearer ${token}\x01\x01`).toString('base64')
      assert.equal(response.length, length)
      return { token, response }
    }

    it('says the token with AUTH as long as that is a command line (RFC 4954 section 4)', async () => {
      const { token, response } = responseFor(511)
      await using server = await scripted([greeting, '235 ok'])
      using session = await open(server.port, byToken(token))
      assert.deepEqual(server.heard.slice(1), [`AUTH XOAUTH2 ${response}`])
      assert.match(session.dialogue, /\nC: AUTH XOAUTH2 \*\*\*\n/)
    })

    it('says a longer one after AUTH, and keeps it no less secret', async () => {
      const { token, response } = responseFor(515)
      await using server = await scripted([greeting, '334 ', '235 ok'])
      using session = await open(server.port, byToken(token))
      assert.deepEqual(server.heard.slice(1), ['AUTH XOAUTH2', response])
      assert.match(session.dialogue, /\nC: AUTH XOAUTH2\nS: 334 ?\nC: \*\*\*\n/)
      assert.ok(!session.dialogue.includes(response) && !session.dialogue.includes(token))
    })

    for (const [what, answers, lines] of [
      ['at once', ['334 ', refused], 2],
      ['by a challenge', ['334 ', '334 eyJzdGF0dXMiOiI0MDEifQ==', refused], 3],
      ['before it was said', [refused], 1],
    ] as const)
      it(`is refused ${what}`, async () => {
        await using server = await scripted([greeting, ...answers])
        await assert.rejects(
          open(server.port, byToken('x'.repeat(2000))),
          (error: unknown) => error instanceof SessionNotOpened && isCredentialRefused(error.cause),
        )
        assert.equal(server.heard.slice(1).length, lines)
      })
  })

  it('of a server that says the password back is kept without it', async () => {
    const echo = '535 5.7.8 no: dGFuc3RhYWZ0YW5zdGFhZg== (tanstaaftanstaaf)'
    await using server = await scripted(['250-relay\r\n250 AUTH LOGIN', '334 a', '334 b', echo])
    await assert.rejects(open(server.port, tim), (error: unknown) => {
      assert.ok(error instanceof SessionNotOpened && isCredentialRefused(error.cause))
      assert.match(error.dialogue, /\nS: 535 5\.7\.8 no: \*\*\* \(\*\*\*\)$/)
      return true
    })
  })

  for (const [how, password] of [
    ['plain', 'tanstaaftanstaaf'],
    ['beyond ASCII', 'tänstaaf ü'],
    ['like a code', '535 5.7.8'],
  ] as const)
    it(`of a server that says the password back is told without it, ${how}`, async () => {
      const encoded = Buffer.from(password).toString('base64')
      const echo = `535-5.7.8 no: ${encoded}\r\n535 5.7.8 ${password} is wrong`
      await using server = await scripted(['250-relay\r\n250 AUTH LOGIN', '334 a', '334 b', echo])
      await assert.rejects(open(server.port, { ...tim, password }), (error: unknown) => {
        assert.ok(error instanceof SessionNotOpened && isCredentialRefused(error.cause))
        const outcome = smtpTroubleOutcome(error.cause, { isContentSent: false, reference: '' })
        assert.ok(outcome.kind === 'paused')
        assert.match(outcome.pause.reason, / no: \*\*\* .*\*\*\* is wrong/)
        assert.ok(!outcome.pause.reason.includes(encoded))
        return true
      })
    })

  it('keeps the password from what the server says later, by commands of the library too, and as it hangs up', async () => {
    for (const ending of ['', 'END']) {
      const echo = `550 5.7.0 tanstaaftanstaaf${ending}`
      await using server = await scripted(['250-relay\r\n250 AUTH PLAIN', '235 ok', echo])
      using session = await open(server.port, tim)
      const failure = await failureOf(session)
      assert.ok(failure instanceof Error && 'response' in failure)
      assert.equal(failure.response, '550 5.7.0 ***')
      assert.ok(!failure.message.includes('tanstaaf'))
      assert.ok(!session.dialogue.includes('tanstaaf'))
    }
  })

  it('that ends with the connection is no refusal of the credential', async () => {
    await using server = await scripted(['250-relay\r\n250 AUTH LOGIN', '421 4.7.0 too many of you'])
    await assert.rejects(
      open(server.port, tim),
      (error: unknown) => error instanceof SessionNotOpened && !isCredentialRefused(error.cause),
    )
  })
})
