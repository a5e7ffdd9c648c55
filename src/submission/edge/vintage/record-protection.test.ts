import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { recordMac } from './record-mac.ts'
import { type DirectionKeys, opening, sealing } from './record-protection.ts'
import { suiteFor } from './suites.ts'
import { ssl30, tls10, tls11, tls12, type Version } from './versions.ts'

const versions = [ssl30, tls10, tls11, tls12] as const
const suites = [0x002f, 0x0035, 0x000a, 0x0005, 0x0004] as const

function keysFor(version: Version, id: number): DirectionKeys {
  const suite = suiteFor([id]) ?? assert.fail()
  const random = (length: number): Buffer => randomBytes(length)
  const { macLength, keyLength, blockLength } = suite
  return { version, suite, macSecret: random(macLength), key: random(keyLength), iv: random(blockLength) }
}

const arbitraryKeys = fc
  .tuple(fc.constantFrom(...versions), fc.constantFrom(...suites))
  .map(([version, id]) => keysFor(version, id))
const octets = fc.uint8Array({ maxLength: 600 })

describe('record protection', () => {
  it('opens what it sealed, record after record', () => {
    fc.assert(
      fc.property(arbitraryKeys, fc.array(octets, { maxLength: 5 }), (keys, records) => {
        const [seal, open] = [sealing(keys), opening(keys)]
        for (const data of records) assert.deepEqual(open(23, seal(23, data)), Buffer.from(data))
      }),
    )
  })

  it('opens nothing that was changed, wherever, nor cut short, nor of another type', () => {
    fc.assert(
      fc.property(
        arbitraryKeys,
        octets,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (keys, data, at, change) => {
          const sealed = sealing(keys)(23, data)
          const place = at % sealed.length
          const changed = Buffer.from(sealed)
          changed[place] = (changed[place] ?? 0) ^ change
          const opened = opening(keys)(23, changed)
          // SSL 3.0 leaves the octets of its padding open: what it opens in spite of a change is what was sealed.
          if (keys.version === ssl30 && opened) assert.deepEqual(opened, Buffer.from(data))
          else assert.equal(opened, undefined)
          assert.equal(opening(keys)(23, sealed.subarray(0, place)), undefined)
          assert.equal(opening(keys)(22, sealed), undefined)
        },
      ),
    )
  })

  it('opens no record twice', () => {
    for (const version of versions) {
      const keys = keysFor(version, 0x0005)
      const [seal, open] = [sealing(keys), opening(keys)]
      const sealed = seal(23, Buffer.from('a scan'))
      assert.ok(open(23, sealed))
      assert.equal(open(23, sealed), undefined)
    }
  })

  it('opens no block record without padding, though its MAC is right', () => {
    for (const version of [ssl30, tls10] as const) {
      const keys = keysFor(version, 0x002f)
      const data = Buffer.from('twelve octet')
      const plain = Buffer.concat([data, recordMac(version, keys.suite, keys.macSecret)(23, data)])
      const cipher = createCipheriv('aes-128-cbc', keys.key, keys.iv).setAutoPadding(false)
      assert.equal(opening(keys)(23, cipher.update(plain)), undefined)
    }
  })

  it('takes padding of any length from TLS, of one block from SSL 3.0', () => {
    for (const [version, blocks, isTaken] of [
      [tls10, 15, true],
      [ssl30, 15, false],
      [ssl30, 0, true],
    ] as const) {
      const keys = keysFor(version, 0x002f)
      const data = Buffer.from('nine octets!')
      const mac = recordMac(version, keys.suite, keys.macSecret)(23, data)
      const length = blocks * 16 + 16 - ((data.length + mac.length) % 16)
      const plain = Buffer.concat([data, mac, Buffer.alloc(length, length - 1)])
      const cipher = createCipheriv('aes-128-cbc', keys.key, keys.iv).setAutoPadding(false)
      assert.equal(opening(keys)(23, cipher.update(plain)) !== undefined, isTaken)
    }
  })
})
