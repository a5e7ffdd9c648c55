import * as v from 'valibot'
import { rowSchemas, type SetupDocument, singleSchemas } from './schema.ts'

type Row = Readonly<Record<string, unknown>>
/** A document without the keys that say what the default says: what is stored and printed. */
export type LeanDocument = Readonly<Record<string, Row | readonly Row[] | number>>

/**
 * Leaves out every key whose value is the default, and empty tables. Read again it is the same document. Keys stand in
 * the schema's order, rows in the document's (the order of upstreams is the route).
 */
export function lean(document: SetupDocument): LeanDocument {
  const singles = Object.entries(singleSchemas).map(([key, schema]) => {
    const name = key as keyof typeof singleSchemas // Object.entries widens the keys of a constant
    return [key, leanRow(document[name] ?? {}, v.getDefaults(schema))] as const
  })
  const lists = Object.entries(rowSchemas).map(([key, schema]) => {
    const name = key as keyof typeof rowSchemas
    return [key, (document[name] ?? []).map((row) => leanRow(row, v.getDefaults(schema)))] as const
  })
  const filled = [...singles, ...lists].filter(([, value]) => Object.keys(value).length > 0)
  return { schema: 1, ...Object.fromEntries(filled) }
}

function leanRow(row: Row, defaults: Row): Row {
  const told = Object.entries(row)
    .filter(([key, value]) => value !== undefined && !isSame(value, defaults[key]))
    .map(([key, value]) => [key, isRow(value) ? withoutEmpty(value) : value] as const)
  return Object.fromEntries(told)
}

/** The optional texts of a table within a row (credential, price, reports) are empty by default. */
const withoutEmpty = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== '' && value !== undefined))

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a key of a device or of `[gateway]` is where the document is silent; undefined where that depends on the machine. */
export const defaultOf = (table: 'device' | 'gateway', key: string): unknown =>
  new Map<string, unknown>(
    Object.entries(v.getDefaults(table === 'device' ? rowSchemas.device : singleSchemas.gateway)),
  ).get(key)

/** Values of a document are text, numbers, flags, lists of text and flat tables: their JSON tells them apart. */
export const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Tables that read better on one line within their row; the others get a header of their own. */
const inlineTables = new Set(['quota', 'price'])

/** The document as TOML that `parseDocument` reads back to the same one. */
export function printDocument(document: SetupDocument): string {
  const blocks = Object.entries(lean(document)).flatMap(([key, value]) => {
    if (typeof value === 'number') return [`${key} = ${value}`]
    if (isRow(value)) return [block(`[${key}]`, key, value)]
    return value.map((row) => block(`[[${key}]]`, key, row))
  })
  return `${blocks.join('\n\n')}\n`
}

function block(header: string, path: string, row: Row): string {
  const own = Object.entries(row).filter(([key, value]) => !isRow(value) || inlineTables.has(key))
  const inner = Object.entries(row).filter(([key]) => !own.some(([other]) => other === key))
  const lines = own.map(([key, value]) => `${key} = ${literal(value)}`)
  const tables = inner.map(([key, value]) =>
    block(`[${path}.${key}]`, `${path}.${key}`, isRow(value) ? value : {}),
  )
  return [header, ...lines, ...tables].join('\n')
}

/** TOML's basic strings take every escape that JSON writes. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (isRow(value)) return inlineTable(value)
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

const inlineTable = (row: Row): string =>
  `{ ${Object.entries(row)
    .map(([key, value]) => `${key} = ${literal(value)}`)
    .join(', ')} }`
