import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { MessageId } from '../core/message-id.ts'
import type { Spool } from '../core/spool.ts'
import { countIn } from './spool-file.ts'
import {
  changeTo,
  delivered,
  noon,
  octetsOf,
  opened,
  partKey,
  published,
  publishing,
  readAll,
  settlementOf,
  startOf,
  testSpool,
} from './spool-fixture.ts'

/** Publishes until the spool says full; what was stored by then. */
async function fill(spool: Spool, size: number): Promise<readonly MessageId[]> {
  const stored: MessageId[] = []
  for (;;) {
    const { id, publication } = await publishing(spool, octetsOf(size, 7))
    if (publication.kind === 'full') return stored
    assert.equal(publication.kind, 'stored')
    stored.push(id)
  }
}

describe('a spool file at its largest', () => {
  it('refuses only what does not fit, keeps what it took, and takes mail again without a restart', async () => {
    await using box = await testSpool({ maxPages: 700 })
    const { spool } = box
    const stored = await fill(spool, 100_000)
    assert.ok(stored.length >= 10)
    const small = await Promise.all([
      publishing(spool, octetsOf(900_000)),
      publishing(spool, octetsOf(10)),
      publishing(spool, octetsOf(200_000)),
      publishing(spool, octetsOf(20)),
    ])
    assert.deepEqual(
      small.map(({ publication }) => publication.kind),
      ['full', 'stored', 'full', 'stored'],
    )
    const octets = octetsOf(100_000, 7)
    for (const id of stored) assert.ok(Buffer.from(await readAll(await spool.content(id))).equals(octets))
    for (const id of stored.slice(0, 5)) await delivered(spool, id)
    assert.equal((await publishing(spool, octetsOf(300_000))).publication.kind, 'stored')
  })

  it('leaves no octet of a refused large body', async () => {
    await using box = await testSpool({ maxPages: 700 })
    assert.equal((await publishing(box.spool, octetsOf(9_000_000))).publication.kind, 'full')
    while (countIn(box.file, 'reception') > 0) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(countIn(box.file, 'chunk'), 0)
    assert.equal((await publishing(box.spool, octetsOf(1_000_000))).publication.kind, 'stored')
  })

  it('lets what is under way wait until it can be written', async () => {
    await using box = await testSpool({ maxPages: 700 })
    const { spool } = box
    const stored = await fill(spool, 100_000)
    while ((await publishing(spool, octetsOf(10))).publication.kind === 'stored');
    const reason = 'x'.repeat(40_000)
    const [id = assert.fail()] = stored
    const waits = spool.settle(settlementOf(undefined, [changeTo(id, 1, 'held', { reason })]))
    const [other = assert.fail()] = stored.slice(1)
    assert.equal((await spool.isWritable()).writable, true)
    assert.equal((await spool.message(id))?.recipients[0]?.state, 'queued')
    await spool.operate('drop', { message: other }, noon)
    await waits
    assert.equal((await spool.message(id))?.recipients[0]?.reason, reason)
  })

  it('still gives every id once', async () => {
    await using box = await testSpool({ maxPages: 700 })
    const seen = new Set<MessageId>(await fill(box.spool, 100_000))
    while ((await publishing(box.spool, octetsOf(10))).publication.kind === 'stored');
    for (let n = 0; n < 200; n++) {
      const id = await box.spool.takeId()
      assert.ok(!seen.has(id))
      seen.add(id)
    }
  })
})

describe('the reserve of free space', () => {
  it('sends new mail away while what is here is still delivered', async () => {
    await using box = await testSpool()
    const id = await published(box.spool, octetsOf(500_000))
    const spool = await box.reopen({ reserveOctets: Number.MAX_SAFE_INTEGER })
    assert.deepEqual((await publishing(spool, octetsOf(10))).publication, { kind: 'full' })
    assert.deepEqual((await publishing(spool, octetsOf(500_000))).publication, { kind: 'full' })
    const state = await spool.isWritable()
    assert.equal(state.writable, false)
    assert.match(state.detail, /reserve/)
    await spool.start(startOf(partKey(id)))
    await spool.settle(settlementOf(partKey(id), [changeTo(id, 1, 'accepted')]))
    assert.equal((await spool.message(id))?.recipients[0]?.state, 'accepted')
  })

  it('says that all is well where it is', async () => {
    await using box = await testSpool()
    const state = await box.spool.isWritable()
    assert.deepEqual([state.writable, state.detail], [true, ''])
    assert.ok(state.freeBytes > 0)
  })
})

describe('a disk that is really full', () => {
  it('is told as full and forgotten when there is room again', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'small-disk-'))
    if (!isMounted(folder)) return test.skip('mounting a small disk needs root')
    try {
      const spool = await opened({ file: join(folder, 'spool.db'), reserveOctets: 0 })
      const before = await published(spool, octetsOf(200_000))
      const ballast = join(folder, 'ballast')
      fillUp(ballast)
      const stored = await fill(spool, 100_000)
      assert.equal((await spool.isWritable()).writable, false)
      const unknown = await Promise.all([
        publishing(spool, octetsOf(3_000_000)),
        publishing(spool, octetsOf(90_000)),
      ])
      assert.ok(unknown.every(({ publication }) => publication.kind === 'full'))
      const waits = delivered(spool, before)
      rmSync(ballast)
      await waits
      const after = await published(spool, octetsOf(3_000_000))
      assert.equal((await spool.isWritable()).writable, true)
      for (const id of [...stored, after]) assert.ok(await spool.content(id))
      await spool[Symbol.asyncDispose]()
    } finally {
      execFileSync('umount', [folder])
      rmSync(folder, { recursive: true })
    }
  })
})

function fillUp(file: string): void {
  for (let octets = 16 * 1024 * 1024; octets >= 4096; ) {
    try {
      writeFileSync(file, Buffer.alloc(octets), { flag: 'a' })
    } catch {
      octets = Math.floor(octets / 2)
    }
    if (statSync(file).size > 64 * 1024 * 1024) assert.fail('the small disk is not small')
  }
}

function isMounted(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'pipe' })
    return true
  } catch {
    rmSync(folder, { recursive: true })
    return false
  }
}
