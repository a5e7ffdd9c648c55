// The disk as a power cut leaves it: what was flushed is there; of the rest some is, some is not, and some is in part.
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../../appliance/package/run.ts'
import type { Chance } from './chance.ts'
import { outputOf } from './program.ts'
import type { LogEntry, WriteLog } from './write-log.ts'

/** A part of the disk that is made, as a file of its own. Octets. */
export interface Region {
  readonly name: string
  readonly offset: number
  readonly length: number
}

/** Octets for the disk: of the log's file, or zeros. */
interface Piece {
  readonly offset: number
  readonly length: number
  readonly data: number | undefined
}

/** How many of the first `at` entries are on the medium for certain, if it obeyed all flushes but the last `ignored`. */
export function settledCount(entries: readonly LogEntry[], at: number, ignored = 0): number {
  let left = ignored
  for (let index = at - 1; index >= 0; index -= 1) {
    if (!entries[index]?.isFlush) continue
    if (left === 0) return index
    left -= 1
  }
  return 0
}

/**
 * What else may have reached the medium: each write with an even chance, one of four of them torn (of its sectors any may be
 * missing; a sector is whole), in any order. A forced write is there, with what came before it on its sectors beneath it.
 */
export function unsettledPieces(
  entries: readonly LogEntry[],
  chance: Chance,
  sectorOctets: number,
): readonly Piece[] {
  const pieces: Piece[] = []
  let between: LogEntry[] = []
  const settle = (): void => {
    pieces.push(...chance.shuffled(between).flatMap((entry) => landed(entry, chance, sectorOctets)))
    between = []
  }
  for (const entry of entries.filter(({ kind }) => kind === 'write' || kind === 'discard')) {
    if (!entry.isForced) {
      between.push(entry)
      continue
    }
    settle()
    pieces.push(whole(entry))
  }
  settle()
  return pieces
}

const whole = ({ kind, offset, length, data }: LogEntry): Piece => ({
  offset,
  length,
  data: kind === 'discard' ? undefined : data,
})

function landed(entry: LogEntry, chance: Chance, sectorOctets: number): readonly Piece[] {
  if (chance.isOneOf(2)) return []
  if (entry.kind === 'discard' || !chance.isOneOf(4)) return [whole(entry)]
  return sectorsOf(entry, sectorOctets).filter(() => chance.isOneOf(2))
}

function sectorsOf({ offset, length, data }: LogEntry, sectorOctets: number): readonly Piece[] {
  return Array.from({ length: length / sectorOctets }, (_, index) => ({
    offset: offset + index * sectorOctets,
    length: sectorOctets,
    data: data + index * sectorOctets,
  }))
}

/** Entries that write to the disk where no region is. */
export const straysOf = (log: WriteLog, regions: readonly Region[]): readonly LogEntry[] =>
  log.entries.filter(
    ({ kind, offset, length }) =>
      (kind === 'write' || kind === 'discard') &&
      length > regions.reduce((sum, region) => sum + overlap(region, offset, length), 0),
  )

const overlap = (region: Region, offset: number, length: number): number =>
  Math.max(0, Math.min(region.offset + region.length, offset + length) - Math.max(region.offset, offset))

const regionFile = (folder: string, { name }: Region): string => join(folder, name)
const mostOctets = 1 << 20

/** A disk that is brought forward through its log, and copied as each cut would leave it. */
export class ReplayedDisk implements Disposable {
  readonly #log: WriteLog
  readonly #logFile: number
  readonly #regions: readonly Region[]
  readonly #folder: string
  #settled = 0

  /** `base` is the disk before the first entry; `folder` takes a file for each region. */
  constructor(log: WriteLog, base: string, regions: readonly Region[], folder: string) {
    this.#log = log
    this.#regions = regions
    this.#folder = folder
    for (const region of regions) copyRegion(base, region, regionFile(folder, region))
    this.#logFile = openSync(log.path, 'r')
  }

  /**
   * Makes each region in `to` as a cut after `at` entries leaves it. Cuts come in their order: it throws where more is
   * settled already. With `ignoredFlushes` the disk lied that often.
   */
  async cut(at: number, chance: Chance, to: string, ignoredFlushes = 0): Promise<void> {
    const { entries, sectorOctets } = this.#log
    const settled = settledCount(entries, at, ignoredFlushes)
    if (settled < this.#settled)
      throw new Error(`the disk is at ${this.#settled} of its log, and not at ${settled}`)
    this.#put(this.#folder, entries.slice(this.#settled, settled).filter(isData).map(whole))
    this.#settled = settled
    // Holes stay holes.
    await outputOf('cp', [...this.#regions.map((region) => regionFile(this.#folder, region)), to])
    this.#put(to, unsettledPieces(entries.slice(settled, at), chance, sectorOctets))
  }

  #put(folder: string, pieces: readonly Piece[]): void {
    for (const region of this.#regions) {
      const file = openSync(regionFile(folder, region), 'r+')
      for (const piece of pieces)
        if (overlap(region, piece.offset, piece.length) > 0) this.#write(file, region, piece)
      closeSync(file)
    }
  }

  #write(file: number, region: Region, { offset, length, data }: Piece): void {
    const end = Math.min(offset + length, region.offset + region.length)
    for (let at = Math.max(offset, region.offset); at < end; at += mostOctets) {
      const octets = Buffer.alloc(Math.min(mostOctets, end - at))
      if (data !== undefined) readSync(this.#logFile, octets, 0, octets.length, data + at - offset)
      writeSync(file, octets, 0, octets.length, at - region.offset)
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#logFile)
  }
}

const isData = ({ kind }: LogEntry): boolean => kind === 'write' || kind === 'discard'

/** Zeros of the disk become holes. */
export function copyRegion(disk: string, { offset, length }: Region, to: string): void {
  const words = [
    `if=${disk}`,
    `of=${to}`,
    'bs=1M',
    'iflag=skip_bytes,count_bytes',
    'conv=sparse',
    'status=none',
  ]
  run('dd', [...words, `skip=${offset}`, `count=${length}`])
  run('truncate', ['-s', String(length), to])
}
