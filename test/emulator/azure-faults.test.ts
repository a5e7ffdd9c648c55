// Scripted faults, as a client meets them: what it sees, and what the ledger knows.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Azure, startAzure } from './azure.ts'
import { exampleClientId, exampleSecret, exampleTenant } from './azure-settings.ts'
import type { Fault } from './faults.ts'
import { jsonAnswer } from './http-answer.ts'
import { ask, fetchToken, type RawAnswer } from './https-raw-client.ts'

let azure: Azure
let token: string

before(async () => {
  azure = await startAzure({ sendQuota: { perMinute: 1000, perHour: 1000 } })
  token = await fetchToken(azure, exampleTenant, exampleClientId, exampleSecret)
})
after(() => azure[Symbol.asyncDispose]())
beforeEach(() => {
  azure.faults.clear()
  azure.ledger.length = 0
  azure.requests.length = 0
})

function send(textBytes = 4, signal?: AbortSignal, operationId: string = randomUUID()): Promise<RawAnswer> {
  const body = {
    senderAddress: 'scanner@contoso.com',
    content: { subject: 'Scan', plainText: 'a'.repeat(textBytes) },
    recipients: { to: [{ address: 'anna@contoso.com' }] },
  }
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'operation-id': operationId,
  }
  const pathAndQuery = '/emails:send?api-version=2025-09-01'
  return ask(azure, { method: 'POST', pathAndQuery, headers, body: JSON.stringify(body) }, signal)
}

const wholeUpload = 2_000_000

describe('faults that lose the connection', () => {
  it('reply-lost: the mail is stored, the client sees a reset', async () => {
    azure.faults.push({ kind: 'reply-lost', path: '/emails:send' })
    await assert.rejects(send(), { code: 'ECONNRESET' })
    assert.equal(azure.ledger.length, 1)
    assert.deepEqual([azure.requests[0]?.status, azure.requests[0]?.fault], [undefined, 'reply-lost'])
  })

  it('reset-at: in the middle of the upload, nothing is stored', async () => {
    azure.faults.push({ kind: 'reset-at', bytes: 100_000 })
    await assert.rejects(
      send(wholeUpload),
      (error: NodeJS.ErrnoException) => error.code === 'ECONNRESET' || error.code === 'EPIPE',
    )
    const received = azure.requests[0]?.receivedBytes ?? 0
    assert.ok(received >= 100_000 && received < wholeUpload, String(received))
    assert.equal(azure.ledger.length, 0)
  })

  it('reset-at 0: before the upload, or after a shorter one', async () => {
    azure.faults.push({ kind: 'reset-at', bytes: 0 }, { kind: 'reset-at', bytes: 10_000_000 })
    await assert.rejects(send(), { code: 'ECONNRESET' })
    await assert.rejects(send(), { code: 'ECONNRESET' })
    assert.equal(azure.ledger.length, 0)
  })
})

describe('stall: never answers', () => {
  for (const [after, stored] of [
    ['headers', 0],
    ['upload', 0],
    ['storing', 1],
  ] as const) {
    it(`after ${after}, with ${stored} stored`, async () => {
      azure.faults.push({ kind: 'stall', after })
      const impatience = new AbortController()
      const sent = send(4, impatience.signal)
      await azure.requestsReach(1)
      if (stored === 1) await azure.ledgerReaches(1)
      impatience.abort()
      await assert.rejects(sent, { name: 'AbortError' })
      assert.deepEqual([azure.ledger.length, azure.requests[0]?.status], [stored, undefined])
    })
  }
})

