import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { curlLine, welcomeLines } from './welcome.ts'

const smtp = { protocol: 'smtp', security: 'starttls' } as const
const example = { name: 'Example printer', username: 'h7k2m', password: '12345678', sender: undefined }

interface Received {
  readonly commands: string[]
  readonly content: string[]
}

/** The least of an SMTP server (RFC 5321) with AUTH PLAIN: keeps what one client says. */
async function smtpSink(): Promise<AsyncDisposable & { readonly port: number; readonly received: Received }> {
  const received: Received = { commands: [], content: [] }
  const server = createServer(async (socket) => {
    socket.write('220 sink\r\n')
    let isContent = false
    for await (const line of createInterface({ input: socket })) {
      if (isContent && line !== '.') received.content.push(line)
      else {
        isContent = line === 'DATA'
        if (line !== '.') received.commands.push(line)
        socket.write(replyTo(line, received.commands.at(-2)))
      }
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    received,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

function replyTo(line: string, before: string | undefined): string {
  if (line.startsWith('EHLO')) return '250-sink\r\n250 AUTH PLAIN LOGIN\r\n'
  if (line === 'AUTH PLAIN') return '334 \r\n'
  if (line === 'DATA') return '354 go\r\n'
  if (line === 'QUIT') return '221 bye\r\n'
  return before === 'AUTH PLAIN' && line !== '.' ? '235 ok\r\n' : '250 ok\r\n'
}

/** As a person does who pastes the line, in a folder of its own, with nothing to read. */
async function paste(line = ''): Promise<{ readonly status: number | null; readonly printed: string }> {
  const child = spawn('/bin/sh', ['-c', line], { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (printed += piece))
  await once(child, 'close')
  return { status: child.exitCode, printed }
}

describe("the welcome's curl line", () => {
  it('sends one valid mail, signed in, without file and input', async () => {
    await using sink = await smtpSink()
    const line = curlLine(example, [{ ...smtp, name: 'submission', address: '127.0.0.1', port: sink.port }])
    assert.ok(line?.startsWith('curl '))
    assert.deepEqual(await paste(line), { status: 0, printed: '' })
    const { commands, content } = sink.received
    assert.ok(commands.includes(Buffer.from('\0h7k2m\x0012345678').toString('base64')), commands.join('\n'))
    assert.ok(commands.some((each) => each.startsWith('MAIL FROM:<printer@example.com>')))
    assert.ok(commands.includes('RCPT TO:<anna@example.com>'))
    const header = content.slice(0, content.indexOf(''))
    assert.ok(header.includes('Subject: Hello from inkpost'))
    assert.ok(header.includes('From: printer@example.com'))
    assert.ok(header.includes('To: anna@example.com'))
    assert.ok(header.some((each) => /^Content-Type: multipart\/mixed; boundary=/.test(each)))
    assert.ok(content.includes('It works.'))
  })

  it('is quoted where a shell would stumble', async () => {
    await using sink = await smtpSink()
    const odd = { ...example, username: "o'neil $x", password: 'a b`c' }
    const line = curlLine(odd, [{ ...smtp, name: 'x', address: '0.0.0.0', port: sink.port }])
    assert.deepEqual(await paste(line), { status: 0, printed: '' })
    const said = Buffer.from("\0o'neil $x\0a b`c").toString('base64')
    assert.ok(sink.received.commands.includes(said))
  })

  it('goes to the listener for submission, by an address that can be reached', () => {
    const places = [
      { ...smtp, name: 'submissions', address: '::', port: 465 },
      { ...smtp, name: 'submission', address: '::', port: 25 },
    ]
    assert.match(curlLine(example, places) ?? '', / smtp:\/\/127\.0\.0\.1:25 /)
    assert.match(
      curlLine(example, [{ ...smtp, name: 'x', address: '::1', port: 25 }]) ?? '',
      / smtp:\/\/\[::1\]:25 /,
    )
    assert.equal(curlLine(example, []), undefined)
  })

  it('goes to no POP listener, and to TLS only where nothing else speaks SMTP', () => {
    const pop = { ...smtp, protocol: 'pop3', name: 'submission', address: '::1', port: 110 } as const
    const implicit = { ...smtp, security: 'implicit', name: 'tls', address: '::1', port: 465 } as const
    const plain = { ...smtp, security: 'plain', name: 'plain', address: '::1', port: 25 } as const
    assert.match(curlLine(example, [pop, implicit, plain]) ?? '', /^curl -sS smtp:\/\/\[::1\]:25 /)
    assert.match(curlLine(example, [pop, implicit]) ?? '', /^curl -sS --insecure smtps:\/\/\[::1\]:465 /)
    assert.equal(curlLine(example, [pop]), undefined)
  })

  it('uses the sender of the device', () => {
    const line = curlLine({ ...example, sender: 'scan@contoso.com' }, [
      { ...smtp, name: 'x', address: '::1', port: 25 },
    ])
    assert.match(line ?? '', /--mail-from scan@contoso\.com .*-H 'From: scan@contoso\.com'/)
  })
})

const bare = { facts: { listeners: [], console: '' }, card: [], claimCode: undefined }

describe('the welcome', () => {
  it('leaves out what is not there: example, console, claim code', () => {
    const lines = welcomeLines({ ...bare, devices: [] })
    assert.equal(lines.filter((line) => line !== '').length, 2)
    assert.match(lines.join('\n'), /^No device may send yet: `\.\/inkpost device add NAME` /m)
  })

  it('says how to come by a card and a first mail where the example device is gone', () => {
    const devices = [
      { name: 'Old one', enabled: false },
      { name: "Anna's scanner", enabled: true },
    ]
    const text = welcomeLines({ ...bare, devices }).join('\n')
    assert.match(text, /`\.\/inkpost device card 'Anna'\\''s scanner'`/)
    assert.match(text, /`\.\/inkpost send-test --device 'Anna'\\''s scanner' --to ADDRESS`/)
  })
})
