/**
 * The line with which the script for Microsoft ends: `inkpost-answer:` and base64url of JSON. It says what only Microsoft
 * could tell (endpoint, ids, senders that were made) and nothing secret; it completes a setup and replaces nothing else.
 */
export interface SetupAnswer {
  /** The box that asked, by `gateway.name`: another one's ids must not end up here. */
  readonly box: string
  readonly upstreams: ReadonlyMap<string, UpstreamAnswer>
}

/** Undefined: the answer says nothing of it. */
export interface UpstreamAnswer {
  readonly endpoint?: string
  readonly username?: string
  readonly tenant_id?: string
  readonly client_id?: string
  /** Addresses that Azure takes as From now. */
  readonly senders: readonly string[]
  /** Addresses that Azure did not make. */
  readonly refusedSenders: readonly string[]
}

export type ReadAnswer =
  | { readonly kind: 'answer'; readonly answer: SetupAnswer }
  /** The end of a sentence that begins with `answer:`. */
  | { readonly kind: 'unreadable'; readonly sentence: string }

const prefix = 'inkpost-answer:'
const version = 1
const damaged = `is cut off or damaged: copy the whole line that begins with ${prefix}`
const textKeys = ['endpoint', 'username', 'tenant_id', 'client_id'] as const
const listKeys = ['senders', 'refused_senders'] as const

/** Whether what was handed in is such a line, and no document. */
export const isAnswer = (text: string): boolean => text.trimStart().startsWith(prefix)

/** Reads the line; a terminal may have broken it into several. */
export function readAnswer(text: string): ReadAnswer {
  const value = decoded(text.trim().slice(prefix.length).replace(/\s/g, ''))
  if (!isRecord(value) || typeof value['box'] !== 'string' || !isRecord(value['upstreams']))
    return { kind: 'unreadable', sentence: damaged }
  if (value['v'] !== version)
    return { kind: 'unreadable', sentence: 'is of another version of inkpost: make the script anew' }
  const upstreams = new Map<string, UpstreamAnswer>()
  for (const [name, fields] of Object.entries(value['upstreams'])) {
    const answer = upstreamAnswer(fields)
    if (answer === undefined) return { kind: 'unreadable', sentence: damaged }
    upstreams.set(name, answer)
  }
  return { kind: 'answer', answer: { box: value['box'], upstreams } }
}

function upstreamAnswer(fields: unknown): UpstreamAnswer | undefined {
  if (!isRecord(fields) || !Object.entries(fields).every(isField)) return undefined
  const texts = textKeys.filter((key) => fields[key] !== undefined).map((key) => [key, fields[key]])
  return {
    ...Object.fromEntries(texts),
    senders: words(fields['senders']),
    refusedSenders: words(fields['refused_senders']),
  }
}

const isField = ([key, value]: readonly [string, unknown]): boolean =>
  [...textKeys, ...listKeys].some((known) => known === key) && typeof value === 'string' && value !== ''

/** A list is one text: addresses that Azure makes hold no blanks. */
const words = (value: unknown): readonly string[] =>
  typeof value === 'string' ? value.split(' ').filter((word) => word !== '') : []

function decoded(base64url: string): unknown {
  try {
    const octets = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.from(octets, (octet) => octet.charCodeAt(0)),
    )
    return JSON.parse(text)
  } catch {
    // Whatever is wrong with it, the cure is the same: the whole line.
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
