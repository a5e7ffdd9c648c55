import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { before, describe, it } from 'node:test'
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../../test/emulator/certificate-authority.ts'
import { askBox } from './pinned-call.ts'

interface Asked {
  readonly kind: string
  /** What came with a token. */
  readonly tokens: readonly string[]
}

/** One question to a server that shows `shown` as its authority, and has a certificate of `by`. */
async function ask(shown: string, by: CertificateAuthority, fingerprint: string): Promise<Asked> {
  const { keyPem, certificatePem } = await by.issue({ names: ['branch-07'] })
  const tokens: string[] = []
  const server = createServer({ key: keyPem, cert: certificatePem }, (request, response) => {
    tokens.push(...(request.headers.authorization === undefined ? [] : [request.headers.authorization]))
    response.end(request.url === '/ca.pem' ? shown : '{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const box = { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, fingerprint }
    const { kind } = await askBox(box, '/api/v1/fleet', 'inkpost_secret', AbortSignal.timeout(30_000))
    return { kind, tokens }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('another box, asked by its authority', () => {
  let own: CertificateAuthority
  let stranger: CertificateAuthority
  let fingerprint: string

  before(async () => {
    own = await createCertificateAuthority()
    stranger = await createCertificateAuthority()
    fingerprint = new X509Certificate(own.caPem).fingerprint256
  })

  it('is given the token where its authority vouches for it', async () => {
    assert.deepEqual(await ask(own.caPem, own, fingerprint), {
      kind: 'answer',
      tokens: ['Bearer inkpost_secret'],
    })
  })

  it('is not where it has another authority', async () => {
    assert.deepEqual(await ask(stranger.caPem, stranger, fingerprint), { kind: 'failed', tokens: [] })
  })

  it('is not where it shows the right authority and a second one behind it', async () => {
    const both = `${own.caPem}\n${stranger.caPem}`
    assert.deepEqual(await ask(both, stranger, fingerprint), { kind: 'failed', tokens: [] })
    assert.deepEqual(await ask(own.caPem, stranger, fingerprint), { kind: 'failed', tokens: [] })
  })
})
