import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { EmailClient } from '@azure/communication-email'
import { AzureKeyCredential } from '@azure/core-auth'
import { createHttpHeaders, type PipelinePolicy } from '@azure/core-rest-pipeline'
import { wallMs } from '../core/time.ts'
import { emptyContentSha256, signatureHeaders } from './acs-signature.ts'

const key = Buffer.from('a key of the portal, never a real one').toString('base64')

interface Golden {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly headers: ReadonlyMap<string, string>
}

/** What the SDK itself signs, caught before it leaves. */
async function goldenRequests(): Promise<readonly Golden[]> {
  const caught: Golden[] = []
  const policy: PipelinePolicy = {
    name: 'catch',
    sendRequest: async (request) => {
      caught.push({
        method: request.method,
        url: request.url,
        body: String(request.body ?? ''),
        headers: new Map(Object.entries(request.headers.toJSON())),
      })
      const headers = createHttpHeaders({ 'content-type': 'application/json' })
      return {
        request,
        status: request.method === 'POST' ? 202 : 200,
        headers,
        bodyAsText: '{"id":"1","status":"Running"}',
      }
    },
  }
  const client = new EmailClient('https://contoso.communication.azure.com', new AzureKeyCredential(key), {
    additionalPolicies: [{ policy, position: 'perRetry' }],
  })
  await client.beginSend({
    senderAddress: 'scanner@contoso.com',
    content: { subject: 'Grüße', plainText: 'Öl' },
    recipients: { to: [{ address: 'anna@contoso.com' }] },
  })
  await client['generatedClient'].email.getSendResult('7d9a1c7e-0000-4000-8000-000000000000')
  return caught
}

describe('access key signature', () => {
  it('is the one that the SDK makes, for sending and for asking', async () => {
    const golden = await goldenRequests()
    assert.deepEqual([...new Set(golden.map((one) => one.method))], ['POST', 'GET'])
    for (const { method, url, body, headers } of golden) {
      const contentSha256 = createHash('sha256').update(body).digest('base64')
      const at = wallMs(Date.parse(headers.get('x-ms-date') ?? ''))
      for (const [name, value] of Object.entries(signatureHeaders({ method, url, contentSha256, at }, key))) {
        assert.equal(value, headers.get(name), `${method} ${name}`)
      }
    }
  })

  it('knows the hash of nothing', () => {
    assert.equal(emptyContentSha256, createHash('sha256').digest('base64'))
  })
})
