import type { LiveNotice, Stale } from '../../core/live.ts'
import type { Entry } from './ring.ts'

/** Server-sent events as the HTML standard writes them (section 9.2); every JSON text is one line. */
const frame = (event: string, data: string, id: string | undefined): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`

/** `id` undefined: what is told late leaves the reader's place where it was. */
export function entryFrame(entry: Entry, id: string | undefined): string {
  entry.text ??= JSON.stringify(entry.event)
  return frame(entry.event.kind, entry.text, id)
}

export const noticeFrame = (notice: LiveNotice | Stale, id: string): string =>
  frame(notice.kind, JSON.stringify(notice), id)

/** The reader's place, without an event: a browser keeps it, and comes back with it after so many milliseconds. */
export const placeFrame = (id: string): string => `retry: 2000\nid: ${id}\n\n`

export const heartbeatFrame = (id: string): string => `: still here\nid: ${id}\n\n`
