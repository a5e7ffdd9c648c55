import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TlsFloor } from '../../core/setup.ts'
import type { ClientHello } from './client-hello.ts'
import { alertRecord, chooseTls } from './tls-choice.ts'

const hello = (changes: Partial<ClientHello>): ClientHello => ({
  format: 'record',
  version: 0x0303,
  suites: [0xc02f, 0x002f],
  serverName: undefined,
  signatureAlgorithms: [0x0401],
  extensions: [],
  opening: {
    clientVersion: 0x0303,
    random: new Uint8Array(32),
    compressions: [0],
    isFallback: false,
    knowsRenegotiation: false,
  },
  ...changes,
})
const tls13 = hello({ version: 0x0304 })
const tls12 = hello({})
const tls12Sha1 = hello({ signatureAlgorithms: [0x0201] })
const tls12Silent = hello({ signatureAlgorithms: undefined })
const tls10 = hello({ version: 0x0301, signatureAlgorithms: undefined, suites: [0x0035] })
const tls10Weak = hello({ version: 0x0301, signatureAlgorithms: undefined, suites: [0x0005, 0x000a] })
const ssl3 = hello({ version: 0x0300, signatureAlgorithms: undefined })
const version2 = hello({ format: 'sslv2', version: 0x0301, signatureAlgorithms: undefined })

const table: readonly (readonly [string, ClientHello, TlsFloor, string])[] = [
  ['TLS 1.3', tls13, 'legacy', 'modern'],
  ['TLS 1.2', tls12, 'legacy', 'modern'],
  ['TLS 1.2', tls12, 'modern', 'modern'],
  ['TLS 1.2 with SHA-1 alone', tls12Sha1, 'legacy', 'legacy'],
  ['TLS 1.2 with SHA-1 alone', tls12Sha1, 'modern', 'modern'],
  ['TLS 1.2 that announces no signature', tls12Silent, 'legacy', 'legacy'],
  [
    'TLS 1.3 that lists SHA-1 too',
    hello({ version: 0x0304, signatureAlgorithms: [0x0201] }),
    'legacy',
    'modern',
  ],
  ['TLS 1.0', tls10, 'legacy', 'legacy'],
  ['TLS 1.0', tls10, 'vintage', 'legacy'],
  ['TLS 1.0', tls10, 'modern', 'protocol_version'],
  ['TLS 1.0 without AES', tls10Weak, 'legacy', 'handshake_failure'],
  ['SSL 3.0', ssl3, 'legacy', 'handshake_failure'],
  ['an SSLv2-format hello for TLS 1.0', version2, 'legacy', 'legacy'],
  ['an SSLv2-format hello for TLS 1.0', version2, 'modern', 'protocol_version'],
  ['SSL 3.0', ssl3, 'vintage', 'vintage'],
  ['SSL 3.0', ssl3, 'modern', 'handshake_failure'],
  ['TLS 1.0 without AES', tls10Weak, 'vintage', 'vintage'],
  ['TLS 1.2', tls12, 'vintage', 'modern'],
  ['TLS 1.3', tls13, 'vintage', 'modern'],
  ['TLS 1.2 without AES', hello({ suites: [0x000a] }), 'vintage', 'vintage'],
  ['TLS 1.2 without AES', hello({ suites: [0x000a] }), 'legacy', 'handshake_failure'],
  ['TLS 1.2 without AES', hello({ suites: [0x000a] }), 'modern', 'handshake_failure'],
  ['TLS 1.2 with nothing that anybody serves', hello({ suites: [0x0003] }), 'legacy', 'modern'],
  ['an SSLv2-format hello for TLS 1.2', hello({ format: 'sslv2' }), 'modern', 'protocol_version'],
  ['an SSLv2-format hello for TLS 1.2', hello({ format: 'sslv2' }), 'legacy', 'legacy'],
  ['TLS 1.2 with ChaCha20 before RC4', hello({ suites: [0xcca8, 0x0005] }), 'vintage', 'modern'],
  ['export suites', hello({ version: 0x0300, suites: [0x0003] }), 'vintage', 'handshake_failure'],
  ['an SSLv2-format hello for TLS 1.0', version2, 'vintage', 'legacy'],
  [
    'SSL 2.0 itself',
    hello({ format: 'sslv2', version: 2, suites: [0x0005] }),
    'vintage',
    'handshake_failure',
  ],
  ['SSL 2.0 itself', hello({ format: 'sslv2', version: 2, suites: [] }), 'legacy', 'handshake_failure'],
]

