import type { DeviceSetup, ListenerSetup, Setup, UpstreamSetup } from '../core/setup.ts'
import { isLoopback } from '../platform/network.ts'
import type { Problem } from './problem.ts'
import { placeIn, type Readable } from './readable.ts'
import type { AliasDocument, DeviceDocument, UpstreamDocument } from './schema.ts'

/** A document that could become the truth, as the rules look at it. */
export interface Candidate extends Readable {
  /** The same with every default filled in. */
  readonly setup: Setup
  /** Characters of each device's password by its place in the document; undefined: none, or not known while the vault is locked. */
  readonly passwordLengths: readonly (number | undefined)[]
}

/** One thing that a document must not say, or should be told about. */
export interface Rule {
  readonly name: string
  check(candidate: Candidate): readonly Problem[]
}

export interface Row<Document, Value> {
  readonly index: number
  readonly document: Document
  readonly value: Value
  place(key?: string): string
}

function rowsOf<Document extends { readonly name: string }, Value>(
  candidate: Candidate,
  table: 'device' | 'upstream' | 'alias',
  documents: readonly Document[],
  values: readonly Value[],
): readonly Row<Document, Value>[] {
  return documents.flatMap((document, index) => {
    const value = values[index]
    const place = (key?: string): string => placeIn(candidate, table, index, document.name, key)
    return value === undefined ? [] : [{ index, document, value, place }]
  })
}

export const devicesOf = (candidate: Candidate): readonly Row<DeviceDocument, DeviceSetup>[] =>
  rowsOf(candidate, 'device', candidate.document.device, candidate.setup.devices)

export const upstreamsOf = (candidate: Candidate): readonly Row<UpstreamDocument, UpstreamSetup>[] =>
  rowsOf(candidate, 'upstream', candidate.document.upstream, candidate.setup.upstreams)

export const aliasesOf = (candidate: Candidate): readonly Row<AliasDocument, AliasDocument>[] =>
  rowsOf(candidate, 'alias', candidate.document.alias, candidate.document.alias)

export interface PlacedListener {
  readonly value: ListenerSetup
  place(key?: string): string
}

/** Where the table of listeners could not be read, the default ones are not what was meant. */
export function listenersOf(candidate: Candidate): readonly PlacedListener[] {
  const { document, setup, missing } = candidate
  if (document.listener === undefined && missing.has('listener')) return []
  return setup.listeners.map((value, index) => ({
    value,
    place: (key) =>
      placeIn(candidate, 'listener', index, document.listener?.[index]?.name ?? value.name, key),
  }))
}

export const isBeyondLoopback = (candidate: Candidate): boolean =>
  listenersOf(candidate).some(({ value }) => !isLoopback(value.address))

/** Upstreams that mail of this device may take, in order, those switched off left out. */
export function routeOf(setup: Setup, device: DeviceSetup): readonly UpstreamSetup[] {
  const usable = setup.upstreams.filter((upstream) => upstream.enabled)
  if (device.route !== undefined) {
    return device.route.flatMap((name) => usable.filter((upstream) => upstream.name === name))
  }
  // The outbox takes mail only where it is the only upstream or named in a route.
  return usable.filter((upstream) => upstream.kind !== 'outbox' || setup.upstreams.length === 1)
}
