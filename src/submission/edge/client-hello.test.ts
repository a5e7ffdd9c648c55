import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { helloOf } from '../../../test/submission/hello.ts'
import { readClientHello } from './client-hello.ts'
import { describeHello } from './tls-names.ts'

function understood(octets: Uint8Array) {
  const reading = readClientHello(octets)
  assert.equal(reading.kind, 'hello')
  return reading.kind === 'hello' ? reading.hello : assert.fail()
}

/** SSLv2-format hello (RFC 5246 appendix E.2) with these cipher specs of three octets. */
function version2Hello(version: number, specs: readonly number[]): Buffer {
  const body = Buffer.from([
    1,
    version >> 8,
    version & 0xff,
    ...[0, specs.length * 3, 0, 0, 0, 16],
    ...specs.flatMap((spec) => [spec >> 16, (spec >> 8) & 0xff, spec & 0xff]),
    ...Array.from({ length: 16 }, () => 7),
  ])
  return Buffer.concat([Buffer.from([0x80, body.length]), body])
}

describe('client hello', () => {
  it('reads versions, suites, name and signatures of a TLS 1.3 client', async () => {
    const hello = understood(await helloOf({ servername: 'box.local' }))
    assert.equal(hello.version, 0x0304)
    assert.equal(hello.serverName, 'box.local')
    assert.ok(hello.suites.includes(0x1301))
    assert.ok(hello.signatureAlgorithms?.includes(0x0804))
  })

  it('reads a TLS 1.0 client, which announces no signatures', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' } as const
    const hello = understood(await helloOf(old))
    assert.equal(hello.version, 0x0301)
    assert.deepEqual(hello.suites, [0x002f])
    assert.equal(hello.signatureAlgorithms, undefined)
    assert.equal(describeHello(hello), 'offers up to TLS 1.0; AES128-SHA; no server name')
  })

  it('reads an SSLv2-format hello and leaves out the suites of SSL 2.0 itself', () => {
    const hello = understood(version2Hello(0x0301, [0x010080, 0x000004, 0x00002f]))
    assert.equal(hello.format, 'sslv2')
    assert.equal(hello.version, 0x0301)
    assert.deepEqual(hello.suites, [0x0004, 0x002f])
    assert.deepEqual([...hello.opening.random], [...Array(16).fill(0), ...Array(16).fill(7)])
  })

  it('waits for the rest, however it is cut', async () => {
    const octets = await helloOf({})
    for (let length = 0; length < octets.length; length++) {
      assert.equal(readClientHello(octets.subarray(0, length)).kind, 'incomplete', `${length} octets`)
    }
  })

  it('reads a hello that is spread over records', async () => {
    const octets = await helloOf({ servername: 'box.local' })
    const message = octets.subarray(5)
    const records = [message.subarray(0, 3), message.subarray(3, 50), message.subarray(50)].map((piece) =>
      Buffer.concat([Buffer.from([0x16, 3, 1, piece.length >> 8, piece.length & 0xff]), piece]),
    )
    assert.deepEqual(understood(Buffer.concat(records)), understood(octets))
  })

  it('says what is wrong with nonsense', () => {
    const endless = Buffer.from([0x16, 3, 1, 0xff, 0xff])
    assert.equal(readClientHello(endless).kind, 'nonsense')
    const serverHello = Buffer.from([0x16, 3, 1, 0, 4, 2, 0, 0, 0])
    assert.equal(readClientHello(serverHello).kind, 'nonsense')
  })

  it('throws at nothing', async () => {
    const real = await helloOf({})
    const at = fc.nat(real.length - 1)
    fc.assert(
      fc.property(fc.array(fc.tuple(at, fc.nat(255)), { maxLength: 20 }), (changes) => {
        const octets = Buffer.from(real)
        for (const [place, value] of changes) octets[place] = value
        readClientHello(octets)
      }),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => void readClientHello(octets)))
  })
})
