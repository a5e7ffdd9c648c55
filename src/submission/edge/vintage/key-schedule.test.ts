import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HandshakeHash } from './handshake-hash.ts'
import { keyScheduleOf, ssl3Derive, tls10Prf, tls12Prf } from './key-schedule.ts'
import { recordMac } from './record-mac.ts'
import { type Suite, suiteFor } from './suites.ts'
import { ssl30, tls10 } from './versions.ts'

const counting = Buffer.from(Array.from({ length: 48 }, (_, n) => n))

describe('key schedule', () => {
  it('has the PRF of TLS 1.0 (test vector of the IETF TLS list, 1999)', () => {
    const made = tls10Prf(Buffer.alloc(48, 0xab), 'PRF Testvector', Buffer.alloc(64, 0xcd), 104)
    assert.equal(
      made.toString('hex'),
      'd3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754443bcf9a296519bc289abcbc1187e4eb' +
        'd31e602353776c408aafb74cbc85eff69255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de9810454b8b2d8f' +
        '1afbc655a8c9a013',
    )
  })

  it('has the PRF of TLS 1.2 with SHA-256 (test vector of the IETF TLS list, 2009)', () => {
    const secret = Buffer.from('9bbe436ba940f017b17652849a71db35', 'hex')
    const seed = Buffer.from('a0ba9f936cda311827a6f796ffd5198c', 'hex')
    assert.equal(
      tls12Prf(secret, 'test label', seed, 100).toString('hex'),
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af' +
        '0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
        '87347b66',
    )
  })

  it('derives as SSL 3.0 does (RFC 6101 section 6.1; computed with Python’s hashlib)', () => {
    const seed = Buffer.concat([Buffer.alloc(32, 'c'), Buffer.alloc(32, 's')])
    assert.equal(
      ssl3Derive(counting, seed, 104).toString('hex'),
      'a0a2386f73b93aab3133a5b52c6e22c2b9a92be2b412664c677397dd02ac0088a325d1a57aeac48cbfac9d6be9c75bb7' +
        '89b94f44cde652bf061a053543039bd5980737c20e9e8d60714184a3e0d4446c7cf3506b7019569680997be54165b396' +
        '8de7ae823013b73b',
    )
  })

  it('proves a handshake as SSL 3.0 does (RFC 6101 section 5.6.9; computed with Python’s hashlib)', () => {
    const hash = new HandshakeHash()
    hash.add(Buffer.from('hello'))
    assert.equal(
      keyScheduleOf(ssl30).finished(counting, 'client', hash).toString('hex'),
      '801d1d1645940bc1ff09fad7913e02c29d7ea9e95a0bb13799d58c418f0e40c50aac13d0',
    )
  })
})

describe('record MAC (computed with Python’s hashlib and hmac)', () => {
  const scan = Buffer.from('scan')
  const suite = (id: number): Suite => suiteFor([id]) ?? assert.fail()

  it('of SSL 3.0 counts records', () => {
    const mac = recordMac(ssl30, suite(0x0005), Buffer.alloc(20, 'k'))
    assert.equal(mac(23, scan).toString('hex'), '47d6a303ffbab57225c999cee293234a740de5fc')
    assert.equal(mac(23, scan).toString('hex'), '318493059f75667686cd0e1069bf99f11c5cd1c6')
  })

  it('of SSL 3.0 with MD5 has the longer pads', () => {
    const mac = recordMac(ssl30, suite(0x0004), Buffer.alloc(16, 'k'))
    assert.equal(mac(23, scan).toString('hex'), '304f3170ea12cf99eadf030849806805')
  })

  it('of TLS has the version in it', () => {
    const mac = recordMac(tls10, suite(0x002f), Buffer.alloc(20, 'k'))
    assert.equal(mac(23, scan).toString('hex'), 'acda93ed5054764c634c05c3b8941973e6e90597')
  })
})
