import type { DeviceSetup, ListenerSetup, Setup, UpstreamSetup } from '../core/setup.ts'
import { isLoopback } from '../platform/network.ts'
import { type Problem, rowPlace } from './problem.ts'
import type { AliasDocument, DeviceDocument, SetupDocument, UpstreamDocument } from './schema.ts'

/** A document that could become the truth, as the rules look at it. */
export interface Candidate {
  readonly document: SetupDocument
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
  table: 'device' | 'upstream' | 'alias',
  documents: readonly Document[],
  values: readonly Value[],
): readonly Row<Document, Value>[] {
  return documents.flatMap((document, index) => {
    const value = values[index]
    const place = (key?: string): string => rowPlace(table, index, document.name, key)
    return value === undefined ? [] : [{ index, document, value, place }]
  })
}

export const devicesOf = ({ document, setup }: Candidate): readonly Row<DeviceDocument, DeviceSetup>[] =>
  rowsOf('device', document.device, setup.devices)

export const upstreamsOf = ({
  document,
  setup,
}: Candidate): readonly Row<UpstreamDocument, UpstreamSetup>[] =>
  rowsOf('upstream', document.upstream, setup.upstreams)

export const aliasesOf = ({ document }: Candidate): readonly Row<AliasDocument, AliasDocument>[] =>
  rowsOf('alias', document.alias, document.alias)

export interface PlacedListener {
  readonly value: ListenerSetup
  place(key?: string): string
}

export const listenersOf = ({ document, setup }: Candidate): readonly PlacedListener[] =>
  setup.listeners.map((value, index) => ({
    value,
    place: (key) => rowPlace('listener', index, document.listener?.[index]?.name ?? value.name, key),
  }))

export const isBeyondLoopback = ({ setup }: Candidate): boolean =>
  setup.listeners.some((listener) => !isLoopback(listener.address))

/** Upstreams that mail of this device may take, in order, those switched off left out. */
export function routeOf(setup: Setup, device: DeviceSetup): readonly UpstreamSetup[] {
  const usable = setup.upstreams.filter((upstream) => upstream.enabled)
  if (device.route !== undefined) {
    return device.route.flatMap((name) => usable.filter((upstream) => upstream.name === name))
  }
  // The outbox takes mail only where it is the only upstream or named in a route.
  return usable.filter((upstream) => upstream.kind !== 'outbox' || setup.upstreams.length === 1)
}
