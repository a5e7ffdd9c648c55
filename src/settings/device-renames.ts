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
 * Which rows of a whole document are devices under another name: those of one account. In an order in which one after the
 * other may be carried out: a name is free when another device takes it. One that is taken over from a device that is
 * gone makes no rename: two histories would be one.
 */
export function renamesBetween(before: SetupDocument, next: SetupDocument): readonly DeviceRename[] {
  const names = new Map(before.device.map(({ username, name }) => [username, name]))
  const moves = new Map<string, string>()
  for (const { username, name } of next.device) {
    const was = username === undefined ? undefined : names.get(username)
    if (was !== undefined && was !== name) moves.set(was, name)
  }
  const old = namesOf(before)
  for (let isTaken = true; isTaken; ) {
    const taken = [...moves].find(([, to]) => old.has(to) && !moves.has(to))
    if (taken) moves.delete(taken[0])
    isTaken = taken !== undefined
  }
  return inOrder(moves)
}

function inOrder(moves: ReadonlyMap<string, string>): readonly DeviceRename[] {
  const left = new Map(moves)
  const ordered: DeviceRename[] = []
  while (left.size > 0) {
    const [free] = [...left].filter(([, to]) => !left.has(to))
    const [from, to] = free ?? [...left][0] ?? ['', '']
    left.delete(from)
    if (free === undefined) left.set(aside(from), to)
    ordered.push({ from, to: free === undefined ? aside(from) : to })
  }
  return ordered
}

/** No device has such a name: for one of a circle of names while the others take theirs. */
const asideMark = '\u0001'
const aside = (name: string): string => `${asideMark}${name}`

/** Whether it is no name of a device, but of one whose name another one takes just now. */
export const isAside = (name: string): boolean => name.startsWith(asideMark)
export const besideAside = (name: string): string => (isAside(name) ? name.slice(asideMark.length) : name)

/** What a device of each old name is called when all of them are carried out. */
export function namesAfter(renames: readonly DeviceRename[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { from, to } of renames) {
    const [first] = [...names].find(([, now]) => now === from) ?? [from]
    names.set(first, to)
  }
  return names
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
