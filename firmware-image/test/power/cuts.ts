// The power is cut at many points of one log; what is looked at each time is `cut-card.ts`'s.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Chance } from './chance.ts'
import { type Fault, faultsOf, regionsOf, type WholeCard } from './cut-card.ts'
import type { Acknowledged } from './mail-load.ts'
import { ReplayedDisk } from './power-cut.ts'
import type { WriteLog } from './write-log.ts'

export interface CutResult {
  /** Entries of the log that had happened. */
  readonly at: number
  /** Messages that had been acknowledged. */
  readonly due: number
  readonly faults: readonly Fault[]
}

export interface Cuts {
  readonly log: WriteLog
  readonly card: WholeCard
  readonly acknowledged: readonly Acknowledged[]
  readonly points: readonly number[]
  readonly seed: number
  /** Flushes before each cut that the disk only said it did. */
  readonly ignoredFlushes: number
  /** Takes a few times what the data partition holds. */
  readonly folder: string
}

const lanes = 2

/** Results in the order of their points. */
export async function cutPower(cuts: Cuts): Promise<readonly CutResult[]> {
  const points = cuts.points.toSorted((one, other) => one - other)
  const each = Math.ceil(points.length / lanes)
  const parts = Array.from({ length: lanes }, (_, lane) => points.slice(lane * each, (lane + 1) * each))
  return (await Promise.all(parts.map((part, lane) => laneOf(cuts, part, String(lane))))).flat()
}

async function laneOf(cuts: Cuts, points: readonly number[], name: string): Promise<readonly CutResult[]> {
  const { log, card, acknowledged, seed, ignoredFlushes } = cuts
  const [settled, cut] = ['settled', 'cut'].map((kind) => join(cuts.folder, `${kind}-${name}`))
  if (settled === undefined || cut === undefined) throw new Error('no folders')
  for (const folder of [settled, cut]) mkdirSync(folder, { recursive: true })
  using disk = new ReplayedDisk(log, card.disk, regionsOf(card), settled)
  const results: CutResult[] = []
  for (const at of points) {
    await disk.cut(at, new Chance(seed + at), cut, ignoredFlushes)
    const due = dueAt(log, acknowledged, at)
    results.push({ at, due: due.length, faults: await faultsOf(card, cut, due) })
  }
  return results
}

/** What had its `250` when the log was so long. */
export function dueAt(
  log: WriteLog,
  acknowledged: readonly Acknowledged[],
  at: number,
): readonly Acknowledged[] {
  const octets = log.entries[at - 1]?.end ?? 0
  return acknowledged.filter(({ logOctets }) => logOctets <= octets)
}

/** Points at most three entries behind a `250`, the moment at which a promise is youngest. Each once. */
export function youngPointsOf(
  log: WriteLog,
  acknowledged: readonly Acknowledged[],
  count: number,
  chance: Chance,
): readonly number[] {
  const young = promises(log, acknowledged)
  return distinct(count, log, () => (young[chance.below(young.length)] ?? 0) + chance.below(4))
}

/** Half of the points young, a third anywhere under the load, the rest from the first entry of the start on. Each once. */
export function pointsOf(
  log: WriteLog,
  acknowledged: readonly Acknowledged[],
  count: number,
  chance: Chance,
): readonly number[] {
  const first = Math.min(...promises(log, acknowledged))
  const young = youngPointsOf(log, acknowledged, Math.floor(count / 2), chance)
  return distinct(count, log, (index) => {
    if (index < young.length) return young[index] ?? first
    return chance.isOneOf(3) ? 1 + chance.below(first) : first + chance.below(log.entries.length - first + 1)
  })
}

/** After which entry each message had its 250. */
const promises = ({ entries }: WriteLog, acknowledged: readonly Acknowledged[]): readonly number[] =>
  acknowledged.map(({ logOctets }) => entries.findIndex(({ end }) => end >= logOctets) + 1)

function distinct(
  count: number,
  { entries }: WriteLog,
  throwOne: (index: number) => number,
): readonly number[] {
  const points = new Set<number>()
  for (let tries = 0; points.size < Math.min(count, entries.length) && tries < count * 100; tries += 1)
    points.add(Math.min(entries.length, throwOne(points.size)))
  return [...points]
}
