import { type Managed, ownedRowTables } from '../core/fleet.ts'
import { isSame, lean } from './print.ts'
import { error, type Problem, rowPlace } from './problem.ts'
import type { SetupDocument } from './schema.ts'

/** What stays as it is while head office looks after it; both documents carry `(kept)` for secrets. */
interface Change {
  readonly previous: SetupDocument
  readonly next: SetupDocument
  /** `device "Front desk": password`, as a plan of secrets names them. */
  readonly changedSecrets: readonly string[]
}

/** As it was stored: a release before `site` kept none. */
export const storedManaged = (stored: Omit<Managed, 'site'> & Partial<Managed>): Managed => ({
  site: {},
  ...stored,
})

/** What a change would do to that which is head office's, with its place and whom to ask; nothing where the box leaves. */
export function managedProblems(change: Change, managed: Managed | undefined): readonly Problem[] {
  if (managed === undefined || change.next.fleet.url === '') return []
  return placesOf(change, managed).map((place) => error(place, managedSentence(managed)))
}

export const managedSentence = ({ fleet, serial, contact }: Managed): string =>
  `is managed by head office (${fleet}, serial ${serial})${contact === '' ? '' : `: ask ${contact}`}`

function placesOf(change: Change, managed: Managed): readonly string[] {
  const [before, after] = [lean(change.previous), lean(change.next)]
  const tables = managed.tables.filter((table) => !isSame(before[table], after[table]))
  const rows = ownedRowTables.flatMap((table) => rowPlaces(change, managed, table))
  return [...tables, ...rows]
}

function rowPlaces(
  { previous, next, changedSecrets }: Change,
  managed: Managed,
  table: (typeof ownedRowTables)[number],
): readonly string[] {
  const named = (document: SetupDocument, name: string) =>
    leanRows(document, table).find((row) => row.name === name)
  const siteKeys = (name: string): readonly string[] => (table === 'device' ? (managed.site[name] ?? []) : [])
  const hasChanged = (name: string): boolean =>
    !isSame(without(named(previous, name), siteKeys(name)), without(named(next, name), siteKeys(name))) ||
    secretsOf(changedSecrets, table, name).some((key) => !siteKeys(name).includes(key))
  const places = managed.rows[table].filter(hasChanged).map((name) => {
    const document = named(next, name) === undefined ? previous : next
    return rowPlace(
      table,
      Math.max(
        0,
        document[table].findIndex((row) => row.name === name),
      ),
      name,
    )
  })
  return isSame(orderOf(previous, managed, table), orderOf(next, managed, table)) || places.length > 0
    ? places
    : [`${table}: order`]
}

const without = (row: object | undefined, keys: readonly string[]): unknown =>
  row && Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key)))

/** Keys of a row whose secrets change. */
function secretsOf(changed: readonly string[], table: string, name: string): readonly string[] {
  const place = `${table} ${JSON.stringify(name)}: `
  return changed.filter((what) => what.startsWith(place)).map((what) => what.slice(place.length))
}

const leanRows = (document: SetupDocument, table: (typeof ownedRowTables)[number]) => {
  const rows: unknown = lean(document)[table]
  return Array.isArray(rows) ? (rows as readonly { readonly name: string }[]) : []
}

const orderOf = (document: SetupDocument, managed: Managed, table: (typeof ownedRowTables)[number]) =>
  document[table].map(({ name }) => name).filter((name) => managed.rows[table].includes(name))
