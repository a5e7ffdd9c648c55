import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'
import { after, before, beforeEach, describe, it } from 'node:test'
import { rootCertificates } from 'node:tls'
import { serveConsole } from './console.ts'
import { consolePorts } from './console-ports.fixture.ts'
import { Entrance } from './entrance.ts'
import { hostOf, knownHosts } from './hosts.ts'
import type { OpenServer } from './http-server.ts'

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly octets: Buffer
}

let server: OpenServer
let readiness = { ready: true, reason: '' }
let trusted: boolean
let visitor: boolean
let addresses: string[]
let authorities: { readonly sha256: string; readonly sha1: string | undefined }
const isKnownHost = knownHosts(['Branch-07.local', 'branch-07.contoso.com'], () => ['192.168.7.5', 'fe80::5'])

before(async () => {
  const opening = await serveConsole({
    address: '127.0.0.1',
    port: 0,
    entrance: new Entrance({
      ...consolePorts(),
      vitals: { ready: async () => readiness, metrics: async () => 'inkpost_queue_depth 3\n' },
      log: { write() {} },
      about: async () => ({
        name: 'branch-07',
        version: '0.1.0',
        listeners: [
          {
            name: '<submission>',
            address: '::',
            port: 25,
            protocol: 'smtp',
            security: 'starttls',
            trouble: '',
          },
          {
            name: 'b',
            address: '0.0.0.0',
            port: 465,
            protocol: 'smtp',
            security: 'implicit',
            trouble: 'the port is in use',
          },
        ],
      }),
      authority: async (digest) => authorities[digest],
      isTrusted: (address) => {
        addresses.push(address)
        return trusted
      },
      mayVisit: () => visitor,
      isKnownHost,
    }),
  })
  if (opening.kind === 'refused') throw new Error(opening.reason)
  server = opening
})
after(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  readiness = { ready: true, reason: '' }
  trusted = true
  visitor = true
  addresses = []
  authorities = { sha256: rootCertificates[0] ?? '', sha1: rootCertificates[1] }
})

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port: server.port, host: '127.0.0.1', path, method, headers, agent: false })
    outgoing.on('error', reject).on('response', async (incoming) => {
      const octets = Buffer.concat(await incoming.toArray())
      resolve({ status: incoming.statusCode, headers: incoming.headers, body: octets.toString(), octets })
    })
    outgoing.end()
  })
}

describe('the page at /', () => {
  it('says name, version and listeners in plain text', async () => {
    const { status, headers, body } = await ask('/')
    assert.equal(status, 200)
    assert.match(headers['content-type'] ?? '', /^text\/plain/)
    assert.match(body, /^branch-07: inkpost 0\.1\.0\n/)
    assert.match(body, /\[::\]:25 starttls \(<submission>\)/)
    assert.match(body, /0\.0\.0\.0:465 implicit \(b\): not accepting, the port is in use/)
  })

  it('is not for networks that may not visit', async () => {
    visitor = false
    const { status, body } = await ask('/')
    assert.equal(status, 403)
    assert.match(body, /not for your network/)
  })

  it('carries headers that keep other pages away from it', async () => {
    const { headers } = await ask('/')
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['strict-transport-security'], undefined)
  })
})

describe('probes and metrics', () => {
  it('say ok while the process works', async () => {
    assert.equal((await ask('/healthz')).status, 200)
  })

  it('say 503 with the reason while not ready', async () => {
    assert.equal((await ask('/readyz')).status, 200)
    readiness = { ready: false, reason: 'the spool is not writable' }
    const { status, body } = await ask('/readyz')
    assert.equal(status, 503)
    assert.equal(body, 'not ready: the spool is not writable\n')
  })

  it('give metrics as Prometheus wants them', async () => {
    const { headers, body } = await ask('/metrics')
    assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/)
    assert.equal(body, 'inkpost_queue_depth 3\n')
  })

  it('are for trusted networks only', async () => {
    trusted = false
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const { status, body } = await ask(path)
      assert.equal(status, 403, path)
      assert.match(body, /trusted networks only/)
    }
    assert.deepEqual(addresses, ['127.0.0.1', '127.0.0.1', '127.0.0.1'])
  })
})

describe('what is not there', () => {
  it('is 404 with a sentence', async () => {
    const { status, body } = await ask('/nothing')
    assert.equal(status, 404)
    assert.match(body, /nothing here/)
  })

  it('of the API is 404 in JSON, and what is there asks who you are', async () => {
    assert.deepEqual(JSON.parse((await ask('/api/v1/nothing')).body), {
      error: 'there is no GET /api/v1/nothing',
    })
    assert.equal((await ask('/api/v1/status')).status, 401)
    assert.equal((await ask('/api/v1/queue/actions', {}, 'POST')).status, 401)
  })
})

describe('Host headers', () => {
  it('that name this box are served', async () => {
    for (const host of [
      'localhost:8025',
      'BRANCH-07.local',
      'branch-07.local.',
      '192.168.7.5:80',
      '[fe80::5]:80',
    ]) {
      assert.equal((await ask('/', { host })).status, 200, host)
    }
  })

  it('that name another one are refused everywhere', async () => {
    for (const host of [
      'evil.example',
      'branch-07.local.evil.example',
      '10.0.0.1',
      'localhost@evil.example',
    ]) {
      const { status } = await ask('/healthz', { host })
      assert.ok(status === 421 || status === 400, `${host}: ${status}`)
    }
  })

  it('are not overruled by an absolute request target', async () => {
    const { status } = await ask('http://localhost/healthz', { host: 'evil.example' })
    assert.equal(status, 421)
  })

  it('are read with ports, brackets and the root dot', () => {
    assert.equal(hostOf('[::1]:8025'), '::1')
    assert.equal(hostOf('Branch.local.:80'), 'branch.local')
    assert.equal(hostOf('a b'), undefined)
    assert.equal(hostOf(''), undefined)
  })
})

describe('the authorities for devices', () => {
  it('come in PEM and in DER, without a sign-in', async () => {
    for (const [name, pem = ''] of [
      ['/ca', authorities.sha256],
      ['/ca-sha1', authorities.sha1],
    ] as const) {
      const asPem = await ask(`${name}.pem`)
      assert.equal(asPem.headers['content-type'], 'application/pem-certificate-chain')
      assert.equal(asPem.body, pem)
      const asDer = await ask(`${name}.der`)
      assert.equal(asDer.headers['content-type'], 'application/pkix-cert')
      assert.ok(asDer.octets.equals(new X509Certificate(pem).raw))
    }
  })

  it('are not there where the box has none', async () => {
    authorities = { ...authorities, sha1: undefined }
    const { status, body } = await ask('/ca-sha1.der')
    assert.equal(status, 404)
    assert.match(body, /TLS 1\.2 and up only/)
  })

  it('are for trusted networks only', async () => {
    trusted = false
    for (const path of ['/ca.pem', '/ca.der', '/ca-sha1.pem', '/ca-sha1.der'])
      assert.equal((await ask(path)).status, 403, path)
  })
})

describe('opening', () => {
  it('of a port in use is refused with a sentence', async () => {
    const entrance = new Entrance(consolePorts())
    const opening = await serveConsole({ address: '127.0.0.1', port: server.port, entrance })
    assert.equal(opening.kind, 'refused')
    assert.match(opening.kind === 'refused' ? opening.reason : '', /in use/)
  })
})
