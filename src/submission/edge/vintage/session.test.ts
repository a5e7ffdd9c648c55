import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { oldIdentity } from '../../../../test/submission/old-identities.ts'
import { badBlocks, goodBlock, type Offer, RawClient, record } from '../../../../test/tls/raw-client.ts'
import { alertText } from './alerts.ts'
import { handshakeMessage } from './messages.ts'
import { VintageSession } from './session.ts'
import { ssl30, tls10, tls11, tls12 } from './versions.ts'
import { type VintageIdentity, vintageIdentity } from './vintage-identity.ts'

const aes = 0x002f
const rc4 = 0x0005
const versions = [ssl30, tls10, tls11, tls12] as const

let identity: VintageIdentity
before(async () => {
  identity = vintageIdentity(await oldIdentity('vintage'))
})

/** A session with its client, and what it did so far. */
function meet(offer: Offer) {
  const sent: Buffer[] = []
  const delivered: Buffer[] = []
  const events: string[] = []
  const session = new VintageSession(identity, {
    transmit: (records) => void sent.push(records),
    deliver: (data) => void delivered.push(data),
    secured: () => void events.push('secured'),
    ended: () => void events.push('ended'),
  })
  const client = new RawClient(offer)
  const take = (): Buffer => Buffer.concat(sent.splice(0))
  const greet = (): void => {
    session.receive(client.hello())
    client.hear(take())
  }
  const shake = (): void => {
    greet()
    assert.equal(session.receive(client.answer()), undefined)
    assert.deepEqual(events, ['secured'])
    // ChangeCipherSpec comes in clear, Finished is the first that is protected.
    const [finished] = client.open(take().subarray(6))
    assert.equal(finished?.[0], 20)
  }
  const said = (): string => Buffer.concat(delivered).toString()
  return { session, client, take, greet, shake, said, events }
}

/** The alert in the records, clear or protected: `fatal 40 (handshake_failure)`. */
function alertIn(records: Buffer, client?: RawClient): string {
  const body = client ? client.open(records)[0] : records.subarray(5)
  return `${body?.[0] === 2 ? 'fatal' : 'warning'} ${alertText(body?.[1] ?? -1)}`
}

describe('a vintage session', () => {
  for (const version of versions) {
    it(`carries octets both ways, version 0x0${version.toString(16)}`, () => {
      const { session, client, shake, said } = meet({ version, suites: [aes] })
      shake()
      assert.equal(session.receive(client.seal(23, Buffer.from('EHLO a\r\n'))), undefined)
      assert.equal(said(), 'EHLO a\r\n')
      const long = randomBytes(40_000)
      assert.deepEqual(
        Buffer.concat(client.open(session.seal(long)).map((part) => part ?? assert.fail())),
        long,
      )
    })
  }

  it('takes what comes in any pieces', () => {
    const { session, client, said, take, events } = meet({ version: tls10, suites: [rc4], format: 'sslv2' })
    const octetwise = (octets: Buffer): void => {
      for (const octet of octets) assert.equal(session.receive(Buffer.from([octet])), undefined)
    }
    octetwise(client.hello())
    client.hear(take())
    octetwise(client.answer())
    octetwise(client.seal(23, Buffer.from('NOOP\r\n')))
    assert.deepEqual(events, ['secured'])
    assert.equal(said(), 'NOOP\r\n')
  })

  it('ends with close_notify, and hears nothing after it', () => {
    const { session, client, shake, said, events } = meet({ version: tls10, suites: [rc4] })
    shake()
    const end = client.seal(21, Buffer.from([1, 0]))
    session.receive(Buffer.concat([end, client.seal(23, Buffer.from('RSET'))]))
    assert.deepEqual(events, ['secured', 'ended'])
    assert.equal(said(), '')
    assert.equal(alertIn(session.goodbye(), client), 'warning 0 (close_notify)')
  })
})

