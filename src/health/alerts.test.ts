import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import type { Alert, RaisedAlert } from '../core/alerts.ts'
import { minute, second, type WallMs, wallMs } from '../core/time.ts'
import { AlertBook } from './alerts.ts'

const start = wallMs(Date.UTC(2026, 10, 21))
const paused: Alert = {
  key: 'upstream-paused/acs',
  severity: 'warning',
  sentence: 'acs is paused: the secret has expired.',
  remedy: 'Make a new one.',
}

/** The spool's table of alerts, and what was written to it. */
class AlertRows {
  readonly rows = new Map<string, RaisedAlert>()
  readonly writes: string[] = []
  isBroken = false

  async saveAlert(alert: Alert, since: WallMs): Promise<void> {
    if (this.isBroken) throw new Error('disk full')
    this.writes.push(`save ${alert.key}`)
    this.rows.set(alert.key, { ...alert, since })
  }

  async clearAlert(key: string): Promise<void> {
    if (this.isBroken) throw new Error('disk full')
    this.writes.push(`clear ${key}`)
    this.rows.delete(key)
  }

  async alerts(): Promise<readonly RaisedAlert[]> {
    return [...this.rows.values()]
  }
}

let spool: AlertRows
let clock: JumpingClock
let events: string[]

beforeEach(() => {
  spool = new AlertRows()
  clock = new JumpingClock(start)
  events = []
})

const open = (): Promise<AlertBook> =>
  AlertBook.open({ spool, clock, log: { write: (_level, event) => void events.push(event) } })

describe('the book of alerts', () => {
  it('keeps since when an alert is renewed, and takes the new sentence', async () => {
    const book = await open()
    book.raise(paused)
    await clock.jump(minute)
    book.raise({ ...paused, sentence: 'still' })
    assert.deepEqual(book.active(), [{ ...paused, sentence: 'still', since: start }])
    assert.deepEqual(events, ['alert-raised', 'alert-renewed'])
  })

  it('counts since anew after it was cleared', async () => {
    const book = await open()
    book.raise(paused)
    await clock.jump(minute)
    book.clear(paused.key)
    book.raise(paused)
    assert.equal(book.active()[0]?.since, start + minute)
  })

  it('shows the gravest first, then the oldest', async () => {
    const book = await open()
    book.raise({ ...paused, key: 'a', severity: 'notice' })
    await clock.jump(second)
    book.raise({ ...paused, key: 'b' })
    await clock.jump(second)
    book.raise({ ...paused, key: 'c' })
    book.raise({ ...paused, key: 'd', severity: 'alarm' })
    assert.deepEqual(
      book.active().map(({ key }) => key),
      ['d', 'b', 'c', 'a'],
    )
  })

  it('is there again after a restart', async () => {
    await using book = await open()
    book.raise(paused)
    await clock.jump(minute)
    const next = await open()
    assert.deepEqual(next.active(), [{ ...paused, since: start }])
    next.clear(paused.key)
    await next.flush()
    assert.deepEqual((await open()).active(), [])
  })
})

describe('writing alerts down', () => {
  it('waits for the flock to settle and writes the last word once', async () => {
    const book = await open()
    book.raise(paused)
    book.raise({ ...paused, sentence: 'a' })
    book.raise({ ...paused, sentence: 'b' })
    assert.deepEqual(spool.writes, [])
    await clock.jump(minute)
    assert.deepEqual(spool.writes, ['save upstream-paused/acs'])
    assert.equal(spool.rows.get(paused.key)?.sentence, 'b')
  })

  it('does not write what is raised again unchanged', async () => {
    const book = await open()
    book.raise(paused)
    await clock.jump(minute)
    book.raise({ ...paused })
    await clock.jump(minute)
    assert.equal(spool.writes.length, 1)
  })

  it('happens at once when the book is closed', async () => {
    const book = await open()
    book.raise(paused)
    await book[Symbol.asyncDispose]()
    assert.deepEqual([...spool.rows.keys()], [paused.key])
  })

  it('is tried again while the disk is full, and nobody is troubled by it', async () => {
    const book = await open()
    spool.isBroken = true
    book.raise(paused)
    await clock.jump(3 * second)
    assert.deepEqual(spool.rows.size, 0)
    assert.ok(events.includes('alert-not-saved'))
    spool.isBroken = false
    await clock.jump(2 * minute)
    assert.deepEqual([...spool.rows.keys()], [paused.key])
  })
})