describe('faults that answer', () => {
  const rows: [fault: Fault, status: number, seen: RegExp][] = [
    [{ kind: 'html-502' }, 502, /^text\/html.*<html>/s],
    [{ kind: 'status-500' }, 500, /InternalServerError/],
    [{ kind: 'status-503' }, 503, /ServiceUnavailable/],
    [{ kind: 'captive-portal' }, 200, /^text\/html.*guest network/s],
    [{ kind: 'redirect', location: 'https://localhost:1/elsewhere' }, 307, /elsewhere/],
    [{ kind: 'claims-challenge' }, 401, /insufficient_claims/],
    [{ kind: 'early-413' }, 413, /RequestBodyTooLarge/],
    [{ kind: 'answer', answer: jsonAnswer(418, { tea: true }) }, 418, /tea/],
  ]
  for (const [fault, status, seen] of rows) {
    it(`${fault.kind}: ${status}, nothing stored`, async () => {
      azure.faults.push(fault)
      const answer = await send()
      assert.equal(answer.status, status)
      const { headers } = answer
      const all = [
        headers['content-type'],
        headers['x-ms-error-code'],
        headers['www-authenticate'],
        headers.location,
        answer.text,
      ]
      assert.match(all.join('\n').trim(), seen)
      assert.equal(azure.ledger.length, 0)
    })
  }

  for (const kind of ['html-502', 'status-500', 'status-503'] as const) {
    it(`${kind} although the mail is stored`, async () => {
      azure.faults.push({ kind, isStored: true })
      assert.ok((await send()).status >= 500)
      assert.equal(azure.ledger.length, 1)
    })
  }

  it('503 with Retry-After', async () => {
    azure.faults.push({ kind: 'status-503', retryAfterSeconds: 7 })
    assert.equal((await send()).headers['retry-after'], '7')
  })

  it('413 while the upload is still going on', async () => {
    azure.faults.push({ kind: 'early-413', bytes: 1000 })
    const answer = await send(9_000_000)
    assert.deepEqual([answer.status, answer.isEarly], [413, true])
  })
})

describe('the fault queue', () => {
  it('strikes by method, path and operation id, and leaves the others alone', async () => {
    const operationId = randomUUID()
    azure.faults.push(
      { kind: 'status-500', method: 'GET' },
      { kind: 'status-500', path: /^\/emails\/operations\// },
      { kind: 'status-500', operationId },
    )
    assert.equal((await send()).status, 202)
    assert.equal((await send(4, undefined, operationId.toUpperCase())).status, 500)
    assert.equal((await send(4, undefined, operationId)).status, 202)
    assert.equal(azure.faults.waiting, 2)
  })

  it('strikes as often as it says, after letting so many pass, in order', async () => {
    azure.faults.push({ kind: 'status-500', skip: 1, count: 2 }, { kind: 'html-502' })
    const seen = []
    for (let index = 0; index < 5; index += 1) seen.push((await send()).status)
    assert.deepEqual(seen, [202, 500, 500, 502, 202])
  })

  it('is not used up by requests that an outage answers', async () => {
    azure.faults.push({ kind: 'status-500' })
    await azure.setOutage('503')
    assert.equal((await send()).status, 503)
    await azure.setOutage('none')
    assert.equal((await send()).status, 500)
  })

  it('strikes Entra as well', async () => {
    azure.faults.push({ kind: 'captive-portal', path: /\/token$/ })
    await assert.rejects(fetchToken(azure, exampleTenant, exampleClientId, exampleSecret), SyntaxError)
  })
})

describe('a client that leaves in the middle of its upload', () => {
  it('leaves nothing behind', async () => {
    const impatience = new AbortController()
    azure.faults.push({ kind: 'stall', after: 'headers' })
    const sent = send(wholeUpload, impatience.signal)
    await azure.requestsReach(1)
    impatience.abort()
    await assert.rejects(sent, { name: 'AbortError' })
    assert.equal((await send()).status, 202)
    assert.equal(azure.ledger.length, 1)
  })
})

describe('waiting for an entry', () => {
  it('ends with the signal’s reason', async () => {
    const reason = new Error('enough')
    await assert.rejects(azure.ledgerReaches(1, AbortSignal.abort(reason)), reason)
  })
})