describe('hellos that come to nothing', () => {
  const refusals: readonly (readonly [string, Buffer, string])[] = [
    [
      'only suites that nobody serves',
      new RawClient({ version: tls10, suites: [3, 9] }).hello(),
      '40 (handshake_failure)',
    ],
    [
      'a client that insists on compression',
      new RawClient({ version: tls10, suites: [rc4], compressions: [1] }).hello(),
      '47 (illegal_parameter)',
    ],
    [
      'a client that fell back (RFC 7507)',
      new RawClient({ version: tls11, suites: [rc4, 0x5600] }).hello(),
      '86 (inappropriate_fallback)',
    ],
    ['SSL 2.0', Buffer.from([0x80, 12, 1, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 4]), '70 (protocol_version)'],
    ['a hello cut short', record(22, Buffer.from([1, 0, 0, 2, 3, 1])), '50 (decode_error)'],
    ['another message', record(22, Buffer.from([16, 0, 0, 0])), '50 (decode_error)'],
    ['a hello of 16 MB', record(22, Buffer.from([1, 0xff, 0xff, 0xff, 3, 1])), '50 (decode_error)'],
  ]
  for (const [name, hello, alert] of refusals) {
    it(name, () => {
      const { session, take, events } = meet({ version: tls10, suites: [rc4] })
      assert.ok(session.receive(hello))
      assert.equal(alertIn(take()), `fatal ${alert}`)
      assert.deepEqual(events, [])
      assert.equal(session.receive(new RawClient({ version: tls10, suites: [rc4] }).hello()), undefined)
      assert.equal(take().length, 0)
    })
  }

  it('but a fallback to the best there is may go on', () => {
    meet({ version: tls12, suites: [rc4, 0x5600] }).shake()
  })

  it('an alert of the client ends it without an answer', () => {
    const { session, greet, take } = meet({ version: tls10, suites: [rc4] })
    greet()
    const why = session.receive(record(21, Buffer.from([2, 46])))
    assert.equal(why?.message, 'the device sent alert 46 (certificate_unknown)')
    assert.equal(take().length, 0)
  })
})

describe('the RSA block (Bleichenbacher 1998)', () => {
  /** Everything that a client sees after its second flight, before and after its Finished. */
  function replyTo(block: (length: number, premaster: Buffer) => Buffer): string {
    const { session, client, greet, take, events } = meet({ version: tls10, suites: [aes] })
    greet()
    const flight = client.answer((premaster) => block(client.blockLength, premaster))
    const finishedAt = flight.length - 5 - 48
    const replies = [flight.subarray(0, finishedAt), flight.subarray(finishedAt)].map((piece) => {
      session.receive(piece)
      return take().toString('hex')
    })
    assert.deepEqual(events, [])
    return replies.join(' then ')
  }

  for (const [name, block] of Object.entries(badBlocks)) {
    it(`${name}: no word until Finished, then bad_record_mac`, () => {
      assert.equal(replyTo(block), ' then 15030100020214')
    })
  }

  it('a good block of another secret: the same', () => {
    assert.equal(
      replyTo((length) => goodBlock(length, Buffer.concat([Buffer.from([3, 1]), randomBytes(46)]))),
      ' then 15030100020214',
    )
  })

  it('that is not below the modulus: the same', () => {
    const { session, client, greet, take } = meet({ version: tls10, suites: [aes] })
    greet()
    const flight = client.answer()
    flight.fill(0xff, 5 + 4 + 2, 5 + 4 + 2 + client.blockLength)
    session.receive(flight)
    assert.equal(take().toString('hex'), '15030100020214')
  })

  it('and a good one goes on', () => {
    for (const each of versions) meet({ version: each, suites: [aes] }).shake()
  })
})

