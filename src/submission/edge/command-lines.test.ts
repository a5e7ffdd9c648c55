import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CommandLines } from './command-lines.ts'

function linesOf(...pieces: readonly string[]): string[] {
  const lines = new CommandLines()
  const found: string[] = []
  for (const piece of pieces) {
    lines.add(Buffer.from(piece))
    for (let next = lines.next(); next.kind !== 'none'; next = lines.next()) {
      found.push(next.kind === 'line' ? next.line : next.kind)
      if (next.kind === 'flood') return found
    }
  }
  return found
}

describe('command lines', () => {
  it('end in CRLF or LF, however they arrive', () => {
    assert.deepEqual(linesOf('EHLO a\r\nNOOP\nQU', 'IT\r', '\n'), ['EHLO a', 'NOOP', 'QUIT'])
  })

  it('may be empty', () => assert.deepEqual(linesOf('\r\n\n'), ['', '']))

  it('pass over what is too long and go on behind it', () => {
    const long = 'x'.repeat(6000)
    assert.deepEqual(linesOf(long, long, `${long}\r\nNOOP\r\n`), ['too-long', 'NOOP'])
    assert.deepEqual(linesOf(`${'x'.repeat(9000)}\r\nNOOP\r\n`), ['too-long', 'NOOP'])
  })

  it('hold no more than a line of what never ends', () => {
    const lines = new CommandLines()
    for (let n = 0; n < 6; n++) {
      lines.add(Buffer.alloc(10_000, 'x'))
      assert.equal(lines.next().kind, 'none')
      assert.equal(lines.length, 0)
    }
    lines.add(Buffer.alloc(10_000, 'x'))
    assert.equal(lines.next().kind, 'flood')
  })
})
