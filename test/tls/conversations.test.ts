// What tlsfuzzer's scripts say to a server, said by our own raw client to the vintage engine behind a real listener. Each
// is named after the script whose conversation it is.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { handshakeMessage } from '../../src/submission/edge/vintage/messages.ts'
import { ssl30, tls10, tls11, tls12, type Version } from '../../src/submission/edge/vintage/versions.ts'
import type { Rig } from '../submission/rig.ts'
import { cutRecords, goodBlock, type Offer, RawClient, record } from './raw-client.ts'
import { openVintageRig } from './vintage-rig.ts'

const rc4 = 0x0005
const tripleDes = 0x000a
const longestMs = 8000

let rig: Rig
before(async () => {
  rig = await openVintageRig()
})
after(() => rig[Symbol.asyncDispose]())

/** Our end of a connection to the implicit port, from an address whose device is vintage. */
class Line implements Disposable {
  readonly socket: Socket
  #heard: Buffer = Buffer.alloc(0)
  #isClosed = false
  #wake = Promise.withResolvers<void>()

  constructor(port: number, localAddress: string) {
    this.socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
    this.socket.on('error', () => undefined)
    this.socket.on('data', (octets: Buffer) => {
      this.#heard = Buffer.concat([this.#heard, octets])
      this.#stir()
    })
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.#isClosed = true
        this.#stir()
      })
    }
  }

  says(...octets: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(octets))
  }

  /** One write after the other, each in a packet of its own as far as TCP lets it. */
  async saysApart(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      await new Promise<void>((written) => this.socket.write(piece, () => written()))
      await new Promise((turn) => setImmediate(turn))
    }
  }

  /** So many whole records. */
  async records(count: number): Promise<Buffer> {
    await this.#until(() => cutRecords(this.#heard).length >= count)
    const length = cutRecords(this.#heard)
      .slice(0, count)
      .reduce((sum, { body }) => sum + 5 + body.length, 0)
    const taken = this.#heard.subarray(0, length)
    this.#heard = this.#heard.subarray(length)
    return taken
  }

  /** Everything until the other side closes. */
  async rest(): Promise<Buffer> {
    await this.#until(() => this.#isClosed)
    return this.#heard
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #stir(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  async #until(condition: () => boolean): Promise<void> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => late.reject(new Error(`silence after ${this.#heard.toString('hex')}`)),
      longestMs,
    )
    try {
      while (!condition()) {
        if (this.#isClosed) throw new Error(`closed after ${this.#heard.toString('hex')}`)
        await Promise.race([this.#wake.promise, late.promise])
      }
    } finally {
      clearTimeout(timer)
    }
  }
}

const open = (localAddress = '127.0.0.1'): Line => new Line(rig.port('submissions'), localAddress)
const client = (offer: Partial<Offer> = {}): RawClient =>
  new RawClient({ version: tls10, suites: [rc4], ...offer })

/** Up to ServerHelloDone. */
async function greeted(line: Line, peer: RawClient): Promise<void> {
  line.says(peer.hello())
  peer.hear(await line.records(3))
}

/** Up to the banner. */
async function secured(line: Line, peer: RawClient): Promise<void> {
  await greeted(line, peer)
  line.says(peer.answer())
  await proved(line, peer)
}

/** ChangeCipherSpec in clear, then Finished and the banner. */
async function proved(line: Line, peer: RawClient): Promise<void> {
  const flight = await line.records(3)
  assert.deepEqual(
    cutRecords(flight).map(({ type }) => type),
    [20, 22, 23],
  )
  const [finished, banner] = peer.open(flight.subarray(6))
  assert.equal(finished?.[0], 20)
  assert.match(banner?.toString() ?? '', /^220 box\.local /)
}

/** The session works: a command is answered. */
async function works(line: Line, peer: RawClient): Promise<void> {
  line.says(peer.seal(23, Buffer.from('NOOP\r\n')))
  assert.equal(
    Buffer.concat(peer.open(await line.records(1)).map((part) => part ?? assert.fail())).toString(),
    '250 2.0.0 Ok\r\n',
  )
}

/** `fatal 10`, in clear or protected, and nothing more. */
async function alerted(line: Line, peer?: RawClient): Promise<string> {
  const rest = await line.rest()
  const records = cutRecords(rest)
  assert.deepEqual(
    records.map(({ type }) => type),
    [21],
    rest.toString('hex'),
  )
  const body = peer ? peer.open(rest)[0] : records[0]?.body
  return `${body?.[0] === 2 ? 'fatal' : 'warning'} ${body?.[1]}`
}

/** Splits the answer of the client into its three records: key exchange, ChangeCipherSpec, Finished. */
function flightOf(peer: RawClient, ...how: Parameters<RawClient['answer']>): [Buffer, Buffer, Buffer] {
  const flight = peer.answer(...how)
  const ends = cutRecords(flight).map(({ body }) => body.length + 5)
  const [exchange = 0, change = 0] = ends
  return [
    flight.subarray(0, exchange),
    flight.subarray(exchange, exchange + change),
    flight.subarray(exchange + change),
  ]
}

/** A record's body in records of so many octets each. */
const fragmented = (whole: Buffer, size: number, version: number = tls10): Buffer[] => {
  const body = whole.subarray(5)
  return Array.from({ length: Math.ceil(body.length / size) }, (_, n) =>
    record(whole[0] ?? 0, body.subarray(n * size, (n + 1) * size), version),
  )
}

describe('test-conversation, test-SSLv3-padding, test-version-numbers', () => {
  for (const version of [ssl30, tls10, tls11, tls12] as const) {
    for (const suite of [rc4, tripleDes]) {
      it(`0x0${version.toString(16)}, suite 0x${suite.toString(16)}`, async () => {
        using line = open()
        const peer = client({ version, suites: [suite] })
        await secured(line, peer)
        await works(line, peer)
      })
    }
  }
})

describe('test-record-layer-fragmentation, test-truncating-of-client-hello', () => {
  for (const size of [1, 4, 5, 37]) {
    it(`hello and key exchange in records of ${size} octets, each in a packet of its own`, async () => {
      using line = open()
      const peer = client()
      await line.saysApart(fragmented(peer.hello(), size, ssl30))
      peer.hear(await line.records(3))
      const [exchange, change, finished] = flightOf(peer)
      await line.saysApart([...fragmented(exchange, size), change, finished])
      await proved(line, peer)
      await works(line, peer)
    })
  }

  it('a hello that says it is longer than it is waits, and ends with its connection', async () => {
    using line = open()
    const hello = client().hello()
    hello.writeUIntBE(hello.readUIntBE(6, 3) + 8, 6, 3)
    line.socket.end(hello)
    assert.equal((await line.rest()).length, 0)
  })

  it('a hello cut off by its record’s length is no hello', async () => {
    using line = open()
    const hello = client().hello()
    const short = record(22, Buffer.concat([Buffer.from([1, 0, 0, 20]), hello.subarray(9, 29)]))
    line.says(short)
    assert.equal((await line.rest()).length, 0)
  })
})

describe('test-large-hello, test-invalid-client-hello-w-record-overflow, test-lengths', () => {
  for (const [name, octets] of [
    ['a hello of no octets', record(22, Buffer.from([1, 0, 0, 0]))],
    [
      'a handshake record of no octets in front',
      Buffer.concat([record(22, Buffer.alloc(0)), client().hello()]),
    ],
    ['a hello of 16 MB', record(22, Buffer.from([1, 0xff, 0xff, 0xff, 3, 1]))],
    ['a record of 64 KB', Buffer.from([22, 3, 1, 0xff, 0xff, 1, 0, 0xff, 0xfb])],
    ['a message that is no hello', record(22, handshakeMessage(16, Buffer.alloc(130)))],
    ['a hello request by the client', record(22, handshakeMessage(0, Buffer.alloc(0)))],
    ['an SSLv2 hello of 32 KB', Buffer.from([0xff, 0xff, 1, 3, 1])],
  ] as const) {
    it(`${name}: closed without a word`, async () => {
      using line = open()
      line.says(octets)
      assert.equal((await line.rest()).length, 0)
    })
  }

  it('2,000 suites are read', async () => {
    using line = open()
    const peer = client({ suites: [...Array.from({ length: 2000 }, (_, n) => 0x6000 + n * 3), rc4] })
    await secured(line, peer)
  })

  it('a record above 2^14 + 2048 octets', async () => {
    using line = open()
    const peer = client()
    await secured(line, peer)
    line.says(Buffer.from([23, 3, 1, 0x48, 0x01]))
    assert.equal(await alerted(line, peer), 'fatal 22')
  })
})

describe('test-invalid-version, version intolerance, test-fallback-scsv, test-tls13-version-negotiation', () => {
  it('a client of version 0x03ff gets the best there is', async () => {
    using line = open()
    const future: number = 0x03ff
    const hello = client().hello()
    hello.writeUInt16BE(future, 9)
    line.says(hello)
    const [serverHello] = cutRecords(await line.records(1))
    assert.equal(serverHello?.body.readUInt16BE(4), tls12)
  })

  it('a record layer of version 0x0399 is borne in the hello', async () => {
    using line = open()
    const peer = client()
    const hello = peer.hello()
    hello.writeUInt16BE(0x0399, 1)
    line.says(hello)
    peer.hear(await line.records(3))
    line.says(peer.answer())
    await proved(line, peer)
  })

  it('a record of version 0x0500 after the hello ends it', async () => {
    using line = open()
    const peer = client()
    await greeted(line, peer)
    const [exchange] = flightOf(peer)
    exchange.writeUInt16BE(0x0500, 1)
    line.says(exchange)
    assert.equal(await alerted(line), 'fatal 10')
  })

  it('TLS_FALLBACK_SCSV', async () => {
    using line = open()
    line.says(client({ version: tls11, suites: [rc4, 0x5600] }).hello())
    assert.equal(await alerted(line), 'fatal 86')
  })

  it('a hello of TLS 1.3 alone is not for this engine', async () => {
    using line = open()
    line.says(client({ version: tls12, suites: [0x1301, 0x1302] }).hello())
    const rest = await line.rest()
    assert.equal(rest[0], 21)
    assert.equal(rest[5], 2)
  })
})

describe('test-ccs, test-cve-2004-0079, test-message-skipping, test-message-duplication, test-openssl-3712', () => {
  const early: readonly (readonly [string, (peer: RawClient) => readonly Buffer[]])[] = [
    ['ChangeCipherSpec before the key exchange (CVE-2014-0224)', () => [record(20, Buffer.from([1]), tls10)]],
    [
      'a key exchange twice',
      (peer) => {
        const [exchange] = flightOf(peer)
        return [exchange, exchange]
      },
    ],
    [
      'ChangeCipherSpec twice',
      (peer) => {
        const [exchange, change] = flightOf(peer)
        return [exchange, change, record(20, Buffer.from([1]), tls10)]
      },
    ],
    [
      'Finished without ChangeCipherSpec',
      (peer) => {
        const [exchange] = flightOf(peer)
        return [exchange, record(22, handshakeMessage(20, Buffer.alloc(12)), tls10)]
      },
    ],
    ['a second hello', () => [client().hello()]],
    [
      'application data before Finished (test-early-application-data)',
      () => [record(23, Buffer.from('EHLO a'), tls10)],
    ],
    [
      'application data between key exchange and ChangeCipherSpec',
      (peer) => {
        const [exchange] = flightOf(peer)
        return [exchange, record(23, Buffer.from('EHLO a'), tls10)]
      },
    ],
    ['ChangeCipherSpec of two octets', () => [record(20, Buffer.from([1, 1]), tls10)]],
    [
      'ChangeCipherSpec in the middle of a message (test-interleaved-CKE-with-CCS)',
      (peer) => {
        const [exchange, change] = flightOf(peer)
        const [half] = fragmented(exchange, 40)
        return [half ?? assert.fail(), change]
      },
    ],
    ['an empty handshake record', () => [record(22, Buffer.alloc(0), tls10)]],
    ['a record of no known type (test-invalid-content-type)', () => [record(99, Buffer.from([0]), tls10)]],
    ['a heartbeat (test-heartbeat, CVE-2014-0160)', () => [record(24, Buffer.from([1, 0x40, 0]), tls10)]],
  ]
  for (const [name, octets] of early) {
    it(name, async () => {
      using line = open()
      const peer = client()
      await greeted(line, peer)
      line.says(...octets(peer))
      assert.match(await alerted(line), /^fatal (10|20|50)$/)
    })
  }
})

describe('test-fuzzed-finished, test-truncating-of-finished', () => {
  for (const at of [0, 5, 11]) {
    it(`octet ${at} of verify_data changed`, async () => {
      using line = open()
      const peer = client()
      await greeted(line, peer)
      line.says(
        ...flightOf(peer, undefined, (proof) => {
          proof[at] = (proof[at] ?? 0) ^ 1
          return proof
        }),
      )
      assert.equal(await alerted(line), 'fatal 51')
    })
  }
  for (const length of [0, 1, 11, 13, 200]) {
    it(`verify_data of ${length} octets`, async () => {
      using line = open()
      const peer = client()
      await greeted(line, peer)
      line.says(
        ...flightOf(peer, undefined, (proof) =>
          Buffer.concat([proof, Buffer.alloc(200)]).subarray(0, length),
        ),
      )
      assert.match(await alerted(line), /^fatal (50|51)$/)
    })
  }
})

describe('test-bleichenbacher-workaround, test-invalid-rsa-key-exchange-messages, test-truncating-of-kRSA-client-key-exchange', () => {
  /** What a client sees of a bad block, to the last octet. */
  async function answerTo(block: (length: number, premaster: Buffer) => Buffer): Promise<string> {
    using line = open()
    const peer = client()
    await greeted(line, peer)
    line.says(...flightOf(peer, (premaster) => block(peer.blockLength, premaster)))
    return (await line.rest()).toString('hex')
  }
  const changed = (octets: Buffer, at: number, value: number): Buffer => {
    octets[at] = value
    return octets
  }
  for (const [name, block] of [
    ['wrong block type', (length, secret) => changed(goodBlock(length, secret), 1, 1)],
    ['zero in the padding', (length, secret) => changed(goodBlock(length, secret), 3, 0)],
    ['no zero behind the padding', (length, secret) => changed(goodBlock(length, secret), length - 49, 1)],
    ['premaster of 47 octets', (length, secret) => goodBlock(length, secret.subarray(0, 47))],
    ['premaster of one octet', (length, secret) => goodBlock(length, secret.subarray(0, 1))],
    ['no premaster', (length, secret) => goodBlock(length, secret.subarray(0, 0))],
    ['wrong version in the premaster', (length, secret) => goodBlock(length, changed(secret, 1, 2))],
    ['all zeros', (length) => Buffer.alloc(length)],
    ['another secret', (length) => goodBlock(length, Buffer.concat([Buffer.from([3, 1]), randomBytes(46)]))],
  ] as const satisfies readonly (readonly [string, (length: number, secret: Buffer) => Buffer])[]) {
    it(`${name}: bad_record_mac behind Finished, as for any`, async () => {
      assert.equal(await answerTo(block), '15030100020214')
    })
  }

  it('a key exchange of another length is no message', async () => {
    using line = open()
    const peer = client()
    await greeted(line, peer)
    line.says(record(22, handshakeMessage(16, Buffer.alloc(100)), tls10))
    assert.equal(await alerted(line), 'fatal 50')
  })
})

describe('test-fuzzed-MAC, test-fuzzed-padding, test-fuzzed-ciphertext, test-lucky13, test-atypical-padding', () => {
  /** One alert for whatever is wrong with a record, so that nobody learns what (Vaudenay 2002, POODLE). */
  for (const version of [tls10, tls11, tls12] as readonly Version[]) {
    it(`3DES, version 0x0${version.toString(16)}: any octet changed is bad_record_mac`, async () => {
      for (const from of ['start', 'end'] as const) {
        for (const at of [0, 1, 7, 8, 9, 20]) {
          using line = open()
          const peer = client({ version, suites: [tripleDes] })
          await secured(line, peer)
          const sealed = peer.seal(23, Buffer.alloc(64, 'x'))
          const place = from === 'start' ? 5 + at : sealed.length - 1 - at
          sealed[place] = (sealed[place] ?? 0) ^ 0x01
          line.says(sealed)
          assert.equal(await alerted(line, peer), 'fatal 20', `${from} ${at}`)
        }
      }
    })
  }

  for (const [name, length] of [
    ['no whole block', 13],
    ['no MAC', 8],
    ['nothing', 0],
  ] as const) {
    it(`a record of ${name} is bad_record_mac`, async () => {
      using line = open()
      const peer = client({ suites: [tripleDes] })
      await secured(line, peer)
      line.says(record(23, randomBytes(length), tls10))
      assert.equal(await alerted(line, peer), 'fatal 20')
    })
  }

  it('a record said twice is one too many', async () => {
    using line = open()
    const peer = client()
    await secured(line, peer)
    const sealed = peer.seal(23, Buffer.from('NO'))
    line.says(sealed, sealed)
    assert.equal(await alerted(line, peer), 'fatal 20')
  })

  it('a record of another type than it was sealed for', async () => {
    using line = open()
    const peer = client()
    await secured(line, peer)
    const sealed = peer.seal(23, Buffer.from([1, 0]))
    sealed[0] = 21
    line.says(sealed)
    assert.equal(await alerted(line, peer), 'fatal 20')
  })
})

describe('test-zero-length-data, BEAST’s empty fragments, test-cve-2016-7054', () => {
  it('empty records before each of others are borne', async () => {
    using line = open()
    const peer = client({ suites: [tripleDes] })
    await secured(line, peer)
    for (let n = 0; n < 5; n++) {
      line.says(peer.seal(23, Buffer.alloc(0)))
      await works(line, peer)
    }
  })

  it('the first octet alone, as browsers and JSSE split it, is borne', async () => {
    using line = open()
    const peer = client({ suites: [tripleDes] })
    await secured(line, peer)
    line.says(peer.seal(23, Buffer.from('N')), peer.seal(23, Buffer.from('OOP\r\n')))
    assert.match((peer.open(await line.records(1))[0] ?? assert.fail()).toString(), /^250 /)
  })

  it('a stream of empty records is none', async () => {
    using line = open()
    const peer = client()
    await secured(line, peer)
    line.says(...Array.from({ length: 200 }, () => peer.seal(23, Buffer.alloc(0))))
    assert.equal(await alerted(line, peer), 'fatal 10')
  })
})

describe('test-ssl-death-alert, test-connection-abort, alerts in the middle', () => {
  it('warnings without end are no session (CVE-2016-8610)', async () => {
    using line = open()
    const peer = client()
    await secured(line, peer)
    line.says(...Array.from({ length: 200 }, () => peer.seal(21, Buffer.from([1, 41]))))
    assert.equal(await alerted(line, peer), 'fatal 10')
  })

  it('a warning between hello and key exchange is borne', async () => {
    using line = open()
    const peer = client()
    await greeted(line, peer)
    line.says(record(21, Buffer.from([1, 41]), tls10), peer.answer())
    await proved(line, peer)
  })

  it('a fatal alert of the client ends it without an answer', async () => {
    using line = open()
    await greeted(line, client())
    line.says(record(21, Buffer.from([2, 42]), tls10))
    assert.equal((await line.rest()).length, 0)
  })

  it('close_notify in the middle of the handshake ends it', async () => {
    using line = open()
    await greeted(line, client())
    line.says(record(21, Buffer.from([1, 0]), tls10))
    assert.doesNotMatch((await line.rest()).toString('latin1'), /220/)
  })

  it('half an alert', async () => {
    using line = open()
    await greeted(line, client())
    line.says(record(21, Buffer.from([2]), tls10))
    assert.equal(await alerted(line), 'fatal 50')
  })
})

describe('test-renegotiation-disabled, test-legacy-renegotiation, test-hello-request-by-client', () => {
  it('a new handshake is refused with a warning, and the session goes on', async () => {
    using line = open()
    const peer = client()
    await secured(line, peer)
    line.says(peer.seal(22, handshakeMessage(1, Buffer.alloc(40))))
    assert.deepEqual(peer.open(await line.records(1)), [Buffer.from([1, 100])])
    await works(line, peer)
  })

  it('ChangeCipherSpec, Finished and requests after the handshake end it', async () => {
    for (const [type, body] of [
      [20, Buffer.from([1])],
      [22, handshakeMessage(20, Buffer.alloc(12))],
      [22, handshakeMessage(0, Buffer.alloc(0))],
      [24, Buffer.from([1, 0x40, 0])],
    ] as const) {
      using line = open()
      const peer = client()
      await secured(line, peer)
      line.says(peer.seal(type, body))
      assert.equal(await alerted(line, peer), 'fatal 10')
    }
  })
})

describe('test-sslv2hello-protocol, test-sslv2-connection, test-sslv2-force-cipher', () => {
  it('a hello in SSL 2.0’s format for a later version', async () => {
    using line = open()
    const peer = client({ version: ssl30, format: 'sslv2' })
    await secured(line, peer)
    await works(line, peer)
  })

  it('SSL 2.0 itself is refused', async () => {
    using line = open()
    line.says(
      Buffer.concat([Buffer.from([0x80, 28, 1, 0, 2, 0, 3, 0, 0, 0, 16, 1, 0, 0x80]), randomBytes(16)]),
    )
    assert.match(await alerted(line), /^fatal (40|70)$/)
  })

  it('and ciphers of SSL 2.0 in a later hello are nobody’s', async () => {
    using line = open()
    const specs = Buffer.from([7, 0, 0xc0, 1, 0, 0x80])
    const body = Buffer.concat([Buffer.from([1, 3, 0, 0, 6, 0, 0, 0, 16]), specs, randomBytes(16)])
    line.says(Buffer.from([0x80, body.length]), body)
    assert.equal(await alerted(line), 'fatal 40')
  })
})

describe('the same to Node’s TLS, from an address whose device is not listed', () => {
  const aes = 0x002f
  const native = (): readonly [Line, RawClient] => [
    open('127.0.0.2'),
    client({ version: tls12, suites: [aes] }),
  ]
  const flipped = (octets: Buffer, at: number): Buffer => {
    octets[at] = (octets[at] ?? 0) ^ 1
    return octets
  }
  /** What comes behind the handshake, and ends the connection. */
  const late: Readonly<Record<string, (peer: RawClient) => readonly Buffer[]>> = {
    'test-fuzzed-MAC': (peer) => [flipped(peer.seal(23, Buffer.from('NOOP\r\n')), 30)],
    'test-fuzzed-ciphertext': (peer) => [flipped(peer.seal(23, Buffer.alloc(64, 'x')), 6)],
    'test-cve-2016-2107': () => [record(23, randomBytes(64), tls12)],
    'a record said twice': (peer) => {
      const sealed = peer.seal(23, Buffer.from('NO'))
      return [sealed, sealed]
    },
    'test-invalid-content-type': (peer) => [peer.seal(99, Buffer.from([0]))],
    'test-ccs': (peer) => [peer.seal(20, Buffer.from([1]))],
    'a fatal alert': (peer) => [peer.seal(21, Buffer.from([2, 42]))],
    'test-message-skipping': (peer) => [peer.seal(22, handshakeMessage(20, Buffer.alloc(12)))],
    'no TLS any more': () => [Buffer.from('EHLO scanner\r\n')],
  }
  for (const [name, octets] of Object.entries(late)) {
    it(`${name}: closed, and nothing more is heard`, async () => {
      const [line, peer] = native()
      using _ = line
      await secured(line, peer)
      line.says(...octets(peer), peer.seal(23, Buffer.from('NOOP\r\n')))
      const answers = peer.open(await line.rest()).map((answer) => answer?.toString() ?? '')
      assert.ok(!answers.some((answer) => answer.startsWith('250')), answers.join())
    })
  }

  /** What comes behind ServerHelloDone, and ends the connection. */
  const early: Readonly<Record<string, (peer: RawClient) => readonly Buffer[]>> = {
    'test-early-application-data': () => [record(23, Buffer.from('EHLO a\r\n'), tls12)],
    'test-cve-2004-0079': () => [record(20, Buffer.from([1]), tls12)],
    'test-heartbeat': () => [record(24, Buffer.from([1, 0x40, 0]), tls12)],
    'test-invalid-content-type': () => [record(99, Buffer.from([0]), tls12)],
    'test-fuzzed-finished': (peer) => [...flightOf(peer, undefined, (proof) => flipped(proof, 3))],
    'test-bleichenbacher-workaround': (peer) => [
      ...flightOf(peer, (premaster) => goodBlock(peer.blockLength, premaster.subarray(0, 16))),
    ],
    'a record of 20 KB': () => [Buffer.from([22, 3, 3, 0x4e, 0x20]), Buffer.alloc(20_000)],
  }
  for (const [name, octets] of Object.entries(early)) {
    it(`${name}: closed before the banner`, async () => {
      const [line, peer] = native()
      using _ = line
      await greeted(line, peer)
      line.says(...octets(peer))
      const types = cutRecords(await line.rest()).map(({ type }) => type)
      assert.ok(
        types.every((type) => type === 21),
        types.join(),
      )
    })
  }

  it('a FIN in the middle of the handshake: closed at once', async () => {
    const [line, peer] = native()
    using _ = line
    await greeted(line, peer)
    line.socket.end()
    await line.rest()
  })

  it('test-zero-length-data, and a split first octet: borne', async () => {
    const [line, peer] = native()
    using _ = line
    await secured(line, peer)
    line.says(
      peer.seal(23, Buffer.alloc(0)),
      peer.seal(23, Buffer.from('N')),
      peer.seal(23, Buffer.from('OOP\r\n')),
    )
    assert.match((peer.open(await line.records(1))[0] ?? assert.fail()).toString(), /^250 /)
  })
})

describe('test-invalid-compression-methods, test-invalid-cipher-suites, test-export-ciphers-rejected', () => {
  for (const [name, offer, alert] of [
    ['compression alone', { compressions: [1] }, 'fatal 47'],
    ['export suites alone', { suites: [0x0003, 0x0006, 0x0008, 0x0062, 0x0064] }, 'fatal 40'],
    ['anonymous suites alone', { suites: [0x0018, 0x001b, 0x0034] }, 'fatal 40'],
    ['no encryption', { suites: [0x0001, 0x0002, 0x0000] }, 'fatal 40'],
    ['signals alone', { suites: [0x00ff, 0x5600] }, 'fatal 40'],
    ['no suite', { suites: [] }, 'fatal 40'],
  ] as const) {
    it(name, async () => {
      using line = open()
      line.says(client(offer).hello())
      assert.equal(await alerted(line), alert)
    })
  }

  it('and the box takes the next session as if nothing had been', async () => {
    using line = open()
    const peer = client()
    await secured(line, peer)
    await works(line, peer)
  })
})
