import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wallMs } from '../core/time.ts'
import { colourOf, paintFor } from './paint.ts'
import { fit, oneLine, widthOf, wrap } from './plain-text.ts'
import { tableLines } from './table.ts'
import { age, localTime, span } from './times.ts'

const plain = (_colour: unknown, text: string): string => text

describe('tables', () => {
  const columns = [
    { title: 'ID' },
    { title: 'NAME', isFlexible: true },
    { title: 'SIZE', align: 'right' as const },
  ]

  it('are aligned under their titles without blanks at the end', () => {
    assert.deepEqual(
      tableLines(
        columns,
        [
          ['7/1', 'anna', '9 KB'],
          ['10/12', 'b', '120 KB'],
        ],
        plain,
      ),
      ['ID     NAME    SIZE', '7/1    anna    9 KB', '10/12  b     120 KB'],
    )
  })

  it('cut the widest flexible column to the page', () => {
    const lines = tableLines(columns, [['7', 'x'.repeat(300), '1 KB']], plain)
    assert.deepEqual(lines.map(widthOf), [100, 100])
    assert.match(lines[1] ?? '', /x… {2}1 KB$/)
  })

  it('count wide letters as two columns and combining ones as none', () => {
    assert.equal(widthOf('走査'), 4)
    assert.equal(widthOf('Scän'), 4)
    const [, row] = tableLines(columns, [['7', '走査'.repeat(60), '1 KB']], plain)
    assert.ok(widthOf(row ?? '') <= 100)
  })

  it('never let a cell move the cursor', () => {
    const [, row] = tableLines(columns, [['7', 'a\u001b[2Jb\r\nc\u202ed', '1']], plain)
    assert.equal(row, '7   a [2Jb c d     1')
  })

  it('are coloured by state on a terminal only, and not where NO_COLOR is set', () => {
    const terminal = { isTerminal: true, write: async () => {} }
    assert.equal(
      paintFor({ out: terminal, environment: {} })(colourOf('bounced'), 'x'),
      '\u001b[31mx\u001b[39m',
    )
    assert.equal(paintFor({ out: terminal, environment: { NO_COLOR: '1' } })('red', 'x'), 'x')
    assert.equal(paintFor({ out: { ...terminal, isTerminal: false }, environment: {} })('red', 'x'), 'x')
  })
})

describe('text for a terminal', () => {
  it('is one line without control characters', () => {
    assert.equal(oneLine('a\tb\u0000\u200fc'), 'a b c')
  })

  it('is cut with an ellipsis', () => {
    assert.equal(fit('abcdef', 6), 'abcdef')
    assert.equal(fit('abcdefg', 6), 'abcde…')
  })

  it('is wrapped between words', () => {
    assert.deepEqual(wrap('one two three', 8), ['one two', 'three'])
    assert.deepEqual(wrap('unbreakable x', 4), ['unbreakable', 'x'])
  })
})

describe('times', () => {
  const now = wallMs(new Date(2026, 10, 21, 22, 14).getTime())
  const before = (ms: number) => wallMs(now - ms)

  it('are short and local, with the year only where it is another', () => {
    assert.equal(localTime(now, now), '21 Nov 22:14')
    assert.equal(localTime(wallMs(new Date(1970, 0, 1, 0, 5).getTime()), now), '1 Jan 1970 00:05')
  })

  it('tell how long ago, or how soon', () => {
    assert.equal(age(before(400), now), 'now')
    assert.equal(age(before(59_000), now), '59 s ago')
    assert.equal(age(before(150_000), now), '2 min ago')
    assert.equal(age(before(-3 * 3_600_000), now), 'in 3 h')
    assert.equal(span(5 * 86_400_000), '5 d')
  })
})
