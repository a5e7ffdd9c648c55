import { signal } from '@preact/signals'
import type { LiveEvent, Stale } from '../src/core/live.ts'

/** What a list or a page may be out of date about. */
export type Changed = Stale['what']

/** What the box tells while it happens. */
export type Told =
  | LiveEvent
  /** What happened since the last event is not told: ask again for everything. */
  | { readonly kind: 'reset' }
  /** So many were not told, because too much happened. */
  | { readonly kind: 'left-out'; readonly count: number }

export const toldKinds = ['session', 'verdict', 'delivery', 'stale', 'reset', 'left-out'] as const

/** `asking`: the box tells nothing by itself and is asked every few seconds instead. */
export const hearing = signal<'live' | 'asking' | 'off'>('off')

const listeners = new Set<(told: Told) => void>()

/** Hears everything that the box tells, until the function that comes back is called. */
export function onTold(hear: (told: Told) => void): () => void {
  listeners.add(hear)
  return () => void listeners.delete(hear)
}

export function spread(told: Told): void {
  for (const hear of [...listeners]) hear(told)
}

/** Many changes of one moment are one. */
const gatherMs = 250

/** Acts when one of `changes`, or everything, may be out of date: soon, and once for many at a time. */
export function onStale(changes: readonly Changed[], act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      act()
    }, gatherMs)
  }
  const stop = onTold((told) => {
    if (told.kind === 'reset' || (told.kind === 'stale' && changes.includes(told.what))) later()
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}
