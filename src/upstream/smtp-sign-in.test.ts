import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { SessionNotOpened, SmtpSession } from './smtp-session.ts'
import { isCredentialRefused, type SmtpSignIn } from './smtp-sign-in.ts'

const never = new AbortController().signal

/** A server in clear that answers line by line what it is told to; what it heard is in `heard`. */
async function scripted(answers: readonly string[]) {
  const heard: string[] = []
  const left = [...answers]
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined)
    socket.write('220 old relay\r\n')
    createInterface({ input: socket }).on('line', (line) => {
      heard.push(line)
      socket.write(`${left.shift() ?? '500 ?'}\r\n`)
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

  it('of a server that says the password back is kept without it', async () => {
    const echo = '535 5.7.8 no: dGFuc3RhYWZ0YW5zdGFhZg== (tanstaaftanstaaf)'
    await using server = await scripted(['250-relay\r\n250 AUTH LOGIN', '334 a', '334 b', echo])
    await assert.rejects(open(server.port, tim), (error: unknown) => {
      assert.ok(error instanceof SessionNotOpened && isCredentialRefused(error.cause))
      assert.match(error.dialogue, /\nS: 535 5\.7\.8 no: \*\*\* \(\*\*\*\)$/)
      return true
    })
  })

  it('that ends with the connection is no refusal of the credential', async () => {
    await using server = await scripted(['250-relay\r\n250 AUTH LOGIN', '421 4.7.0 too many of you'])
    await assert.rejects(
      open(server.port, tim),
      (error: unknown) => error instanceof SessionNotOpened && !isCredentialRefused(error.cause),
    )
  })
})
