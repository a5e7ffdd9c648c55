import { isVersion } from '../core/version.ts'
import type { OpenUrl } from './ports.ts'

/** The newest bundle, as who publishes them names it. Not signed: what it leads to is. */
export interface BundleIndex {
  readonly version: string
  /** https:// */
  readonly url: string
  /** In hex; empty: it is not said. */
  readonly sha256: string
}

/** Of a file behind an address that is unfit for the version that runs: another one there has another hash. */
export const refusalMark = ({ url, sha256 }: Pick<BundleIndex, 'url' | 'sha256'>, running: string): string =>
  `${url} ${sha256} ${running}`

export type IndexAnswer =
  | { readonly kind: 'index'; readonly index: BundleIndex }
  | { readonly kind: 'failed'; readonly detail: string }

const longestIndex = 64_000

export async function readIndex(url: string, open: OpenUrl, signal: AbortSignal): Promise<IndexAnswer> {
  const opened = await open({ url, offset: 0, etag: '', signal })
  if (opened.kind === 'failed') return { kind: 'failed', detail: opened.detail }
  try {
    const text = await textOf(opened.body)
    return text === undefined ? unreadable('it is too long for one') : parseIndex(text, url)
  } catch (error) {
    signal.throwIfAborted()
    const why = error instanceof Error ? error.message : error
    return { kind: 'failed', detail: `the connection broke: ${why}` }
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const pieces: Uint8Array[] = []
  let octets = 0
  for await (const piece of body) {
    octets += piece.length
    if (octets > longestIndex) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

/** `file` may be an address of its own, or a name beside the index. */
export function parseIndex(text: string, from: string): IndexAnswer {
  const told = jsonOf(text)
  if (typeof told !== 'object' || told === null) return unreadable('it is no JSON object')
  const { version, file, sha256 = '' }: { version?: unknown; file?: unknown; sha256?: unknown } = told
  if (typeof version !== 'string' || !isVersion(version)) return unreadable('"version" is none')
  if (typeof file !== 'string' || !URL.canParse(file, from))
    return unreadable('"file" is no name and no address')
  const url = new URL(file, from)
  if (url.protocol !== 'https:') return unreadable('"file" is not below https://')
  if (typeof sha256 !== 'string' || !/^(?:[0-9a-f]{64})?$/.test(sha256)) return unreadable('"sha256" is none')
  return { kind: 'index', index: { version, url: url.href, sha256 } }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const unreadable = (why: string): IndexAnswer => ({
  kind: 'failed',
  detail: `what is there is no index of updates: ${why}`,
})
