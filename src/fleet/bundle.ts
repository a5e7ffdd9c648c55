import type { FleetReason } from '../core/fleet.ts'
import { isPublicText, type PublicText } from './keys.ts'
import { openFile, type SignedKind } from './signed-file.ts'
import { isTable, type Table } from './tables.ts'

/** What head office publishes for one box: its own part laid over the common one, secrets sealed. */
export interface Bundle {
  readonly fleet: string
  readonly contact: string
  readonly box: string
  readonly serial: number
  /** In ms of the wall clock, for people. */
  readonly made: number
  /** By whom the next ones are signed; empty: it stays as it is. */
  readonly keys: readonly PublicText[]
  readonly parts: Table
}

/** `newest`: canaries take it. `released`: everybody does. */
export type MarkKind = 'newest' | 'released'

export const markFile = (kind: MarkKind): string => `${kind}.json`
export const bundleFile = (serial: number, box: string): string => `${serial}/${box}.json`

/** Fifty rows of settings are 20 KB: what is larger is something else. */
export const mostOctets = 512 * 1024

type Refused = { readonly kind: 'refused'; readonly reason: FleetReason }
export type ReadMark = { readonly kind: 'mark'; readonly serial: number } | Refused
export type ReadBundle = { readonly kind: 'bundle'; readonly bundle: Bundle } | Refused

const refused = (reason: FleetReason): Refused => ({ kind: 'refused', reason })

export function readMark(kind: MarkKind, text: string, trusted: readonly PublicText[]): ReadMark {
  const value = open(kind, text, trusted)
  if ('reason' in value) return value
  const serial = serialIn(value.table)
  return serial === undefined ? refused('unreadable') : { kind: 'mark', serial }
}

/** What belongs to this box and this serial; whoever holds the server may have put another there. */
export function readBundle(
  text: string,
  trusted: readonly PublicText[],
  { box, serial }: Pick<Bundle, 'box' | 'serial'>,
): ReadBundle {
  const value = open('bundle', text, trusted)
  if ('reason' in value) return value
  const bundle = bundleIn(value.table)
  if (!bundle) return refused('unreadable')
  if (bundle.box !== box) return refused('wrong-box')
  if (bundle.serial !== serial) return refused(bundle.serial < serial ? 'older' : 'unreadable')
  return { kind: 'bundle', bundle }
}

function open(
  kind: SignedKind,
  text: string,
  trusted: readonly PublicText[],
): Refused | { readonly table: Table } {
  const opened = openFile(kind, text, trusted)
  if (opened.kind === 'refused') return refused(opened.reason)
  return isTable(opened.value) ? { table: opened.value } : refused('unreadable')
}

function serialIn({ serial }: Table): number | undefined {
  return typeof serial === 'number' && Number.isSafeInteger(serial) && serial > 0 ? serial : undefined
}

function bundleIn(table: Table): Bundle | undefined {
  const { fleet, contact, box, made, keys, parts } = table
  const serial = serialIn(table)
  const isWhole =
    typeof fleet === 'string' &&
    typeof contact === 'string' &&
    typeof box === 'string' &&
    typeof made === 'number'
  if (!isWhole || serial === undefined || !Array.isArray(keys) || !isTable(parts)) return undefined
  const known = keys.filter((key: unknown) => typeof key === 'string').filter(isPublicText)
  return known.length === keys.length ? { fleet, contact, box, serial, made, keys: known, parts } : undefined
}
