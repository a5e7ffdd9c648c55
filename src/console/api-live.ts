import { errorAnswer } from './answers.ts'
import type { LiveHub } from './live/hub.ts'
import { BadRequest } from './request-fields.ts'
import { type Answer, type Asked, type Route, type Routed, route } from './router.ts'

/** What the routes need of the hub. */
export type LiveStreams = Pick<LiveHub, 'open'>

export const noStreams: LiveStreams = {
  open: () => ({ kind: 'full', reason: 'nobody tells of events here' }),
}

/**
 * What happens, as server-sent events. `holds`: whether who asked may still see it, asked again and again while the stream
 * lasts; undefined: for ever.
 */
export function liveRoutes(
  hub: LiveStreams,
  holds: (asked: Asked) => () => boolean = () => () => true,
): readonly Route[] {
  return [route('GET', '/events', 'viewer', (asked) => stream(hub, asked, holds(asked)))]
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // What stands between must not gather it (nginx).
  'x-accel-buffering': 'no',
}

function stream(hub: LiveStreams, asked: Routed<never>, isStillAllowed: () => boolean): Answer {
  if (asked.method === 'HEAD') return { status: 200, headers, body: '' }
  const { query, caller } = asked
  const opening = hub.open({
    device: named(query, 'device'),
    address: named(query, 'address'),
    lastEventId: lastEventId(asked),
    isStillAllowed,
    // The control socket knows neither: whoever is on the box may take them all.
    owner: caller.owner,
  })
  if (opening.kind === 'full') {
    const answer = errorAnswer(opening.reason, 503)
    return { ...answer, headers: { ...answer.headers, 'retry-after': '5' } }
  }
  return { status: 200, headers, body: encoded(opening.stream) }
}

/** A header where the browser comes back by itself; a page that was loaded anew can't set one. */
function lastEventId({ headers: said, query }: Asked): string | undefined {
  const id = said['last-event-id'] ?? query.get('last-event-id') ?? undefined
  return typeof id === 'string' && id !== '' ? id : undefined
}

function named(query: URLSearchParams, key: string): string | undefined {
  const value = query.get(key)
  if (value === null) return undefined
  if (value === '' || value.length > 255)
    throw new BadRequest(`${key} has to be a name of 1 to 255 characters`)
  return value
}

const encoder = new TextEncoder()

/** Ended by whoever stops reading, wherever it stands: a generator would wait for its next event first. */
function encoded(texts: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = texts[Symbol.asyncIterator]()
      const octetsOf = (result: IteratorResult<string>): IteratorResult<Uint8Array> =>
        result.done === true
          ? { done: true, value: undefined }
          : { done: false, value: encoder.encode(result.value) }
      return {
        next: async () => octetsOf(await iterator.next()),
        return: async () => {
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}
