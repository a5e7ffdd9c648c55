import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createProxy } from 'node:http'
import { get } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import tls from 'node:tls'
import { startAzure } from '../../test/emulator/azure.ts'
import { createCertificateAuthority } from '../../test/emulator/certificate-authority.ts'
import { httpsAgent, loadTrust, rootsWith } from './trust.ts'

describe('trust', () => {
  it('adds a file to the roots of the runtime, and takes none away', () => {
    const roots = rootsWith('more')
    assert.deepEqual(roots, [...tls.getCACertificates('default'), 'more'])
  })

  it('makes one context for a file, and another when its content changes', async () => {
    const [one, other] = await Promise.all([createCertificateAuthority(), createCertificateAuthority()])
    const folder = await mkdtemp(join(tmpdir(), 'trust-'))
    try {
      const file = await one.writeCa(folder)
      const first = loadTrust(file)
      assert.ok(first.kind === 'trust' && first.context)
      assert.deepEqual(loadTrust(file), first)
      await other.writeCa(folder)
      const second = loadTrust(file)
      assert.ok(second.kind === 'trust' && second.context)
      assert.notEqual(second.context, first.context)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('takes the certificates themselves in the place of a file', async () => {
    const authority = await createCertificateAuthority()
    const folder = await mkdtemp(join(tmpdir(), 'trust-'))
    try {
      const pem = await readFile(await authority.writeCa(folder), 'utf8')
      const trust = loadTrust(pem)
      assert.ok(trust.kind === 'trust' && trust.context)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('leaves the roots of the runtime alone without a file', () => {
    assert.deepEqual(loadTrust(''), { kind: 'trust', context: undefined })
  })

  it('tells a file that is not there', () => {
    assert.equal(loadTrust('/nowhere/ca.pem').kind, 'unreadable')
  })
})

describe('HTTPS connections', () => {
  it('go through the proxy of the setup document, verified end to end', async () => {
    await using azure = await startAzure()
    const seen: string[] = []
    const proxy = createProxy().on('connect', (asked: { url?: string }, socket) => {
      seen.push(asked.url ?? '')
      const onward = connect(azure.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      onward.on('error', () => socket.destroy())
      socket.on('error', () => onward.destroy())
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const bound = proxy.address()
    assert.ok(bound !== null && typeof bound === 'object')
    const agent = httpsAgent(tls.createSecureContext({ ca: azure.caPem }), `http://127.0.0.1:${bound.port}`)
    try {
      const status = await new Promise((resolve, reject) => {
        get(`${azure.endpoint}/nowhere`, { agent }, (answer) => resolve(answer.resume().statusCode)).on(
          'error',
          reject,
        )
      })
      assert.equal(status, 404)
      assert.deepEqual(seen, [`localhost:${azure.port}`])
    } finally {
      agent.destroy()
      proxy.closeAllConnections()
      proxy.close()
    }
  })
})
