import {
  type Managed,
  type OwnedRowTable,
  type OwnedTable,
  ownedRowTables,
  ownedTables,
  type SiteKey,
  siteKeys,
} from '../core/fleet.ts'
import type { Bundle } from './bundle.ts'
import { isSealed } from './seal.ts'
import { isTable, joined, mapTexts, nameOf, rowsIn, type Table } from './tables.ts'

type Names = Managed['rows']

const isOwnedTable = (table: string): table is OwnedTable => ownedTables.some((each) => each === table)
const isOwnedRows = (table: string): table is OwnedRowTable => ownedRowTables.some((each) => each === table)

/** Tables that no bundle may have. `schema` says only how it is written. */
export const foreignTables = (parts: Table): readonly string[] =>
  Object.keys(parts).filter((table) => table !== 'schema' && !isOwnedTable(table) && !isOwnedRows(table))

/** Places where a sealed secret would be opened into what is exported, logged and audited. */
export function misplacedSeals(parts: Table): readonly string[] {
  const places: string[] = []
  mapTexts(parts, (text, place) => {
    if (isSealed(text) && !secretPlace.test(place)) places.push(place)
    return text
  })
  return places
}

const secretPlace =
  /^(?:device|upstream|backup) ".*": (?:credential: )?(?:password|key|next_key|secret|next_secret)$/

/** One box's part over the common one: keys over keys, rows by name, listeners as a whole. */
export function overlaid(common: Table, own: Table): Table {
  const tables = Object.entries(own).map(([table, value]) => {
    const below = common[table]
    if (isOwnedRows(table)) return [table, joinedRows(rowsIn(common, table), rowsIn(own, table))] as const
    return [table, isTable(below) && isTable(value) ? joined(below, value) : value] as const
  })
  return { ...common, ...Object.fromEntries(tables) }
}

function joinedRows(under: readonly Table[], over: readonly Table[]): readonly Table[] {
  const named = (rows: readonly Table[], name: string) => rows.find((row) => nameOf(row) === name)
  return [
    ...under.map((row) => joined(row, named(over, nameOf(row)) ?? {})),
    ...over.filter((row) => named(under, nameOf(row)) === undefined),
  ]
}

const siteKeysOf = (row: Table): readonly SiteKey[] => siteKeys.filter((key) => !(key in row))

export interface Laid {
  readonly document: Table
  readonly managed: Managed
}

/**
 * The box's document with a bundle in it. A table is the bundle's as a whole, a row likewise. What an earlier bundle named
 * and this one does not is the site's again, as it is now; rows that only head office had go.
 */
export function laid(document: Table, bundle: Bundle, before: Managed | undefined): Laid {
  const { parts, fleet, contact, serial } = bundle
  const rows = namesOf(parts)
  const made = mapNames((table) =>
    rows[table].filter(
      (name) =>
        before?.made[table].includes(name) === true ||
        !rowsIn(document, table).some((row) => nameOf(row) === name),
    ),
  )
  const tables = ownedTables.filter((table) => table in parts)
  const singles = tables.map((table) => [table, single(document, table, parts)] as const)
  const lists = ownedRowTables.map((table) => [table, laidRows(document, parts, table, before)] as const)
  return {
    document: { ...document, ...Object.fromEntries([...singles, ...lists]) },
    managed: { fleet, contact, serial, tables, rows, made, site: siteOf(parts) },
  }
}

const siteOf = (parts: Table): Managed['site'] =>
  Object.fromEntries(rowsIn(parts, 'device').map((row) => [nameOf(row), siteKeysOf(row)]))

/** A box keeps its name: the bundle is addressed by it. */
function single(document: Table, table: OwnedTable, parts: Table): unknown {
  const [value, old] = [parts[table], document[table]]
  if (table !== 'gateway' || !isTable(value)) return value
  const { name } = isTable(old) ? old : {}
  return name === undefined ? value : { ...value, name }
}

const mapNames = (names: (table: OwnedRowTable) => readonly string[]): Names => ({
  alias: names('alias'),
  device: names('device'),
  upstream: names('upstream'),
  backup: names('backup'),
})

