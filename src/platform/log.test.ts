import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Log } from '../core/log.ts'
import { gatherLines, jsonLog, teeLog } from './log.ts'

function collected(level: Parameters<typeof jsonLog>[1]): { readonly lines: string[]; readonly log: Log } {
  const lines: string[] = []
  return {
    lines,
    log: jsonLog(
      (line) => lines.push(line),
      level,
      () => Date.UTC(2026, 0, 2, 3, 4, 5),
    ),
  }
}

describe('log', () => {
  it('writes one JSON line per event', () => {
    const { lines, log } = collected('info')
    log.write('warn', 'upstream-paused', { upstream: 'acs', until: undefined, to: ['a'], n: 1, on: true })
    assert.equal(
      lines[0],
      '{"at":"2026-01-02T03:04:05.000Z","level":"warn","event":"upstream-paused","upstream":"acs","to":["a"],"n":1,"on":true}\n',
    )
  })

  it('stays one line, whatever is in a field', () => {
    const { lines, log } = collected('info')
    log.write('info', 'odd', { text: 'a\r\nb\u2028c"' })
    assert.equal(lines.length, 1)
    assert.equal(lines[0]?.match(/[\r\n]/g)?.length, 1)
    assert.equal(JSON.parse(lines[0] ?? '').text, 'a\r\nb\u2028c"')
  })

  for (const [level, expected] of [
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ] as const)
    it(`keeps ${expected.join(', ')} at level ${level}`, () => {
      const { lines, log } = collected(level)
      for (const each of ['debug', 'info', 'warn', 'error'] as const) log.write(each, each)
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).level),
        expected,
      )
    })

  it('hands every event to several logs', () => {
    const [a, b] = [collected('debug'), collected('error')]
    const log = teeLog(a.log, b.log)
    log.write('info', 'one')
    log.write('error', 'two', { n: 1 })
    assert.deepEqual([a.lines.length, b.lines.length], [2, 1])
  })
})

describe('gathered lines', () => {
  it('of one turn of the event loop are one write, in order', async () => {
    const written: string[] = []
    const lines = gatherLines((text) => written.push(text))
    lines.write('a\n')
    lines.write('b\n')
    assert.deepEqual(written, [])
    await new Promise(setImmediate)
    lines.write('c\n')
    await new Promise(setImmediate)
    assert.deepEqual(written, ['a\nb\n', 'c\n'])
  })

  it('are written at once when that is asked, and not again', async () => {
    const written: string[] = []
    const lines = gatherLines((text) => written.push(text))
    lines.write('a\n')
    lines.flush()
    lines.flush()
    await new Promise(setImmediate)
    assert.deepEqual(written, ['a\n'])
  })
})
