// What a stranger on the network can try without a password: bounded in count and time, on loopback only.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { wallMs } from '../../src/core/time.ts'
import { plainBox } from '../end-to-end/plain-box.ts'
import { GatewayInProcess } from '../gateway-in-process.ts'
import { temporaryFolder, until } from '../gateway-process.ts'
import { RunningClock } from '../running-clock.ts'
import { Visitor } from './visitor.ts'

const password = 'a long enough one'
const folder = temporaryFolder()
let box: GatewayInProcess
let port: number
let anna: Visitor

before(async () => {
  box = await GatewayInProcess.start(folder.path, plainBox(), { clock: new RunningClock(wallMs(Date.now())) })
  await box.operations.addOperator('anna', 'administrator', password, 'test')
  port = Number(new URL(box.console).port)
  anna = new Visitor(box.console)
  await anna.signIn('anna', password)
})
after(async () => {
  await box[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

describe('headers', { timeout: 60_000 }, () => {
  it('that keep other pages away are on every answer, good or bad', async () => {
    const stranger = new Visitor(box.console)
    const answers = await Promise.all([
      anna.send('GET', '/'),
      anna.send('GET', '/', undefined, { accept: 'text/html' }),
      anna.send('GET', '/nothing'),
      anna.send('GET', '/assets/nothing.js'),
      anna.send('GET', '/healthz'),
      anna.send('POST', '/healthz'),
      anna.send('GET', '/d/scan1'),
      anna.send('GET', '/api/v1/status'),
      anna.send('GET', '/api/v1/nothing'),
      anna.send('PATCH', '/api/v1/status'),
      anna.send('POST', '/api/v1/aliases', 'no JSON'),
      anna.send('DELETE', '/api/v1/aliases/none'),
      stranger.send('GET', '/api/v1/status'),
      stranger.send('POST', '/api/v1/session', '{}'),
      stranger.send('GET', '/', undefined, { host: 'evil.example' }),
    ])
    for (const { status, headers } of answers) {
      assert.match(String(headers['content-security-policy']), /^default-src 'none'/, String(status))
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|https?:|\*/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['x-frame-options'], 'DENY')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
      assert.match(String(headers['cache-control']), /no-store|no-cache/)
      assert.equal(headers['access-control-allow-origin'], undefined)
      assert.equal(headers['server'], undefined)
      assert.equal(headers['x-powered-by'], undefined)
    }
    const statuses = [...new Set(answers.map(({ status }) => status))].toSorted()
    assert.deepEqual(statuses, [200, 302, 400, 401, 404, 405, 409, 421])
  })

  it('say that the API is JSON, so that what a device wrote is no page', async () => {
    const { id } = await box.send({
      to: ['anna@contoso.com'],
      subject: '<script>alert(1)</script>',
      device: '127.0.0.1',
    })
    const told = await anna.send('GET', `/api/v1/messages/${id}`, undefined, { accept: 'text/html' })
    assert.ok(told.body.includes('<script>'))
    assert.equal(told.headers['content-type'], 'application/json')
    const content = await anna.send('GET', `/api/v1/messages/${id}/content`, undefined, {
      accept: 'text/html',
    })
    assert.equal(content.status, 200)
    assert.equal(content.headers['content-disposition'], `attachment; filename="${id}.eml"`)
    assert.equal(content.headers['content-type'], 'message/rfc822')
  })
})

describe('a body', { timeout: 60_000 }, () => {
  it('of more than 64 kB is not taken before anybody signed in', async () => {
    const stranger = new Visitor(box.console)
    const large = JSON.stringify({ name: 'anna', password: 'x'.repeat(65_000) })
    const { status, body } = await stranger.send('POST', '/api/v1/session', large)
    assert.deepEqual([status, body], [413, '{"error":"this takes at most 64 kB"}'])
    const document = JSON.stringify({ text: `# ${'x'.repeat(70_000)}\nschema = 1\n`, check: true })
    assert.equal(
      (await anna.send('POST', '/api/v1/setup', document)).status,
      200,
      'a setup document may be longer',
    )
  })

  it('of a route that is not for the caller is not read', async () => {
    const socket = connect(port, '127.0.0.1')
    const head = ['POST /api/v1/setup HTTP/1.1', 'Host: localhost', 'Content-Length: 4000000', '', '']
    socket.write(head.join('\r\n'))
    const [told] = await once(socket, 'data')
    assert.match(String(told), /^HTTP\/1\.1 401 /)
    socket.destroy()
  })
})

describe('two hundred connections from one address', { timeout: 60_000 }, () => {
  it('leave a place for every other address', async () => {
    const sockets: Socket[] = []
    let closed = 0
    try {
      for (let count = 0; count < 200; count++) {
        const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.66' })
        socket.on('error', () => undefined).on('close', () => closed++)
        // Half a request, as slowloris sends it.
        socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-')
        sockets.push(socket)
      }
      await until('those beyond sixty are closed', () => closed === 140)
      const other = new Visitor(box.console, { from: '127.0.0.67' })
      assert.equal((await other.send('GET', '/healthz')).status, 200)
    } finally {
      for (const socket of sockets) socket.destroy()
    }
  })

  it('that never finish their headers are closed by the box', async () => {
    const socket = connect(port, '127.0.0.1')
    const closed = once(socket, 'close')
    socket.on('error', () => undefined).on('data', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-')
    await closed
  })
})
