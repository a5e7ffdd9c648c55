import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { createCertificateAuthority } from '../../test/emulator/certificate-authority.ts'
import { second, wallMs } from '../core/time.ts'
import { httpsAgent, loadTrust } from '../upstream/trust.ts'
import { alertDocument } from './alert-document.ts'
import type { Notice } from './notice.ts'
import { callWebhook, tryWebhook, type WebhookCall } from './webhook.ts'

const at = wallMs(Date.UTC(2026, 10, 21, 12))
const notice: Notice = {
  event: 'raised',
  key: 'upstream-paused/acs',
  severity: 'warning',
  sentence: 'acs is paused: Schlüssel abgelaufen.',
  remedy: 'Make a new one.',
  since: at,
  at,
  times: 1,
}

interface Heard {
  readonly method: string
  readonly path: string
  readonly type: string
  readonly body: string
}

/** A receiver that answers with the next of its statuses, the last one for ever. */
class Receiver implements AsyncDisposable {
  readonly heard: Heard[] = []
  statuses: number[] = [204]
  readonly server: Server
  readonly #scheme: string

  constructor(make: (listener: RequestListener) => Server, scheme: string) {
    this.server = make((request, response) => void this.#answer(request, response))
    this.#scheme = scheme
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get port(): number {
    const place = this.server.address()
    return typeof place === 'object' && place ? place.port : 0
  }

  get url(): string {
    return `${this.#scheme}://localhost:${this.port}/hook?sig=s3cret`
  }

  async #answer(request: IncomingMessage, response: Parameters<RequestListener>[1]): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(request, (chunk: Buffer) => chunk)).toString()
    const { method = '', url: path = '', headers } = request
    this.heard.push({ method, path, type: headers['content-type'] ?? '', body })
    const status = this.statuses.length > 1 ? this.statuses.shift() : this.statuses[0]
    response.writeHead(status ?? 500, { location: this.url }).end('thank you')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

let folder: string
let caFile: string
let secure: Receiver
const clock = new JumpingClock(at)

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'webhook-'))
  caFile = join(folder, 'ca.pem')
  const authority = await createCertificateAuthority()
  writeFileSync(caFile, authority.caPem)
  const identity = await authority.issue({ names: ['localhost'] })
  const options = { key: identity.keyPem, cert: identity.certificatePem }
  secure = await new Receiver((listener) => createHttps(options, listener), 'https').listen()
})

after(async () => {
  await secure[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const agentFor = (file: string, proxy = '') => {
  const trust = loadTrust(file)
  return httpsAgent(trust.kind === 'trust' ? trust.context : assert.fail(trust.detail), proxy)
}

const callTo = (url: string, more: Partial<WebhookCall> = {}): WebhookCall => ({
  url,
  body: alertDocument('branch-07', notice),
  agent: url.startsWith('https') ? agentFor(caFile) : undefined,
  userAgent: 'inkpost/test',
  clock,
  signal: new AbortController().signal,
  ...more,
})

describe('the webhook', () => {
  it('POSTs the documented JSON over verified TLS', async () => {
    secure.heard.length = 0
    assert.deepEqual(await callWebhook(callTo(secure.url)), { kind: 'told', detail: 'answered 204' })
    const [heard] = secure.heard
    assert.deepEqual(
      [heard?.method, heard?.path, heard?.type],
      ['POST', '/hook?sig=s3cret', 'application/json'],
    )
    assert.deepEqual(JSON.parse(heard?.body ?? ''), {
      version: 1,
      id: `branch-07/upstream-paused/acs/raised/${at}`,
      box: 'branch-07',
      event: 'raised',
      key: 'upstream-paused/acs',
      severity: 'warning',
      sentence: 'acs is paused: Schlüssel abgelaufen.',
      remedy: 'Make a new one.',
      since: '2026-11-21T12:00:00.000Z',
      at: '2026-11-21T12:00:00.000Z',
      times: 1,
      text: '[branch-07] warning: acs is paused: Schlüssel abgelaufen. Make a new one.',
    })
  })

  it('refuses a server that it does not trust, and never says what may be a secret', async () => {
    secure.heard.length = 0
    const answer = await tryWebhook(callTo(secure.url, { agent: agentFor('') }))
    assert.equal(answer.kind, 'failed')
    assert.match(answer.detail, /^https:\/\/localhost:\d+: .*(certificate|CERT)/)
    assert.doesNotMatch(answer.detail, /s3cret|hook/)
    assert.equal(secure.heard.length, 0)
  })

  /** Moves the clock over the waits until the call has ended. */
  const patiently = async (call: WebhookCall) => {
    let isDone = false
    const answering = callWebhook(call).finally(() => {
      isDone = true
    })
    while (!isDone) {
      if (clock.waiting > 0) await clock.jump(30 * second)
      else await new Promise((resolve) => setImmediate(resolve))
    }
    return answering
  }

  it('is tried three times where it may pass', async () => {
    await using plain = await new Receiver((listener) => createHttp(listener), 'http').listen()
    plain.statuses = [503, 429, 200]
    assert.deepEqual(await patiently(callTo(plain.url)), { kind: 'told', detail: 'answered 200' })
    assert.equal(plain.heard.length, 3)
    plain.statuses = [500]
    assert.deepEqual(await patiently(callTo(plain.url)), { kind: 'failed', detail: 'answered 500' })
    assert.equal(plain.heard.length, 6)
  })

  it('is not tried again where it will not pass, and follows nothing elsewhere', async () => {
    await using plain = await new Receiver((listener) => createHttp(listener), 'http').listen()
    plain.statuses = [404]
    assert.equal((await callWebhook(callTo(plain.url))).detail, 'answered 404')
    plain.statuses = [302]
    assert.match((await callWebhook(callTo(plain.url))).detail, /^answered 302: it sends elsewhere/)
    assert.equal(plain.heard.length, 2)
  })

  it('ends when the gateway stops', async () => {
    const stop = new AbortController()
    const server = await new Receiver((listener) => createHttp(listener), 'http').listen()
    await server[Symbol.asyncDispose]()
    const answering = callWebhook(callTo(server.url, { signal: stop.signal }))
    while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    assert.match((await answering).detail, /ECONNREFUSED/)
  })

  it('goes through the proxy of the settings', async () => {
    const asked: string[] = []
    const proxy = createHttp()
    proxy.on('connect', (request, socket, head) => {
      asked.push(request.url ?? '')
      const onwards = connect(secure.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        onwards.write(head)
        socket.pipe(onwards).pipe(socket)
      })
      onwards.on('error', () => socket.destroy())
      socket.on('error', () => onwards.destroy())
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const place = proxy.address()
    const port = typeof place === 'object' && place ? place.port : 0
    const answer = await tryWebhook(
      callTo(secure.url, { agent: agentFor(caFile, `http://127.0.0.1:${port}`) }),
    )
    proxy.closeAllConnections()
    proxy.close()
    assert.deepEqual(answer, { kind: 'told', detail: 'answered 204' })
    assert.deepEqual(asked, [`localhost:${secure.port}`])
  })
})
