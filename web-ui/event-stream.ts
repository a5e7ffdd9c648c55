import { type Told, toldKinds } from './events.ts'

export interface StreamParts {
  readonly told: (told: Told, id: string) => void
  /** Whether the box tells by itself now. */
  readonly onState: (isOpen: boolean) => void
  readonly lastEventId: () => string
}

/** After an answer that is none (too many pages watch, signed out) the browser gives up; we do not. */
const againMs = 10_000

/** The box's server-sent events. The browser itself comes back after a break, with the last event that it had. */
export function openEventStream(parts: StreamParts): () => void {
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    const id = parts.lastEventId()
    source = new EventSource(`/api/v1/events${id && `?last-event-id=${encodeURIComponent(id)}`}`)
    source.onopen = () => parts.onState(true)
    source.onerror = () => {
      parts.onState(false)
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, againMs)
    }
    for (const kind of toldKinds)
      source.addEventListener(kind, ({ data, lastEventId }) => parts.told(JSON.parse(data), lastEventId))
  }
  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}
