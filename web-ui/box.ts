import { signal } from '@preact/signals'
import type { Me, Standing } from '../src/core/console-session.ts'
import { boxOffsetMs } from './clock.ts'
import { followBox, isKey, t } from './words/language.ts'

/** How long a request may take before it is given up with a reason. */
const patienceMs = 15_000

/** What a page answers itself, without a question to the box. */
export const notAsked = (sentence: string): Failed => ({ kind: 'failed', status: 0, sentence })

/** Who we are to the box; undefined until it has answered. */
export const standing = signal<Standing | undefined>(undefined)

/** Whether the last question got any answer at all. */
export const isReachable = signal(true)

/** Acts when the box went out of reach, and when it is back. */
export function onReach(act: () => void): () => void {
  let before = isReachable.peek()
  return isReachable.subscribe((now) => {
    if (now !== before) act()
    before = now
  })
}

export const me = (): Me | undefined => (standing.value?.kind === 'signed-in' ? standing.value.me : undefined)

/** What a request came to: an answer, or a sentence for the person who waits. */
export type Answer<T> = { readonly kind: 'done'; readonly value: T } | Failed

export interface Failed {
  readonly kind: 'failed'
  /** Of HTTP; 0: the box was not reached, or not asked. */
  readonly status: number
  readonly sentence: string
  /** What came in the place of an answer; undefined: nothing did. */
  readonly body?: unknown
}

interface Ask {
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly patienceMs?: number
  readonly signal?: AbortSignal
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Never rejects. What the box answers is taken to have the shape that its own types give it. */
export async function ask<T>(method: Method, path: string, options: Ask = {}): Promise<Answer<T>> {
  const limit = options.patienceMs ?? patienceMs
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers: {
        ...(options.body && { 'content-type': 'application/json' }),
        ...(method !== 'GET' && { 'inkpost-proof': me()?.proof ?? '' }),
        ...options.headers,
      },
      ...(options.body && { body: JSON.stringify(options.body) }),
      signal: AbortSignal.any([AbortSignal.timeout(limit), ...(options.signal ? [options.signal] : [])]),
    })
    const answer = await read<T>(response)
    isReachable.value = true
    return answer
  } catch (error) {
    // Who gave the question up knows nothing of the box.
    if (!options.signal?.aborted) isReachable.value = false
    return { kind: 'failed', status: 0, sentence: unreachable(error, limit) }
  }
}

export const get = <T>(path: string, options?: Ask): Promise<Answer<T>> => ask('GET', path, options)

/** Asks the box again who we are: at the start, and after signing in or out. */
export async function refreshStanding(options?: Ask): Promise<Answer<Standing>> {
  const answer = await get<Standing>('/session', options)
  if (answer.kind === 'done') stand(answer.value)
  return answer
}

/** Takes what the box said of who we are, and the time by its clock. */
export function stand(value: Standing): void {
  boxOffsetMs.value = value.about.clock.wall - Date.now()
  standing.value = value
  void followBox(value.about.language)
}

async function read<T>(response: Response): Promise<Answer<T>> {
  // An answer that was given up, or broke off, in its middle is none: it goes to who handles those.
  if (response.ok) return { kind: 'done', value: (await response.json()) as T }
  const value: unknown = await response.json().catch(() => undefined)
  if (response.status === 401 && me()) void refreshStanding()
  return { kind: 'failed', status: response.status, sentence: reasonOf(response.status, value), body: value }
}

function reasonOf(status: number, value: unknown): string {
  if (status === 401) return t('trouble.signed-out')
  if (typeof value === 'object' && value !== null && 'error' in value)
    return codedReason(value) ?? managedReason(value) ?? String(value.error)
  return t('trouble.unexpected', { reason: `HTTP ${status}` })
}

/** In the language of who reads it, where the box says why by a word of its list. */
function codedReason(value: object): string | undefined {
  const key = 'code' in value ? `answer.${value.code}` : ''
  return isKey(key) ? t(key) : undefined
}

/** What head office decides is told in every language; the box's own sentence has the place and whom to ask. */
function managedReason(value: object): string | undefined {
  const { trouble } = value as { readonly trouble?: { readonly why?: string } }
  if (trouble?.why !== 'managed' || !('error' in value)) return undefined
  return `${t('managed.line')} \u2068(${value.error})\u2069`
}

function unreachable(error: unknown, limit: number): string {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError'
  return isLate ? t('trouble.timeout', { seconds: limit / 1000 }) : t('trouble.unreachable')
}
