import type { StatusView, UpstreamView } from '../../../src/core/operations.ts'
import type { RowChange, UpstreamSheet } from '../../../src/core/setup-operations.ts'
import { type Answer, ask } from '../../box.ts'

/** A way out as its page knows it: how it is, and, for administrators, how it is set up. */
export interface WayOut {
  readonly view: UpstreamView
  readonly sheet: UpstreamSheet
  readonly reload: () => void
}

export const placeOf = (name: string): string => `/upstreams/${encodeURIComponent(name)}`

export const editUpstream = (name: string, change: RowChange): Promise<Answer<unknown>> =>
  ask('PUT', `${placeOf(name)}/settings`, { body: { change } })

export const viewOf = ({ upstreams }: StatusView, name: string): UpstreamView | undefined =>
  upstreams.find((each) => each.name === name)
