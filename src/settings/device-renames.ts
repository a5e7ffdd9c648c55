import type { Change as CuredChange } from './cured-document.ts'
import type { SetupDocument } from './schema.ts'

/** A device that goes on under another name. */
export interface DeviceRename {
  readonly from: string
  readonly to: string
}

/** Facts beside the document, JSON, that know devices by their names. */
export const factsOfDevices = { cures: 'cures', replacements: 'replacements', renames: 'renaming' } as const

interface Facts {
  fact(name: string): Uint8Array | undefined
  saveFact(name: string, value: Uint8Array): void
}

/**
 * Which rows of a whole document are devices under another name: the row of one name is gone, a row of a new name has its
 * account. Names that change places are not told from accounts that do.
 */
export function renamesBetween(before: SetupDocument, next: SetupDocument): readonly DeviceRename[] {
  const [old, now] = [namesOf(before), namesOf(next)]
  const gone = before.device.filter(({ name }) => !now.has(name))
  return next.device
    .filter(({ name }) => !old.has(name))
    .flatMap(({ name, username }) => {
      const was = gone.find((row) => row.username !== undefined && row.username === username)
      return was ? [{ from: was.name, to: name }] : []
    })
}

/** To be called in the transaction that writes the new name: a weakening must not outlive its end under it. */
export function renameInFacts(facts: Facts, rename: DeviceRename): void {
  change<KeptChanges>(facts, factsOfDevices.cures, (cure) => ({
    ...cure,
    changes: cure.changes.map((each) => renamedChange(each, rename)),
  }))
  change<{ readonly device: string }>(facts, factsOfDevices.replacements, (open) =>
    open.device === rename.from ? { ...open, device: rename.to } : open,
  )
  write(facts, factsOfDevices.renames, [...read<DeviceRename>(facts, factsOfDevices.renames), rename])
}

interface KeptChanges {
  readonly changes: readonly CuredChange[]
}

function renamedChange(change: CuredChange, { from, to }: DeviceRename): CuredChange {
  if ('made' in change) return change.made === from ? { made: to, row: { ...change.row, name: to } } : change
  return change.device === from ? { ...change, device: to } : change
}

function change<Row>(facts: Facts, name: string, each: (row: Row) => Row): void {
  const rows = read<Row>(facts, name)
  if (rows.length > 0) write(facts, name, rows.map(each))
}

function read<Row>(facts: Facts, name: string): readonly Row[] {
  const value = facts.fact(name)
  return value ? JSON.parse(Buffer.from(value).toString('utf8')) : []
}

const write = (facts: Facts, name: string, rows: readonly unknown[]): void =>
  facts.saveFact(name, Buffer.from(JSON.stringify(rows), 'utf8'))

const namesOf = ({ device }: SetupDocument): ReadonlySet<string> => new Set(device.map(({ name }) => name))
