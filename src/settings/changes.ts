import { isSame } from './print.ts'
import type { DeviceDocument, SetupDocument } from './schema.ts'
import { singleSchemas } from './schema.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * What tells `next` from `previous`, in words without values: `device "Front desk": allowed_recipients changed`. Both
 * documents carry `(kept)` for secrets; those that changed are named in `changedSecrets` as `device "X": password`.
 */
export function describeChanges(
  previous: SetupDocument,
  next: SetupDocument,
  changedSecrets: readonly string[],
): readonly string[] {
  const singles = Object.keys(singleSchemas).flatMap((key) => {
    const table = key as keyof typeof singleSchemas // Object.keys widens the keys of a constant
    return keyChanges(key, previous[table], next[table])
  })
  return [
    ...singles,
    ...rowChanges('operator', previous.operator, next.operator, byName),
    ...listenerChanges(previous, next),
    ...rowChanges('alias', previous.alias, next.alias, byName),
    ...rowChanges('device', previous.device, next.device, (row) => knownAs(row, previous.device)),
    ...rowChanges('upstream', previous.upstream, next.upstream, byName),
    ...orderChange(previous, next),
    ...emptied('device', previous.device, next.device, 'no device may hand in mail'),
    ...emptied('upstream', previous.upstream, next.upstream, 'mail has no way out'),
    ...changedSecrets.map((what) => `${what} changed`),
  ]
}

/** A document that lost a table by mistake says nothing of it: the one who applies it is told what that means. */
const emptied = (table: string, previous: readonly Row[], next: readonly Row[], means: string): string[] =>
  previous.length > 0 && next.length === 0 ? [`${table}: none is left, ${means}`] : []

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
): string[] {
  const before = new Map(previous.map((row) => [row.name, row]))
  const stayed = new Set(next.map(identity))
  return [
    ...next.flatMap((row) => {
      const old = before.get(identity(row))
      if (old === undefined) return [`${rowText(table, row.name)}: added`]
      return keyChanges(rowText(table, row.name), old, row)
    }),
    ...previous.filter((row) => !stayed.has(row.name)).map((row) => `${rowText(table, row.name)}: removed`),
  ]
}

function keyChanges(what: string, previous: Row, next: Row): string[] {
  const keys = new Set([...Object.keys(previous), ...Object.keys(next)])
  return [...keys].filter((key) => !isSame(previous[key], next[key])).map((key) => `${what}: ${key} changed`)
}

/** Listeners need no name; they are known by their place where they have none. */
function listenerChanges(previous: SetupDocument, next: SetupDocument): string[] {
  const named = (document: SetupDocument): (Row & { readonly name: string })[] =>
    (document.listener ?? []).map((row, index) => ({ ...row, name: row.name ?? `${index + 1}` }))
  if (previous.listener === undefined && next.listener === undefined) return []
  if (previous.listener === undefined)
    return ['listener: no longer the default ones', ...rowChanges('listener', [], named(next), byName)]
  if (next.listener === undefined) return ['listener: the default ones again']
  return rowChanges('listener', named(previous), named(next), byName)
}

/** The order of upstreams is the route of everything that names none. */
function orderChange(previous: SetupDocument, next: SetupDocument): string[] {
  const order = (document: SetupDocument, others: SetupDocument): string[] =>
    document.upstream.map(byName).filter((name) => others.upstream.some((row) => row.name === name))
  return isSame(order(previous, next), order(next, previous)) ? [] : ['upstream: order changed']
}
