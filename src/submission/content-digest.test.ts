import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ContentDigest } from './content-digest.ts'

// FIPS 180-4, examples for SHA-256.
const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const digestOf = (...pieces: readonly string[]): string => {
  const digest = new ContentDigest()
  for (const piece of pieces) digest.update(Buffer.from(piece))
  return digest.hex()
}

describe('the digest of a content', () => {
  it('is the same however it was cut', () => {
    assert.equal(digestOf('abc'), abc)
    assert.equal(digestOf('a', 'bc'), abc)
    assert.equal(digestOf('', 'a', 'b', '', 'c'), abc)
    assert.equal(digestOf(), nothing)
    assert.equal(digestOf('', ''), nothing)
  })
})
