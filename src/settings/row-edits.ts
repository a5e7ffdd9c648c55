import { type Edited, edit, findDevice } from './edits.ts'
import { lean } from './print.ts'
import { type Problem, rowPlace } from './problem.ts'
import type { Table } from './raw-document.ts'
import type { singleSchemas } from './schema.ts'
import { devicePassword } from './secret-slots.ts'
import type { ApplyOptions, Settings } from './settings.ts'

/**
 * Single rows and tables of the document as a page changes them: only the keys that are named, each through the rules of
 * the whole document. null takes a key away: its default holds again. A table within a row (a credential, a quota) is
 * changed as a whole.
 */
export type Change = Readonly<Record<string, unknown>>

export type SingleTable = keyof typeof singleSchemas

/** What is wrong, by the key of the row that was edited; empty: of another row or of none alone. */
export interface FieldTrouble {
  readonly field: string
  readonly sentence: string
}

/** A device under its new name keeps its password. */
export function editDeviceRow(
  settings: Settings,
  nameOrLogin: string,
  change: Change,
  options: ApplyOptions,
): Edited {
  const { document } = settings
  const found = findDevice(document, nameOrLogin)
  if (found === undefined) return { kind: 'unknown' }
  const index = document.device.indexOf(found)
  const { name } = change
  const renamed = typeof name === 'string' && name !== found.name ? { from: found.name, to: name } : undefined
  return edit(
    settings,
    { ...options, ...(renamed && { renamed }) },
    {
      device: rowsOf(settings, 'device').map((row, place) =>
        place === index ? changed(withPassword(settings, row, change), change) : row,
      ),
    },
  )
}

/** `(kept)` is found by the user name: where that goes or changes too, the password is written anew. */
function withPassword(settings: Settings, row: Table, change: Change): Table {
  const isRenamed = change['name'] !== undefined && change['name'] !== row['name']
  const isFoundAgain = row['username'] !== undefined && change['username'] === undefined
  if (!isRenamed || isFoundAgain || row['password'] === undefined) return row
  const opened = settings.open(devicePassword(String(row['name'])))
  return opened.kind === 'open' ? { ...row, password: opened.value } : row
}

export function editUpstreamRow(
  settings: Settings,
  name: string,
  change: Change,
  options: ApplyOptions,
): Edited {
  const index = settings.document.upstream.findIndex((row) => row.name === name)
  if (index < 0) return { kind: 'unknown' }
  if (change['name'] !== undefined && change['name'] !== name) return nameStays(name, index)
  const rows = rowsOf(settings, 'upstream')
  return edit(settings, options, {
    upstream: rows.map((row, place) => (place === index ? changed(row, change) : row)),
  })
}

/** Queue, history and sealed secrets know a way out by its name. */
const nameStays = (name: string, index: number): Edited => ({
  kind: 'problems',
  problems: [
    {
      severity: 'error',
      place: rowPlace('upstream', index, name, 'name'),
      sentence: 'stays: add another way out and remove this one',
    },
  ],
})

export const addUpstreamRow = (settings: Settings, row: Change, options: ApplyOptions): Edited =>
  edit(settings, options, { upstream: [...rowsOf(settings, 'upstream'), changed({}, row)] })

/** A device whose route names it keeps it from going: the rules say which. */
export function removeUpstreamRow(settings: Settings, name: string, options: ApplyOptions): Edited {
  const rows = rowsOf(settings, 'upstream')
  const rest = rows.filter((row) => row['name'] !== name)
  return rest.length === rows.length ? { kind: 'unknown' } : edit(settings, options, { upstream: rest })
}

export function editTable(
  settings: Settings,
  table: SingleTable,
  change: Change,
  options: ApplyOptions,
): Edited {
  const before: unknown = lean(settings.document)[table]
  return edit(settings, options, { [table]: changed(isTable(before) ? before : {}, change) })
}

/** Problems by the field of that row or table. A row that is new stands at the end. */
export function fieldsOf(problems: readonly Problem[], place: string): readonly FieldTrouble[] {
  return problems.map((problem) =>
    problem.place === place || problem.place.startsWith(`${place}: `)
      ? { field: problem.place.slice(place.length + 2), sentence: problem.sentence }
      : { field: '', sentence: `${problem.place}: ${problem.sentence}` },
  )
}

function changed(row: Table, change: Change): Table {
  const kept = Object.entries(row).filter(([key]) => change[key] === undefined)
  const named = Object.entries(change).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries([...kept, ...named])
}

function rowsOf(settings: Settings, table: 'device' | 'upstream'): readonly Table[] {
  const rows: unknown = lean(settings.document)[table]
  return Array.isArray(rows) ? rows.filter(isTable) : []
}

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
