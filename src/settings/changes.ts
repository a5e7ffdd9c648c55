import * as v from 'valibot'
import type { AuditChange } from '../core/audit.ts'
import { isSame } from './print.ts'
import type { DeviceDocument, SetupDocument } from './schema.ts'
import { singleSchemas } from './schema.ts'

type Row = Readonly<Record<string, unknown>>

/** One thing that a new document changes. */
export interface SettingsChange extends AuditChange {
  /** In words without values: `device "Front desk": allowed_recipients changed`. */
  readonly sentence: string
}

/**
 * What tells `next` from `previous`. Both documents carry `(kept)` for secrets; those that changed are named in
 * `changedSecrets` as `device "X": password`.
 */
export function listChanges(
  previous: SetupDocument,
  next: SetupDocument,
  changedSecrets: readonly string[],
): readonly SettingsChange[] {
  const singles = Object.keys(singleSchemas).flatMap((key) => {
    const table = key as keyof typeof singleSchemas // Object.keys widens the keys of a constant
    return keyChanges(key, rowOf(previous, table), rowOf(next, table))
  })
  return [
    ...singles,
    ...rowChanges('operator', previous.operator, next.operator, byName),
    ...listenerChanges(previous, next),
    ...rowChanges('alias', previous.alias, next.alias, byName),
    ...rowChanges('device', previous.device, next.device, (row) => knownAs(row, previous.device)),
    ...rowChanges('upstream', previous.upstream, next.upstream, byName),
    ...rowChanges('backup', previous.backup, next.backup, byName),
    ...orderChange(previous, next),
    ...emptied('device', previous.device, next.device, 'no device may hand in mail'),
    ...emptied('upstream', previous.upstream, next.upstream, 'mail has no way out'),
    ...changedSecrets.map((what) => ({
      what,
      sentence: `${what} changed`,
      before: '(a secret)',
      after: '(another secret)',
    })),
  ]
}

/** A table that is not there has nothing but defaults, as one that is. */
const rowOf = (document: SetupDocument, table: keyof typeof singleSchemas): Row =>
  document[table] ?? v.getDefaults(singleSchemas[table])

const longestValue = 400

/** Without what lets somebody in: a webhook's path is its password, a proxy's URL may hold one. */
function shown(key: string, value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const masked = key === 'webhook' ? text.replace(/^(\w+:\/\/[^/?#]*)[/?#].+$/, '$1/****') : text
  const bare = masked.replace(/(\w+:\/\/)[^/@\s"]*@/g, '$1****@')
  return bare.length > longestValue ? `${bare.slice(0, longestValue)}…` : bare
}

const told = (what: string, sentence: string): SettingsChange => ({
  what,
  sentence: `${what}: ${sentence}`,
  before: '',
  after: sentence,
})

/** A document that lost a table by mistake says nothing of it: the one who applies it is told what that means. */
const emptied = (
  table: string,
  previous: readonly Row[],
  next: readonly Row[],
  means: string,
): SettingsChange[] =>
  previous.length > 0 && next.length === 0 ? [told(table, `none is left, ${means}`)] : []

const byName = (row: { readonly name: string }): string => row.name

/** A device is known again by its username, else by its name. */
export function knownAs(device: DeviceDocument, among: readonly DeviceDocument[]): string {
  const same =
    device.username === undefined ? undefined : among.find(({ username }) => username === device.username)
  return same?.name ?? device.name
}

const rowText = (table: string, name: string): string => `${table} ${JSON.stringify(name)}`

function rowChanges<R extends Row & { readonly name: string }>(
  table: string,
  previous: readonly R[],
  next: readonly R[],
  identity: (row: R) => string,
): SettingsChange[] {
  const before = new Map(previous.map((row) => [row.name, row]))
  const stayed = new Set(next.map(identity))
  return [
    ...next.flatMap((row) => {
      const old = before.get(identity(row))
      if (old === undefined) return [rowChange(table, row.name, 'added', undefined, row)]
      return keyChanges(rowText(table, row.name), old, row)
    }),
    ...previous
      .filter((row) => !stayed.has(row.name))
      .map((row) => rowChange(table, row.name, 'removed', row, undefined)),
  ]
}

const rowChange = (
  table: string,
  name: string,
  deed: 'added' | 'removed',
  before: Row | undefined,
  after: Row | undefined,
): SettingsChange => ({
  what: rowText(table, name),
  sentence: `${rowText(table, name)}: ${deed}`,
  before: shown('', before),
  after: shown('', after),
})

function keyChanges(what: string, previous: Row, next: Row): SettingsChange[] {
  const keys = new Set([...Object.keys(previous), ...Object.keys(next)])
  return [...keys]
    .filter((key) => !isSame(previous[key], next[key]))
    .map((key) => ({
      what: `${what}: ${key}`,
      sentence: `${what}: ${key} changed`,
      before: shown(key, previous[key]),
      after: shown(key, next[key]),
    }))
}

/** Listeners need no name; they are known by their place where they have none. */
function listenerChanges(previous: SetupDocument, next: SetupDocument): SettingsChange[] {
  const named = (document: SetupDocument): (Row & { readonly name: string })[] =>
    (document.listener ?? []).map((row, index) => ({ ...row, name: row.name ?? `${index + 1}` }))
  if (previous.listener === undefined && next.listener === undefined) return []
  if (previous.listener === undefined)
    return [
      told('listener', 'no longer the default ones'),
      ...rowChanges('listener', [], named(next), byName),
    ]
  if (next.listener === undefined) return [told('listener', 'the default ones again')]
  return rowChanges('listener', named(previous), named(next), byName)
}

/** The order of upstreams is the route of everything that names none. */
function orderChange(previous: SetupDocument, next: SetupDocument): SettingsChange[] {
  const order = (document: SetupDocument, others: SetupDocument): string[] =>
    document.upstream.map(byName).filter((name) => others.upstream.some((row) => row.name === name))
  const [before, after] = [order(previous, next), order(next, previous)]
  if (isSame(before, after)) return []
  return [
    {
      what: 'upstream: order',
      sentence: 'upstream: order changed',
      before: shown('', before),
      after: shown('', after),
    },
  ]
}