describe('choice of TLS', () => {
  for (const [name, offered, floor, expected] of table) {
    it(`${name} at a floor of ${floor}: ${expected}`, () => {
      const choice = chooseTls(offered, floor, 'auto')
      assert.equal(choice.kind === 'refuse' ? choice.alert : choice.kind, expected)
    })
  }

  it('shows SHA-256 to who announces it, SHA-1 to the others, and what a device asks for up to TLS 1.2', () => {
    const shown = (offered: ClientHello, floor: TlsFloor, wanted: 'auto' | 'sha1' | 'sha1-1024') => {
      const choice = chooseTls(offered, floor, wanted)
      return choice.kind === 'legacy' || choice.kind === 'vintage'
        ? `${choice.kind} ${choice.certificate}`
        : choice.kind
    }
    const tls11 = hello({ version: 0x0302, signatureAlgorithms: [0x0401], suites: [0x002f] })
    assert.equal(shown(tls11, 'legacy', 'auto'), 'legacy sha256')
    assert.equal(shown(tls10, 'legacy', 'auto'), 'legacy sha1')
    assert.equal(shown(tls12Sha1, 'legacy', 'auto'), 'legacy sha1')
    assert.equal(shown(tls11, 'legacy', 'sha1'), 'legacy sha1')
    assert.equal(shown(tls10, 'legacy', 'sha1-1024'), 'legacy sha1-1024')
    assert.equal(shown(tls12, 'legacy', 'sha1-1024'), 'legacy sha1-1024')
    assert.equal(shown(tls12, 'modern', 'sha1-1024'), 'modern')
    assert.equal(shown(tls13, 'vintage', 'sha1-1024'), 'modern')
    assert.equal(shown(ssl3, 'vintage', 'auto'), 'vintage sha1')
    assert.equal(shown(ssl3, 'vintage', 'sha1'), 'vintage sha1')
    assert.equal(shown(ssl3, 'vintage', 'sha1-1024'), 'vintage sha1-1024')
  })

  it('names the setting that would cure a refusal', () => {
    const why = (offered: ClientHello, floor: TlsFloor) => {
      const choice = chooseTls(offered, floor, 'auto')
      return choice.kind === 'refuse' ? choice.why : ''
    }
    assert.equal(why(ssl3, 'legacy'), 'it knows SSL 3.0 only: tls = "vintage" would take it')
    assert.equal(
      why(hello({ version: 0x0301, suites: [0x0003] }), 'vintage'),
      'it offers no AES suite and none that is served here',
    )
  })

  it('gives each refusal the reason that leads to its cure', () => {
    const reason = (offered: ClientHello, floor: TlsFloor) => {
      const choice = chooseTls(offered, floor, 'auto')
      return choice.kind === 'refuse' ? choice.reason : choice.kind
    }
    assert.equal(reason(hello({ suites: [0x0005] }), 'legacy'), 'needs-vintage')
    assert.equal(reason(hello({ suites: [0x0005] }), 'modern'), 'needs-vintage')
    assert.equal(reason(tls10Weak, 'modern'), 'needs-vintage')
    assert.equal(reason(tls10, 'modern'), 'needs-legacy')
    assert.equal(reason(version2, 'modern'), 'needs-legacy')
    assert.equal(reason(hello({ format: 'sslv2' }), 'modern'), 'old-format')
  })

  it('refuses in a fatal alert of the client’s version (RFC 5246 section 7.2)', () => {
    assert.deepEqual([...alertRecord('protocol_version', 0x0301)], [0x15, 3, 1, 0, 2, 2, 70])
    assert.deepEqual([...alertRecord('handshake_failure', 0x0300)], [0x15, 3, 0, 0, 2, 2, 40])
    assert.deepEqual([...alertRecord('handshake_failure', 0x0002)], [0x15, 3, 0, 0, 2, 2, 40])
  })
})
