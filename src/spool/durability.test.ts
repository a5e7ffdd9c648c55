import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { MessageId } from '../core/message-id.ts'
import type { Spool } from '../core/spool.ts'
import { countIn } from './spool-file.ts'
import { noon, opened, readAll, sha256 } from './spool-fixture.ts'

/** Two processes side by side, each killed so often. */
const lanes = 2
const rounds = 10

/** What the killed process said before: a message that is stored, and the hash of its octets. */
interface Stored {
  readonly id: MessageId
  readonly sha256: string
}

describe('a process killed while it publishes', () => {
  it(`has lost nothing that it called stored, in ${lanes * rounds} kills`, async () => {
    await Promise.all(Array.from({ length: lanes }, (_, lane) => killedAgainAndAgain(lane)))
  })
})

async function killedAgainAndAgain(lane: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'killed-'))
  const file = join(folder, 'spool.db')
  const stored: Stored[] = []
  for (let round = 0; round < rounds; round++)
    stored.push(...(await killedRound(file, lane * rounds + round)))
  assert.ok(stored.length > rounds)
  assert.equal(new Set(stored.map(({ id }) => id)).size, stored.length, 'an id was given twice')
  const spool = await opened({ file, reserveOctets: 0 })
  await spool.recover(noon)
  for (const mail of stored) await assertIntact(spool, mail)
  await assertSwept(file)
  await spool[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
}

/** Lets a process publish until it has called a number of messages stored that differs from round to round. */
async function killedRound(file: string, round: number): Promise<readonly Stored[]> {
  const child = fork(new URL('./publishing-process.fixture.ts', import.meta.url), [file, String(round)], {
    execArgv: [],
  })
  const stored: Stored[] = []
  child.on('message', (mail: Stored) => {
    stored.push(mail)
    if (stored.length === 1 + ((round * 7) % 40)) child.kill('SIGKILL')
  })
  await ended(child)
  return stored
}

async function ended(child: ChildProcess): Promise<void> {
  const [code, signal]: unknown[] = await once(child, 'close')
  assert.equal(signal, 'SIGKILL', `it ended by itself with ${String(code)}`)
}

async function assertIntact(spool: Spool, { id, sha256: expected }: Stored): Promise<void> {
  assert.equal(sha256(await readAll(await spool.content(id))), expected, id)
  const view = await spool.message(id)
  assert.deepEqual(
    view?.recipients.map(({ state }) => state),
    ['queued'],
  )
}

/** Nothing is left of mail that was under way: the octets on disk are those of the messages, and all of them. */
async function assertSwept(file: string): Promise<void> {
  while (countIn(file, 'reception') > 0) await new Promise((resolve) => setImmediate(resolve))
  const onDisk = 'SELECT id / 65536 AS message, sum(length(octets)) AS size FROM chunk GROUP BY 1'
  const announced = 'SELECT id, size FROM message WHERE size > 0'
  assert.equal(countIn(file, `(${onDisk} EXCEPT ${announced})`), 0)
  assert.equal(countIn(file, `(${announced} EXCEPT ${onDisk})`), 0)
}
