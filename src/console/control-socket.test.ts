import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ControlClient } from '../commands/control-client.ts'
import { operationsDouble } from '../commands/operations-double.fixture.ts'
import { type ControlOptions, serveControl } from './control-socket.ts'
import type { OpenServer } from './http-server.ts'

const log = { write() {} }
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inkpost-control-'))
  path = join(folder, 'control.sock')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function open(options: Partial<ControlOptions> = {}): Promise<OpenServer> {
  const opening = await serveControl({ path, operations: operationsDouble().operations, log, ...options })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  return opening
}

function post(
  route: string,
  body: string,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: path, path: route, method: 'POST', agent: false })
    outgoing.on('error', reject).on('response', async (incoming) => {
      let text = ''
      for await (const piece of incoming) text += piece
      resolve({ status: incoming.statusCode, body: text })
    })
    outgoing.end(body)
  })
}

describe('the control socket', () => {
  it('is for its own user alone', async () => {
    await using _server = await open()
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('leaves nothing behind, and the umask as it was', async () => {
    const before = process.umask()
    await (await open())[Symbol.asyncDispose]()
    assert.equal(statSync(path, { throwIfNoEntry: false }), undefined)
    assert.equal(process.umask(), before)
  })

  it('takes the place of one that nobody answers on', async () => {
    await leaveStaleSocket()
    assert.ok(statSync(path).isSocket())
    await using _server = await open()
    assert.equal((await new ControlClient(path).status()).name, 'branch-07')
  })

  it('leaves one alone that is answered', async () => {
    await using _first = await open()
    const second = await serveControl({ path, operations: operationsDouble().operations, log })
    assert.equal(second.kind, 'refused')
    assert.equal((await new ControlClient(path).status()).name, 'branch-07')
  })

  it('leaves a file alone that is no socket, and a link', async () => {
    writeFileSync(path, 'precious')
    const onFile = await serveControl({ path, operations: operationsDouble().operations, log })
    assert.equal(onFile.kind, 'refused')
    const link = join(folder, 'link.sock')
    symlinkSync(path, link)
    const onLink = await serveControl({ path: link, operations: operationsDouble().operations, log })
    assert.equal(onLink.kind, 'refused')
    assert.equal(statSync(path).size, 8)
  })

  it('says so when the path is too long for a socket', async () => {
    const long = join(folder, 'x'.repeat(120))
    const opening = await serveControl({ path: long, operations: operationsDouble().operations, log })
    assert.match(opening.kind === 'refused' ? opening.reason : '', /too long.*shorter data directory/)
  })

  it('closes when its signal aborts', async () => {
    const stop = new AbortController()
    await using server = await open({ signal: stop.signal })
    stop.abort()
    await server[Symbol.asyncDispose]()
    await assert.rejects(new ControlClient(path).status(), /did not answer/)
  })
})

describe('the API', () => {
  it('refuses what it does not understand with 400 and a sentence', async () => {
    await using _server = await open()
    for (const [route, body, sentence] of [
      ['/api/v1/queue/actions', '{', /not JSON/],
      ['/api/v1/queue/actions', '[]', /JSON object/],
      ['/api/v1/queue/actions', '{"action":"burn","selector":"7"}', /one of retry, hold, release, drop/],
      ['/api/v1/aliases', '{"name":"a","to":[1]}', /"to" has to be a list of texts/],
      ['/api/v1/setup', '{"text":"","check":"yes"}', /"check" has to be true or false/],
    ] as const) {
      const answer = await post(route, body)
      assert.equal(answer.status, 400, body)
      assert.match(JSON.parse(answer.body).error, sentence)
    }
  })

  it('has a limit for bodies', async () => {
    await using _server = await open()
    const answer = await post('/api/v1/setup', JSON.stringify({ text: 'x'.repeat(4_100_000) }))
    assert.equal(answer.status, 413)
  })

  it('answers what it does not have with 404', async () => {
    await using _server = await open()
    const answer = await post('/api/v1/nothing', '{}')
    assert.equal(answer.status, 404)
    assert.match(JSON.parse(answer.body).error, /POST \/api\/v1\/nothing/)
  })

  it('tells trouble of its own with 500 and logs it', async () => {
    const events: string[] = []
    const status = async () => {
      throw new Error('the reader thread is gone')
    }
    await using _server = await open({
      operations: operationsDouble({ status }).operations,
      log: { write: (_level, event) => void events.push(event) },
    })
    await assert.rejects(new ControlClient(path).status(), /answered 500: the reader thread is gone/)
    assert.deepEqual(events, ['api-request-failed'])
  })

  it('breaks the connection when a content breaks in the middle', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('Subject: half')
      throw new Error('disk error')
    }
    await using _server = await open({
      operations: operationsDouble({ content: async () => broken() }).operations,
    })
    const content = await new ControlClient(path).content('7', 'anna')
    assert.ok(content)
    await assert.rejects(async () => {
      for await (const _piece of content);
    })
  })
})

/** What a killed gateway leaves: its socket file without a listener. */
async function leaveStaleSocket(): Promise<void> {
  const { spawn } = await import('node:child_process')
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  const child = spawn(process.execPath, ['-e', script])
  await once(child, 'exit')
}
