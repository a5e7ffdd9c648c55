import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { temporaryFolder } from '../../../test/gateway-process.ts'
import { Chance } from './chance.ts'
import { dueAt } from './cuts.ts'
import { ReplayedDisk, settledCount, straysOf, unsettledPieces } from './power-cut.ts'
import { readWriteLog, WriteLogError } from './write-log.ts'
import {
  discard,
  entry,
  filled,
  flag,
  flush,
  mark,
  sector,
  superblock,
  write,
  writeLog,
} from './write-log-by-hand.ts'

const folder = temporaryFolder()
after(() => folder[Symbol.dispose]())
let places = 0
function fresh(): string {
  places += 1
  return join(folder.path, String(places))
}
const log = (...parts: readonly Buffer[]) => readWriteLog(writeLog(fresh(), superblock(), ...parts))

describe('the log of a disk’s writes', () => {
  it('has writes with their data, flushes, forced writes, discards and marks', () => {
    const { entries } = log(
      write({ sector: 3, letters: 'ab' }),
      flush(),
      mark('here'),
      discard(8, 4),
      write({ sector: 5, letters: 'c', flags: flag.flush | flag.forced }),
    )
    const facts = entries.map(({ kind, offset, length, isFlush, isForced }) => [
      kind,
      offset,
      length,
      isFlush,
      isForced,
    ])
    assert.deepEqual(facts, [
      ['write', 3 * sector, 2 * sector, false, false],
      ['flush', 0, 0, true, false],
      ['mark', 0, 0, false, false],
      ['discard', 8 * sector, 4 * sector, false, false],
      ['write', 5 * sector, sector, true, true],
    ])
    assert.deepEqual(
      entries.map(({ end }) => end / sector),
      [4, 5, 6, 7, 9],
    )
  })

  it('ends before an entry that the power cut short', () => {
    const whole = write({ sector: 1, letters: 'ab' })
    assert.equal(log(whole, whole.subarray(0, 2 * sector)).entries.length, 1)
    assert.equal(log(whole, whole.subarray(0, 100)).entries.length, 1)
  })

  it('is refused where it is another file, of another version, or damaged', () => {
    const refused = (sentence: RegExp, ...parts: readonly Buffer[]): void => {
      const path = writeLog(join(folder.path, 'refused'), ...parts)
      assert.throws(
        () => readWriteLog(path),
        (error: Error) => error instanceof WriteLogError && sentence.test(error.message),
      )
    }
    refused(/is no log of writes/, superblock(1n))
    refused(/has version 2, not 1/, superblock(undefined, 2n))
    refused(/sectors of 520 octets/, superblock(undefined, undefined, 520))
    refused(/ends at 0, within/, Buffer.alloc(0))
    refused(/the entry at 512 has flags 64/, superblock(), entry(0, 0, 64))
  })
})

