import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LineFacts } from './line-facts.ts'

/** Each piece begins so many octets into its buffer. */
function facts(pieces: readonly string[], offset = 0) {
  const lines = new LineFacts()
  const before = Buffer.alloc(offset)
  for (const piece of pieces) {
    const whole = Buffer.concat([before, Buffer.from(piece, 'latin1')])
    // A buffer of its own, so that the piece ends where the buffer does.
    lines.feed(new Uint8Array(whole).subarray(offset))
  }
  lines.finish()
  const { has8bit, hasBareLineEnds, longestLine } = lines
  return { has8bit, hasBareLineEnds, longestLine }
}

/** What the names say, in regular expressions. */
const meant = (text: string) => ({
  has8bit: /[\x80-\xff]/.test(text),
  hasBareLineEnds: /\r(?!\n)|(?<!\r)\n/.test(text),
  longestLine: Math.max(...text.split(/\r\n|\r|\n/).map((line) => line.length)),
})

describe('line facts', () => {
  it('are had of a piece of an octet or two at the end of its buffer', () => {
    for (let offset = 0; offset < 8; offset++) {
      for (const piece of ['', 'a', '\n', 'ab', '\r\n', 'abc']) {
        assert.deepEqual(facts([piece], offset), meant(piece), `${JSON.stringify(piece)} at ${offset}`)
      }
    }
  })

  it('are the same however the content is cut', () => {
    const text = fc.string({
      unit: fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc', '\t', '\xe9', '\x0e', 'defghijklm\xff\x80'),
    })
    fc.assert(
      fc.property(fc.array(text), fc.nat(7), (pieces, offset) => {
        assert.deepEqual(facts(pieces, offset), meant(pieces.join('')))
      }),
      { numRuns: 2000 },
    )
  })
})
