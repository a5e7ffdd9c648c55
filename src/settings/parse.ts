import { parse as parseToml, TomlError } from 'smol-toml'
import * as v from 'valibot'
import { error, type Problem, rowPlace } from './problem.ts'
import { type Entry, isRowTable, RawDocument, type Table } from './raw-document.ts'
import type { Readable } from './readable.ts'
import {
  documentSchema,
  rowSchemas,
  type SetupDocument,
  singleSchemas,
  type WrittenDocument,
} from './schema.ts'

export type Parsed =
  /** `written`: what the text itself says, without defaults. */
  { readonly kind: 'parsed'; readonly document: SetupDocument; readonly written: WrittenDocument } | Unparsed

export interface Unparsed {
  readonly kind: 'problems'
  readonly problems: readonly Problem[]
  /** What could be read beside them, for the rules; undefined if nothing can be said about it. */
  readonly rest: Readable | undefined
}

/** Reads a setup document. Every problem is named with its place, not only the first. */
export function parseDocument(text: string): Parsed {
  const raw = readToml(text)
  if (raw.kind === 'problems') return raw
  if (Object.keys(raw.value).length > 0) return checkDocument(raw.value)
  // A copy that was cut off, a full disk: it must not take away every device.
  return {
    kind: 'problems',
    problems: [error('schema', 'is missing: the document is empty')],
    rest: undefined,
  }
}

/** Checks a document that is a value already: from a page, or put together by a command. */
export function checkDocument(raw: Table): Parsed {
  const whole = new RawDocument(raw)
  const shape = shapeFindings(raw)
  const shaped = whole.without(shape.map(({ entry }) => entry))
  const result = v.safeParse(documentSchema, shaped.value)
  // What the schema takes is of its input type; a second check through `v.is` would cost the same again.
  if (result.success && shape.length === 0)
    return { kind: 'parsed', document: result.output, written: raw as WrittenDocument }
  const issues = (result.issues ?? []).map((issue) => findingOf(issue, shaped))
  return {
    kind: 'problems',
    problems: [...shape, ...issues].map(({ problem }) => problem),
    rest: readableOf(shaped.without(issues.map(({ entry }) => entry)), meantTables(raw)),
  }
}

/** A problem, and the entry of which nothing else is believed. */
interface Finding {
  readonly problem: Problem
  readonly entry: Entry
}

function readableOf(rest: RawDocument, mistaken: readonly string[]): Readable | undefined {
  const result = v.safeParse(documentSchema, rest.value)
  if (!result.success) return undefined
  const missing = new Set([...rest.missing, ...mistaken])
  return { document: result.output, missing, position: (table, index) => rest.position(table, index) }
}

/** `[[upstreams]]` was meant to be one of ours, and nobody knows which: all of them may lack what stands there. */
const meantTables = (raw: Table): string[] =>
  Object.keys(raw).some((key) => !(key in documentSchema.entries) && typeof raw[key] === 'object')
    ? [...Object.keys(singleSchemas), ...Object.keys(rowSchemas)]
    : []

/** TOML of any kind, such as a part of a document. */
export function readToml(text: string): { readonly kind: 'value'; readonly value: Table } | Unparsed {
  try {
    // An editor on Windows puts a byte order mark before the first key.
    return { kind: 'value', value: parseToml(text.replace(/^\uFEFF/, '')) }
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const place = `line ${cause.line}, column ${cause.column}`
    // The library adds an excerpt of the text below its first line; a secret may stand in it.
    const reason = cause.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? ''
    return { kind: 'problems', problems: [error(place, `is not TOML: ${reason}`)], rest: undefined }
  }
}

/** Dates and times of TOML are objects too, of a class. */
const isTable = (value: unknown): value is Table =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** What the schema library passes over: a list or a date where a table belongs, and keys that JavaScript's objects inherit. */
function shapeFindings(raw: Table): Finding[] {
  const lists = Object.keys(singleSchemas)
    .filter((table) => Object.hasOwn(raw, table) && !isTable(raw[table]))
    .map((table) => ({ problem: error(table, `must be one table written as [${table}]`), entry: { table } }))
  const rowLists = Object.keys(rowSchemas).flatMap((table) => notTables(table, raw[table]))
  return [...lists, ...rowLists, ...inheritedKeys(raw, [])]
}

function notTables(table: string, rows: unknown): Finding[] {
  if (!Array.isArray(rows)) return []
  return rows.flatMap((row: unknown, index) => {
    const problem = error(`${table} ${index + 1}`, `must be a table written as [[${table}]]`)
    return isTable(row) ? [] : [{ problem, entry: { table, index } }]
  })
}

const inherited = ['__proto__', 'prototype', 'constructor']

function inheritedKeys(value: unknown, path: readonly string[]): Finding[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => inheritedKeys(item, path))
  if (!isTable(value)) return []
  return Object.keys(value).flatMap((key) => {
    if (!inherited.includes(key)) return inheritedKeys(value[key], [...path, key])
    const problem = error([...path, key].join(': '), 'unknown key')
    return [{ problem, entry: { table: path[0] ?? key } }]
  })
}

/** The schema library's issue as a problem with a place in the document's own words. */
export function findingOf(issue: v.BaseIssue<unknown>, raw: RawDocument): Finding {
  const path = issue.path?.map((item) => item.key) ?? []
  const [table, index, ...rest] = path
  const isMissing = issue.kind === 'schema' && issue.input === undefined && issue.expected?.startsWith('"')
  const sentence = isMissing ? 'is required' : issue.message
  if (isRowTable(table) && typeof index === 'number') {
    const name = nameOf(raw.value[table], index)
    const place = rowPlace(table, raw.position(table, index), name, keyText(rest))
    return { problem: error(place, sentence), entry: { table, index } }
  }
  const key = keyText(path.slice(1))
  const place = [String(table ?? 'document'), ...(key === undefined ? [] : [key])].join(': ')
  return { problem: error(place, sentence), entry: { table: String(table) } }
}

/** `quota.per_minute`; the number of an entry in a list says less than the entry, which the sentence names. */
const keyText = (keys: readonly unknown[]): string | undefined => {
  const names = keys.filter((key) => typeof key === 'string')
  return names.length > 0 ? names.join('.') : undefined
}

function nameOf(rows: unknown, index: number): string | undefined {
  const row: unknown = Array.isArray(rows) ? rows[index] : undefined
  return isTable(row) && typeof row['name'] === 'string' ? row['name'].slice(0, 64) : undefined
}
