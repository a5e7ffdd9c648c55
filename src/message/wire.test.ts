import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Content, contentOf } from '../core/content.ts'
import { dataOctets, dataSha256 } from './wire.ts'

async function wire(header: string, content: Content, bodyStart: number): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of dataOctets(content, Buffer.from(header), bodyStart))
    pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('latin1')
}

describe('octets for an SMTP upstream', () => {
  const table: readonly (readonly [body: string, expected: string])[] = [
    ['a\r\nb\r\n', 'a\r\nb\r\n'],
    ['a\nb\rc', 'a\r\nb\r\nc\r\n'],
    ['\n\n\r\r\n', '\r\n\r\n\r\n\r\n'],
    ['a\r', 'a\r\n'],
    ['a\r\n\0.\r\n\0', 'a\r\n.\r\n'],
    ['a\r\0\nb\0c', 'a\r\nbc\r\n'],
    ['', ''],
  ]
  for (const [body, expected] of table) {
    it(JSON.stringify(body), async () =>
      assert.equal(
        await wire('New: 1\r\n\r\n', contentOf(Buffer.from(`Old: 1\r\n\r\n${body}`)), 10),
        `New: 1\r\n\r\n${expected}`,
      ),
    )
  }

  it('have whole line ends however the body is cut, and lose nothing else', async () => {
    const piece = fc
      .array(fc.constantFrom('a', '\r', '\n', '.', '\r\n', 'é'), { maxLength: 6 })
      .map((all) => Buffer.from(all.join('')))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const whole = Buffer.concat(pieces)
        const cut: Content = {
          size: whole.length,
          async *read() {
            yield* pieces
          },
        }
        const octets = await wire('A: b\r\n\r\n', cut, 0)
        const text = whole.toString('latin1')
        const expected = text.replace(/\r\n|\r|\n/g, '\r\n')
        assert.equal(
          octets,
          `A: b\r\n\r\n${expected}${expected === '' || expected.endsWith('\r\n') ? '' : '\r\n'}`,
        )
        const { sha256, size } = await dataSha256(cut, Buffer.from('A: b\r\n\r\n'), 0)
        assert.equal(size, octets.length)
        assert.equal(sha256, createHash('sha256').update(octets, 'latin1').digest('hex'))
      }),
      { numRuns: 300 },
    )
  })
})