describe('a broken order', () => {
  const finished = handshakeMessage(20, Buffer.alloc(12))
  const early: readonly (readonly [string, Buffer, string])[] = [
    ['ChangeCipherSpec before the key exchange', record(20, Buffer.from([1])), '10 (unexpected_message)'],
    ['Finished before the key exchange', record(22, finished), '10 (unexpected_message)'],
    ['data before Finished', record(23, Buffer.from('EHLO a')), '10 (unexpected_message)'],
    ['a second hello', new RawClient({ version: tls10, suites: [rc4] }).hello(), '10 (unexpected_message)'],
    [
      'a key exchange of another length',
      record(22, handshakeMessage(16, Buffer.alloc(9))),
      '50 (decode_error)',
    ],
    ['a message of 5 KB', record(22, Buffer.from([16, 0, 0x14, 0])), '47 (illegal_parameter)'],
    ['a record of 20 KB', Buffer.from([22, 3, 1, 0x4e, 0x20]), '22 (record_overflow)'],
    ['a record of no known type', record(99, Buffer.from([0])), '10 (unexpected_message)'],
    ['half an alert', record(21, Buffer.from([1])), '50 (decode_error)'],
    ['what is no TLS at all', Buffer.from('EHLO printer\r\n'), '10 (unexpected_message)'],
  ]
  for (const [name, octets, alert] of early) {
    it(name, () => {
      const { session, greet, take, events } = meet({ version: tls10, suites: [rc4] })
      greet()
      assert.ok(session.receive(octets))
      assert.equal(alertIn(take()), `fatal ${alert}`)
      assert.deepEqual(events, [])
    })
  }

  it('a Finished of another handshake', () => {
    for (const [version, alert] of [
      [ssl30, '40 (handshake_failure)'],
      [tls10, '51 (decrypt_error)'],
    ] as const) {
      const { session, client, greet, take } = meet({ version, suites: [rc4] })
      greet()
      // A wrong Finished under the right keys.
      session.receive(client.answer(undefined, (proof) => proof.fill(0)))
      assert.equal(alertIn(take()), `fatal ${alert}`)
    }
  })
})

describe('after the handshake', () => {
  it('a new one is refused with a warning, and with the end when it is wanted again and again', () => {
    const { session, client, shake, take } = meet({ version: tls10, suites: [rc4] })
    shake()
    const again = handshakeMessage(1, Buffer.alloc(40))
    for (let n = 0; n < 5; n++) {
      assert.equal(session.receive(client.seal(22, again)), undefined)
      assert.equal(alertIn(take(), client), 'warning 100 (no_renegotiation)')
    }
    assert.ok(session.receive(client.seal(22, again)))
    assert.equal(alertIn(take(), client), 'fatal 10 (unexpected_message)')
  })

  it('a new one ends SSL 3.0, which has no such warning', () => {
    const { session, client, shake, take } = meet({ version: ssl30, suites: [rc4] })
    shake()
    assert.ok(session.receive(client.seal(22, handshakeMessage(1, Buffer.alloc(40)))))
    assert.equal(alertIn(take(), client), 'fatal 40 (handshake_failure)')
  })

  it('empty records are taken, as many as stand before others; a stream of them is not', () => {
    const { session, client, shake, said } = meet({ version: tls10, suites: [aes] })
    shake()
    for (const text of 'NOOP') {
      for (let n = 0; n < 100; n++) assert.equal(session.receive(client.seal(23, Buffer.alloc(0))), undefined)
      assert.equal(session.receive(client.seal(23, Buffer.from(text))), undefined)
    }
    assert.equal(said(), 'NOOP')
    const ends = Array.from({ length: 101 }, () => session.receive(client.seal(23, Buffer.alloc(0))))
    assert.equal(ends.at(-2), undefined)
    assert.ok(ends.at(-1))
  })

  it('warnings are borne five times', () => {
    const { session, client, shake } = meet({ version: tls10, suites: [rc4] })
    shake()
    const ends = Array.from({ length: 6 }, () => session.receive(client.seal(21, Buffer.from([1, 41]))))
    assert.deepEqual(
      ends.map((end) => end?.alert),
      [...Array(5).fill(undefined), 'unexpected_message'],
    )
  })

  it('a record that does not verify ends it, and nothing is heard any more', () => {
    const { session, client, shake, take, said } = meet({ version: tls10, suites: [aes] })
    shake()
    const sealed = client.seal(23, Buffer.from('DATA\r\n'))
    sealed[20] = (sealed[20] ?? 0) ^ 1
    assert.ok(session.receive(sealed))
    assert.equal(alertIn(take(), client), 'fatal 20 (bad_record_mac)')
    session.receive(client.seal(23, Buffer.from('RSET')))
    assert.equal(said(), '')
  })
})
