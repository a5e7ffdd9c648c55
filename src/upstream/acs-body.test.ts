import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { AcsBody, type EncodedFile, placeholder } from './acs-body.ts'

const never = new AbortController().signal
const nonce = '1f6f2f5e-0000-4000-8000-000000000000'

const file = (text: string, size = text.length): EncodedFile => ({
  size,
  async *read() {
    for (const letter of text) yield Buffer.from(letter)
  },
})

async function textOf(body: AcsBody): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of body.read(never)) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const json = `{"ü":["${placeholder(nonce, 1)}","${placeholder(nonce, 0)}"],"x":"@@${'0'.repeat(36)}:0@@"}`

describe('a spliced request', () => {
  it('has each file in its place, however often it is read', async () => {
    const body = AcsBody.splice(json, nonce, [file('AAAA'), file('BB==')])
    const expected = `{"ü":["BB==","AAAA"],"x":"@@${'0'.repeat(36)}:0@@"}`
    assert.equal(await textOf(body), expected)
    assert.equal(await textOf(body), expected)
    assert.equal(body.size, Buffer.byteLength(expected))
    assert.deepEqual(await body.sha256(never), createHash('sha256').update(expected).digest())
  })

  it('is not made of a text that lost a place, or names a file too many', () => {
    assert.throws(() => AcsBody.splice('{}', nonce, [file('AAAA')]), /lost a placeholder/)
    assert.throws(() => AcsBody.splice(`"${placeholder(nonce, 3)}"`, nonce, [file('AAAA')]), /names file 3/)
  })

  for (const [size, what] of [
    [3, 'longer'],
    [5, 'shorter'],
  ] as const) {
    it(`never sends a file that is ${what} than was said`, async () => {
      const body = AcsBody.splice(`"${placeholder(nonce, 0)}"`, nonce, [file('AAAA', size)])
      let octets = 0
      await assert.rejects(async () => {
        for await (const piece of body.read(never)) octets += piece.length
      }, /4 octets of base64/)
      assert.ok(octets < body.size)
    })
  }

  it('ends with the signal', async () => {
    const body = AcsBody.splice(json, nonce, [file('AAAA'), file('BB==')])
    await assert.rejects(body.sha256(AbortSignal.abort()), { name: 'AbortError' })
  })
})
