import { isSame, type LeanDocument } from './print.ts'

type Row = Readonly<Record<string, unknown>>

/** What a cure changes: keys of one device, or of `[gateway]`. */
export interface CureEdit {
  /** Undefined: `[gateway]`. */
  readonly device: string | undefined
  readonly set: Row
  /** What a list gets besides; `there`: what holds where the document is silent. */
  readonly adds: readonly { readonly key: string; readonly item: string; readonly there: readonly string[] }[]
}

/** A key before and after, each as the lean document has it: absent is the default. */
export interface KeyChange {
  readonly device: string | undefined
  readonly key: string
  readonly before?: unknown
  readonly after?: unknown
  /** Of a list: only this was added. */
  readonly added?: string
}

/** A device that was made: as its row stands in the lean document. */
export interface MadeDevice {
  readonly made: string
  readonly row: Row
}

export type Change = KeyChange | MadeDevice

export const isOfBox = (change: Change): boolean => !('made' in change) && change.device === undefined

/** The lean document with the edit; undefined if there is no such device. */
export function editedDocument(document: LeanDocument, edit: CureEdit): LeanDocument | undefined {
  return withRow(document, edit.device, (row) => ({
    ...row,
    ...edit.set,
    ...Object.fromEntries(
      edit.adds.map(({ key, item, there }) => [key, [...textsOf(row[key] ?? there), item]]),
    ),
  }))
}

/** What an edit changed, between two lean documents. */
export function changesOf(before: LeanDocument, after: LeanDocument, edit: CureEdit): readonly KeyChange[] {
  const [old, next] = [rowOf(before, edit.device), rowOf(after, edit.device)]
  const added = new Map(edit.adds.map(({ key, item }) => [key, item]))
  return [...Object.keys(edit.set), ...added.keys()]
    .filter((key) => !isSame(old?.[key], next?.[key]))
    .map((key) => ({
      device: edit.device,
      key,
      before: old?.[key],
      after: next?.[key],
      ...(added.has(key) && { added: added.get(key) ?? '' }),
    }))
}

export const deviceRow = (document: LeanDocument, name: string): Row | undefined => rowOf(document, name)

export type Undoing =
  | { readonly kind: 'undone'; readonly document: LeanDocument }
  /** `what`: changed since, or gone. */
  | { readonly kind: 'overtaken'; readonly what: string }

/** The lean document as it was before the changes, where what they made still stands; else nothing is undone. */
export function undoneDocument(document: LeanDocument, changes: readonly Change[]): Undoing {
  let undone = document
  for (const change of changes) {
    const next = 'made' in change ? withoutMade(undone, change) : withoutChange(undone, change)
    if (!next) return { kind: 'overtaken', what: placeOf(change) }
    undone = next
  }
  return { kind: 'undone', document: undone }
}

/** At the end of its time: each change for itself, where what it made still stands. */
export function endedDocument(
  document: LeanDocument,
  changes: readonly Change[],
): {
  readonly document: LeanDocument
  readonly back: readonly Change[]
  readonly overtaken: readonly Change[]
} {
  const back: Change[] = []
  let ended = document
  for (const change of changes) {
    const next = undoneDocument(ended, [change])
    if (next.kind === 'overtaken') continue
    ended = next.document
    back.push(change)
  }
  return { document: ended, back, overtaken: changes.filter((change) => !back.includes(change)) }
}

function withoutMade(document: LeanDocument, { made, row }: MadeDevice): LeanDocument | undefined {
  if (!isSame(rowOf(document, made), row)) return undefined
  return { ...document, device: rowsOf(document).filter(({ name }) => name !== made) }
}

function withoutChange(document: LeanDocument, change: KeyChange): LeanDocument | undefined {
  const { device, key, before, after, added } = change
  const now = rowOf(document, device)?.[key]
  const put = (value: unknown) => withRow(document, device, (row) => withKey(row, key, value))
  if (isSame(now, after)) return put(before)
  // Others may have been added since.
  return added !== undefined && textsOf(now).includes(added)
    ? put(textsOf(now).filter((item) => item !== added))
    : undefined
}

/** `device "Front desk": tls`. */
export const placeOf = (change: Change): string =>
  'made' in change ? `device ${JSON.stringify(change.made)}` : `${tableOf(change.device)}: ${change.key}`

/** `device "Front desk": max_per_hour 200 → 400`; a list by what was added. */
export function changeText(change: Change, otherwise: (key: string) => unknown): string {
  if ('made' in change) return `${placeOf(change)} added`
  if (change.added !== undefined) return `${placeOf(change)} + ${JSON.stringify(change.added)}`
  const text = (value: unknown): string => JSON.stringify(value ?? otherwise(change.key) ?? '')
  return `${placeOf(change)} ${text(change.before)} → ${text(change.after)}`
}

const tableOf = (device: string | undefined): string =>
  device === undefined ? 'gateway' : `device ${JSON.stringify(device)}`

function withRow(
  document: LeanDocument,
  device: string | undefined,
  change: (row: Row) => Row,
): LeanDocument | undefined {
  if (device === undefined) return { ...document, gateway: change(rowOf(document, undefined) ?? {}) }
  if (!rowOf(document, device)) return undefined
  return { ...document, device: rowsOf(document).map((row) => (row['name'] === device ? change(row) : row)) }
}

function withKey(row: Row, key: string, value: unknown): Row {
  const { [key]: _, ...rest } = row
  return value === undefined ? rest : { ...rest, [key]: value }
}

function rowOf(document: LeanDocument, device: string | undefined): Row | undefined {
  if (device !== undefined) return rowsOf(document).find(({ name }) => name === device)
  const gateway = document['gateway']
  return isRow(gateway) ? gateway : undefined
}

const rowsOf = (document: LeanDocument): readonly Row[] => {
  const rows = document['device']
  return Array.isArray(rows) ? rows : []
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
