import { randomBytes } from 'node:crypto'
import { type WallMs, wallMs } from '../core/time.ts'
import type { TwinRank } from '../core/twin.ts'
import type { BackupRecords } from './backup-records.ts'

const rankFact = 'box-rank'
const downFact = 'stood-down'

/** Why this box sends nothing, kept over restarts. */
export interface StoodDown {
  readonly since: WallMs
  readonly order: 'newer' | 'same'
  /** Of the box that was heard. */
  readonly generation: number
}

/** Made when it is asked for first. */
export function boxRank(records: BackupRecords, now: WallMs): TwinRank {
  const kept = records.fact(rankFact)
  return kept === undefined ? saveRank(records, 0, now) : parseRank(kept)
}

function parseRank(kept: string): TwinRank {
  const { generation, since, mark }: { generation: number; since: number; mark: string } = JSON.parse(kept)
  return { generation, since: wallMs(since), mark }
}

function saveRank(records: BackupRecords, generation: number, now: WallMs): TwinRank {
  // The field of the message has no sign.
  const rank = {
    generation,
    since: wallMs(Math.max(0, Math.round(now))),
    mark: randomBytes(16).toString('hex'),
  }
  records.saveFact(rankFact, JSON.stringify(rank))
  return rank
}

export function stoodDown(records: BackupRecords): StoodDown | undefined {
  const kept = records.fact(downFact)
  return kept === undefined || kept === '' ? undefined : JSON.parse(kept)
}

export function saveStoodDown(records: BackupRecords, down: StoodDown): void {
  records.saveFact(downFact, JSON.stringify(down))
}

/** This box is the newest of its identity from now on: newer than what it was, and than every box it heard of. */
export function riseAbove(records: BackupRecords, now: WallMs): TwinRank {
  const seen = stoodDown(records)?.generation ?? 0
  const rank = saveRank(records, Math.max(boxRank(records, now).generation, seen) + 1, now)
  records.saveFact(downFact, '')
  return rank
}
