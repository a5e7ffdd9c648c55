import { signal } from '@preact/signals'

/** A place in the console: `#/devices/Front%20desk?tab=card` is `['devices', 'Front desk']` with its query. */
export interface Place {
  readonly parts: readonly string[]
  readonly query: URLSearchParams
}

const read = (): Place => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  return { parts: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) }
}

/** What is not percent-encoded properly stands for itself. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Where the person is. Behind the hash, so that the box serves one page whatever address it is known by. */
export const place = signal(read())

addEventListener('hashchange', () => {
  place.value = read()
})

/** For `href`. */
export const to = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`

export function go(...parts: readonly string[]): void {
  location.hash = to(...parts)
}

/** Changes one word of the query where we are, without a step to go back. */
export function setQuery(name: string, value: string): void {
  const { parts, query } = place.value
  const changed = new URLSearchParams(query)
  changed.set(name, value)
  history.replaceState(null, '', `${to(...parts)}?${changed}`)
  place.value = { parts, query: changed }
}
