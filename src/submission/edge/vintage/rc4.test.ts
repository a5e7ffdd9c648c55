import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Rc4 } from './rc4.ts'

/** RFC 6229 section 2: a key, the keystream's first 16 octets, and those from 1536 on. */
const vectors = [
  ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8', 'd8729db41882259bee4f825325f5a130'],
  [
    '0102030405060708090a0b0c0d0e0f10',
    '9ac7cc9a609d1ef7b2932899cde41b97',
    'ffa0b514647ec04f6306b892ae661181',
  ],
  [
    '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    'eaa6bd25880bf93d3f5d1e4ca2611d91',
    '3e34135c79db010200767651cf263073',
  ],
] as const

describe('RC4', () => {
  for (const [key, first, later] of vectors) {
    it(`has the keystream of RFC 6229 for a key of ${key.length * 4} bits`, () => {
      const stream = new Rc4(Buffer.from(key, 'hex')).update(Buffer.alloc(1552))
      assert.equal(stream.subarray(0, 16).toString('hex'), first)
      assert.equal(stream.subarray(1536).toString('hex'), later)
    })
  }

  it('goes on where it stopped', () => {
    const key = Buffer.from('0102030405', 'hex')
    const pieces = new Rc4(key)
    const joined = Buffer.concat([1, 2, 3, 250, 44].map((length) => pieces.update(Buffer.alloc(length))))
    assert.deepEqual(joined, new Rc4(key).update(Buffer.alloc(300)))
  })

  it('gives back what it took', () => {
    const scan = Buffer.from('a scan')
    const key = Buffer.from('secret')
    assert.deepEqual(new Rc4(key).update(new Rc4(key).update(scan)), scan)
  })
})
