import { parse as parseToml, TomlError } from 'smol-toml'
import * as v from 'valibot'
import { error, type Problem, type RowTable, rowPlace } from './problem.ts'
import {
  documentSchema,
  rowSchemas,
  type SetupDocument,
  singleSchemas,
  type WrittenDocument,
} from './schema.ts'

export type Parsed =
  /** `written`: what the text itself says, without defaults. */
  | { readonly kind: 'parsed'; readonly document: SetupDocument; readonly written: WrittenDocument }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

/** Reads a setup document. Every problem is named with its place, not only the first. */
export function parseDocument(text: string): Parsed {
  const raw = readToml(text)
  return raw.kind === 'problems' ? raw : checkDocument(raw.value)
}

/** Checks a document that is a value already: from a page, or put together by a command. */
export function checkDocument(raw: Table): Parsed {
  const shape = shapeProblems(raw)
  if (shape.length > 0) return { kind: 'problems', problems: shape }
  const result = v.safeParse(documentSchema, raw)
  if (!result.success)
    return { kind: 'problems', problems: result.issues.map((issue) => problemOf(issue, raw)) }
  // What the schema takes is of its input type; a second check through `v.is` would cost the same again.
  return { kind: 'parsed', document: result.output, written: raw as WrittenDocument }
}

type Table = Readonly<Record<string, unknown>>

function readToml(
  text: string,
): { readonly kind: 'value'; readonly value: Table } | Extract<Parsed, { kind: 'problems' }> {
  try {
    // An editor on Windows puts a byte order mark before the first key.
    return { kind: 'value', value: parseToml(text.replace(/^\uFEFF/, '')) }
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const place = `line ${cause.line}, column ${cause.column}`
    // The library adds an excerpt of the text below its first line; a secret may stand in it.
    const reason = cause.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? ''
    return { kind: 'problems', problems: [error(place, `is not TOML: ${reason}`)] }
  }
}

/** Dates and times of TOML are objects too, of a class. */
const isTable = (value: unknown): value is Table =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** What the schema library passes over: a list or a date where a table belongs, and keys that JavaScript's objects inherit. */
function shapeProblems(raw: Table): Problem[] {
  const lists = Object.keys(singleSchemas)
    .filter((key) => Object.hasOwn(raw, key) && !isTable(raw[key]))
    .map((key) => error(key, `must be one table written as [${key}]`))
  const rowLists = Object.keys(rowSchemas).flatMap((key) => notTables(key, raw[key]))
  return [...lists, ...rowLists, ...inheritedKeys(raw, [])]
}

function notTables(key: string, rows: unknown): Problem[] {
  if (!Array.isArray(rows)) return []
  return rows.flatMap((row: unknown, index) =>
    isTable(row) ? [] : [error(`${key} ${index + 1}`, `must be a table written as [[${key}]]`)],
  )
}

const inherited = ['__proto__', 'prototype', 'constructor']

function inheritedKeys(value: unknown, path: readonly string[]): Problem[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => inheritedKeys(item, path))
  if (!isTable(value)) return []
  return Object.keys(value).flatMap((key) =>
    inherited.includes(key)
      ? [error([...path, key].join(': '), 'unknown key')]
      : inheritedKeys(value[key], [...path, key]),
  )
}

/** The schema library's issue as a problem with a place in the document's own words. */
function problemOf(issue: v.BaseIssue<unknown>, raw: Table): Problem {
  const path = issue.path?.map((item) => item.key) ?? []
  const [table, index, ...rest] = path
  const isMissing = issue.kind === 'schema' && issue.input === undefined && issue.expected?.startsWith('"')
  const sentence = isMissing ? 'is required' : issue.message
  if (isRowTable(table) && typeof index === 'number') {
    const place = rowPlace(table, index, nameOf(raw[table], index), keyText(rest))
    return error(place, sentence)
  }
  const key = keyText(path.slice(1))
  return error([String(table ?? 'document'), ...(key === undefined ? [] : [key])].join(': '), sentence)
}

const isRowTable = (key: unknown): key is RowTable => typeof key === 'string' && key in rowSchemas

/** `quota.per_minute`; the number of an entry in a list says less than the entry, which the sentence names. */
const keyText = (keys: readonly unknown[]): string | undefined => {
  const names = keys.filter((key) => typeof key === 'string')
  return names.length > 0 ? names.join('.') : undefined
}

function nameOf(rows: unknown, index: number): string | undefined {
  const row: unknown = Array.isArray(rows) ? rows[index] : undefined
  return isTable(row) && typeof row['name'] === 'string' ? row['name'].slice(0, 64) : undefined
}
