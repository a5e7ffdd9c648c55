import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, createServer, request as httpRequest } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { type BreakableServer, listenBreakably } from './breakable-server.ts'
import { receive, type Upload, type UploadLimits } from './upload.ts'

let listener: BreakableServer
let limits: UploadLimits = { maxBytes: 10 }
let uploads: PromiseWithResolvers<Upload> = Promise.withResolvers()

before(async () => {
  const server = createServer((request, response) => {
    receive(request, limits).then((upload) => {
      request.resume()
      uploads.resolve(upload)
      response.end()
    }, uploads.reject)
  })
  listener = await listenBreakably(server, '127.0.0.1', 0)
})
after(() => listener[Symbol.asyncDispose]())

function open(headers: Record<string, string | number>, given: UploadLimits): ClientRequest {
  limits = given
  uploads = Promise.withResolvers()
  const request = httpRequest({
    host: '127.0.0.1',
    port: listener.port,
    method: 'POST',
    agent: false,
    headers,
  })
  request.on('error', () => undefined)
  return request
}

describe('an upload', () => {
  it('is complete up to the limit', async () => {
    open({ 'content-length': 10 }, { maxBytes: 10 }).end('0123456789')
    const upload = await uploads.promise
    assert.equal(upload.kind === 'complete' && upload.body.toString(), '0123456789')
  })

  it('is too large when announced so, before any of it has come', async () => {
    const request = open({ 'content-length': 11 }, { maxBytes: 10 })
    request.flushHeaders()
    assert.deepEqual(await uploads.promise, { kind: 'too-large' })
    request.destroy()
  })

  it('is too large when it grows so', async () => {
    open({ 'transfer-encoding': 'chunked' }, { maxBytes: 10 }).end('01234567890')
    assert.deepEqual(await uploads.promise, { kind: 'too-large' })
  })

  it('stops where it is told to, its bytes counted', async () => {
    const totals: number[] = []
    const request = open(
      { 'content-length': 9 },
      { maxBytes: 10, stopAtBytes: 4, onBytes: (total) => totals.push(total) },
    )
    request.write('012345')
    assert.deepEqual(await uploads.promise, { kind: 'stopped' })
    assert.deepEqual(totals, [6])
    request.destroy()
  })

  it('is broken when the client leaves', async () => {
    const request = open({ 'content-length': 9 }, { maxBytes: 10, onBytes: () => request.destroy() })
    request.write('012')
    assert.deepEqual(await uploads.promise, { kind: 'broken' })
  })

  it('leaves the connection usable after an early stop', async () => {
    const request = open({ 'content-length': 9 }, { maxBytes: 10, stopAtBytes: 0 })
    request.end('012345678')
    const [response] = await once(request, 'response')
    assert.equal(response.statusCode, 200)
    response.resume()
  })
})