const namesOf = (parts: Table): Names => mapNames((table) => rowsIn(parts, table).map(nameOf))

/** Head office's first, in its order: the order of upstreams is the route. */
function laidRows(
  document: Table,
  parts: Table,
  table: OwnedRowTable,
  before: Managed | undefined,
): readonly Table[] {
  const old = rowsIn(document, table)
  const ours = rowsIn(parts, table)
  const names = new Set(ours.map(nameOf))
  const gone = new Set(before?.made[table])
  const site = old.filter((row) => !names.has(nameOf(row)) && !gone.has(nameOf(row)))
  return [...ours.map((row) => (table === 'device' ? withKeysOf(row, siteKeysOf(row), old) : row)), ...site]
}

/** These keys as they stand in the row of the same name among `rows`; gone where they are gone there. */
function withKeysOf(row: Table, keys: readonly string[], rows: readonly Table[]): Table {
  const other = rows.find((each) => nameOf(each) === nameOf(row))
  if (other === undefined) return row
  const rest = Object.entries(row).filter(([key]) => !keys.includes(key))
  const taken = keys.filter((key) => key in other).map((key) => [key, other[key]] as const)
  return Object.fromEntries([...rest, ...taken])
}

/** What stood where a bundle is laid: enough to put it back, whatever the site changes beside it. */
export interface Before {
  readonly managed: Managed | undefined
  /** Null: it was not there. */
  readonly tables: Readonly<Record<string, unknown>>
  readonly rows: Readonly<Partial<Record<OwnedRowTable, RowsBefore>>>
}

interface RowsBefore {
  /** Names in their order, the site's too. */
  readonly order: readonly string[]
  /** By name; null: it was not there. */
  readonly rows: Readonly<Record<string, Table | null>>
}

export function before(document: Table, next: Managed, last: Managed | undefined): Before {
  const tables = next.tables.map((table) => [table, document[table] ?? null] as const)
  const rows = ownedRowTables.map((table) => {
    const old = rowsIn(document, table)
    const touched = new Set([...next.rows[table], ...(last?.made[table] ?? [])])
    const kept = [...touched].map((name) => [name, old.find((row) => nameOf(row) === name) ?? null] as const)
    return [table, { order: old.map(nameOf), rows: Object.fromEntries(kept) }] as const
  })
  return { managed: last, tables: Object.fromEntries(tables), rows: Object.fromEntries(rows) }
}

/** The document without what a bundle did; what the site changed meanwhile stays. `now`: what is head office's with it. */
export function putBack(document: Table, before: Before, now: Managed | undefined): Table {
  const { tables, rows } = before
  const stays = (name: string): readonly SiteKey[] => alwaysSite(name, now, before.managed)
  const lists = Object.entries(rows).map(([table, kept]) => {
    const present = rowsIn(document, table)
    const back = rowsBack(present, kept)
    if (table !== 'device') return [table, back] as const
    return [table, back.map((row) => withKeysOf(row, stays(nameOf(row)), present))] as const
  })
  const next: Record<string, unknown> = { ...document, ...Object.fromEntries(lists) }
  for (const [table, value] of Object.entries(tables))
    if (value === null) delete next[table]
    else next[table] = value
  return next
}

/** What of a device was the site's with a bundle and before it. */
export function alwaysSite(
  device: string,
  now: Managed | undefined,
  last: Managed | undefined,
): readonly SiteKey[] {
  const before = last?.rows.device.includes(device) === true ? (last.site[device] ?? []) : siteKeys
  return (now?.site[device] ?? []).filter((key) => before.includes(key))
}

function rowsBack(now: readonly Table[], { order, rows }: RowsBefore): readonly Table[] {
  const site = now.filter((row) => !Object.hasOwn(rows, nameOf(row)))
  const old = Object.values(rows).filter((row) => row !== null)
  const placeOf = (row: Table): number => {
    const place = order.indexOf(nameOf(row))
    return place < 0 ? order.length : place
  }
  return [...old, ...site].toSorted((one, other) => placeOf(one) - placeOf(other))
}
