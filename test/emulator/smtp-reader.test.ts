import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { inspectContent } from './smtp-content.ts'
import { createSmtpReader, type SmtpReader } from './smtp-reader.ts'

function readerOf(...chunks: string[]): SmtpReader {
  const stream = new PassThrough()
  const reader = createSmtpReader(stream)
  for (const chunk of chunks) stream.emit('data', Buffer.from(chunk))
  return reader
}

describe('content on the line', () => {
  it('ends at the final dot wherever the stream is cut', async () => {
    const whole = 'a\r\n..\r\n\r\n.b\r\n.\r\nQUIT\r\n'
    for (let first = 0; first <= whole.length; first += 1) {
      for (let second = first; second <= whole.length; second += 1) {
        const reader = readerOf(whole.slice(0, first), whole.slice(first, second), whole.slice(second))
        const read = await reader.content()
        assert.equal(
          read.kind === 'content' && read.stuffed.toString(),
          'a\r\n..\r\n\r\n.b\r\n',
          `${first} ${second}`,
        )
        const next = await reader.line()
        assert.equal(next.kind === 'line' && next.text, 'QUIT')
      }
    }
  })

  it('does not end at a dot between bare line feeds', async () => {
    const read = await readerOf('a\n.\nb\r\n', '.\r\n').content()
    assert.equal(read.kind === 'content' && read.stuffed.toString(), 'a\n.\nb\r\n')
  })

  it('may be empty', async () => {
    const read = await readerOf('.\r\n').content()
    assert.equal(read.kind === 'content' && read.stuffed.length, 0)
  })

  it('stops where a fault wants it', async () => {
    assert.deepEqual(await readerOf('abcdef').content(3), { kind: 'stopped' })
  })
})

describe('command lines', () => {
  it('are told apart by how they end', async () => {
    const reader = readerOf('A\r\nB\nC', '\r\n')
    assert.deepEqual(await reader.line(), { kind: 'line', text: 'A', isBareLf: false })
    assert.deepEqual(await reader.line(), { kind: 'line', text: 'B', isBareLf: true })
    assert.deepEqual(await reader.line(), { kind: 'line', text: 'C', isBareLf: false })
  })

  it('may be too long', async () => {
    assert.deepEqual(await readerOf('x'.repeat(12_289)).line(), { kind: 'too-long' })
  })
})

describe('inspecting content', () => {
  const rows: [
    name: string,
    stuffed: string,
    raw: string,
    counts: Partial<ReturnType<typeof inspectContent>>,
  ][] = [
    ['undoes dot-stuffing', '..a\r\n.\r\nb.\r\n', '.a\r\n\r\nb.\r\n', { bareLineFeeds: 0 }],
    ['does not take a bare LF for a line end', 'a\n..b\r\n', 'a\n..b\r\n', { bareLineFeeds: 1 }],
    ['counts bare CR', 'a\rb\r\r\n', 'a\rb\r\r\n', { bareCarriageReturns: 2, bareLineFeeds: 0 }],
    ['passes a line of 1000 octets', `${'x'.repeat(998)}\r\n`, `${'x'.repeat(998)}\r\n`, { longLines: 0 }],
    ['notes a line of 1001 octets', `${'x'.repeat(999)}\r\n`, `${'x'.repeat(999)}\r\n`, { longLines: 1 }],
    ['notes NUL and 8-bit', 'ä\0\r\n', 'ä\0\r\n', { hasNul: true, hasEightBit: true }],
    ['is content with nothing', '', '', { longLines: 0, hasNul: false, hasEightBit: false }],
  ]
  for (const [name, stuffed, raw, counts] of rows) {
    it(name, () => {
      const content = inspectContent(Buffer.from(stuffed))
      assert.equal(content.raw.toString(), raw)
      assert.partialDeepStrictEqual(content, counts)
    })
  }
})