describe('the disk after a power cut', () => {
  it('has settled what lies before the last flush, and before an earlier one if the disk lied', () => {
    const one = write({ sector: 0, letters: 'a' })
    const { entries } = log(one, flush(), one, one, flush(), one)
    const settled = [0, 1, 2, 4, 5, 6].map((at) => settledCount(entries, at))
    assert.deepEqual(settled, [0, 0, 1, 1, 4, 4])
    assert.deepEqual(
      [0, 1, 2].map((ignored) => settledCount(entries, 6, ignored)),
      [4, 1, 0],
    )
  })

  const base = '................'
  const regions = [
    { name: 'low', offset: 0, length: 8 * sector },
    { name: 'high', offset: 12 * sector, length: 4 * sector },
  ]

  /** What the regions hold, a letter for each sector. */
  async function cutsOf(
    parts: readonly Buffer[],
    cuts: readonly { readonly at: number; readonly ignored?: number }[],
  ): Promise<readonly string[]> {
    const place = fresh()
    const [settled, to] = [join(place, 'settled'), join(place, 'cut')]
    for (const path of [settled, to]) mkdirSync(path, { recursive: true })
    writeFileSync(join(place, 'base'), filled(base))
    using disk = new ReplayedDisk(log(...parts), join(place, 'base'), regions, settled)
    const found: string[] = []
    for (const [seed, { at, ignored }] of cuts.entries()) {
      await disk.cut(at, new Chance(seed), to, ignored)
      found.push(regions.map(({ name }) => lettersOf(readFileSync(join(to, name)))).join('|'))
    }
    return found
  }

  /** All that a disk of four sectors may hold after writes that nothing settled. */
  function possible(...parts: readonly Buffer[]): readonly string[] {
    const { entries, sectorOctets, path } = log(...parts)
    const octets = readFileSync(path)
    const found = new Set<string>()
    for (let seed = 0; seed < 400; seed += 1) {
      const disk = filled('....')
      for (const { offset, length, data = 0 } of unsettledPieces(entries, new Chance(seed), sectorOctets))
        octets.copy(disk, offset, data, data + length)
      found.add(lettersOf(disk))
    }
    return [...found].sort()
  }

  it('holds what was flushed at each cut, in the order of its writes, and of each region what lies in it', async () => {
    const parts = [
      write({ sector: 1, letters: 'aaa' }),
      flush(),
      write({ sector: 2, letters: 'b' }),
      write({ sector: 6, letters: 'cdefghij' }),
      flush(),
      discard(3, 1),
      write({ sector: 15, letters: 'k' }),
      flush(),
    ]
    const found = await cutsOf(parts, [{ at: 2 }, { at: 5 }, { at: 8 }])
    assert.deepEqual(found, ['.aaa....|....', '.aba..cd|ij..', '.ab0..cd|ij.k'])
  })

  it('may hold what was not flushed: any of the writes, in any order, some of them in part', () => {
    const found = possible(write({ sector: 0, letters: 'bb' }), write({ sector: 1, letters: 'c' }))
    // Sector 0 is old or new; sector 1 is old, or of either write.
    assert.deepEqual(found, ['....', '.b..', '.c..', 'b...', 'bb..', 'bc..'])
  })

  it('holds a forced write whatever else is lost, over what came before it', () => {
    const found = possible(
      write({ sector: 0, letters: 'a' }),
      write({ sector: 0, letters: 'b', flags: flag.forced }),
      write({ sector: 1, letters: 'c' }),
    )
    assert.deepEqual(found, ['b...', 'bc..'])
  })

  it('is the same for the same seed, and of another one in another order', () => {
    const letters = Array.from('abcdefgh', (letter) => write({ sector: 1, letters: letter }))
    const { entries, sectorOctets } = log(...letters)
    const order = (seed: number): readonly number[] =>
      unsettledPieces(entries, new Chance(seed), sectorOctets).map(({ data = 0 }) => data)
    assert.deepEqual(order(7), order(7))
    assert.notDeepEqual(order(7), order(8))
    assert.notDeepEqual(
      order(7),
      order(7).toSorted((one, other) => one - other),
    )
  })

  it('loses what was flushed where the disk lied', async () => {
    const parts = [...Array.from('abcdefgh', (letters, at) => write({ sector: at, letters })), flush()]
    const [lied, honest] = await cutsOf(parts, [{ at: 9, ignored: 1 }, { at: 9 }])
    assert.equal(honest, 'abcdefgh|....')
    assert.match(lied ?? '', /^[.a][.b][.c][.d][.e][.f][.g][.h]\|/)
    assert.notEqual(lied, honest)
  })

  it('goes forward only', async () => {
    const parts = [write({ sector: 0, letters: 'a' }), flush()]
    await assert.rejects(cutsOf(parts, [{ at: 2 }, { at: 1 }]), /the disk is at 1 of its log, and not at 0/)
  })

  it('tells of writes where nothing may write', () => {
    const inside = write({ sector: 4, letters: 'aaaa' })
    const across = write({ sector: 7, letters: 'bb' })
    const found = straysOf(log(inside, across, discard(9, 1), discard(12, 4), flush()), regions)
    assert.deepEqual(
      found.map(({ kind, offset }) => [kind, offset / sector]),
      [
        ['write', 7],
        ['discard', 9],
      ],
    )
  })

  it('owes the messages whose 250 came while the log was no longer', () => {
    const short = log(write({ sector: 0, letters: 'a' }), flush(), write({ sector: 0, letters: 'b' }))
    const acknowledged = [4, 5].map((sectors) => ({
      id: String(sectors),
      sha256: '',
      logOctets: sectors * sector,
    }))
    const due = (at: number): readonly string[] => dueAt(short, acknowledged, at).map(({ id }) => id)
    assert.deepEqual([0, 1, 2, 3].map(due), [[], [], ['4'], ['4', '5']])
  })
})

/** A dot or the letter that fills each sector; zeros are 0. */
function lettersOf(octets: Buffer): string {
  const sectors = Array.from({ length: octets.length / sector }, (_, at) =>
    octets.subarray(at * sector, (at + 1) * sector),
  )
  return sectors
    .map((one) => {
      const letter = String.fromCharCode(one[0] ?? 0)
      assert.ok(
        one.every((octet) => octet === one[0]),
        'a sector is whole',
      )
      return letter === '\0' ? '0' : letter
    })
    .join('')
}
