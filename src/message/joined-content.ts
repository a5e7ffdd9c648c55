import type { Content, OctetRange } from '../core/content.ts'
import { type HeaderField, joinHeader, splitHeader } from './header.ts'
import { findHeaderEnd } from './header-end.ts'

/** As much as a header of a device may have; what comes behind it is text. */
const longestHeader = 256 * 1024
const enclosed = /^(?:content-.*|subject|message-id|encrypted|mime-version)$/i

/** A fragment as it lies in the spool. */
export interface FragmentContent {
  readonly content: Content
  readonly headerEnd: number
}

/** What fragments enclosed. `header`: RFC 2046 section 5.2.2.1, not mended. Its body can be read once. */
export interface JoinedContent {
  readonly header: Uint8Array
  readonly body: AsyncIterable<Uint8Array>
}

/** The enclosed message of fragments in order, each opened when the one before is at its end. */
export async function joinedContent(
  fragments: readonly (() => Promise<FragmentContent>)[],
  signal?: AbortSignal,
): Promise<JoinedContent> {
  const [first] = fragments
  if (first === undefined) throw new Error('nothing to join')
  const { content, headerEnd } = await first()
  const outer = await collected(content, { start: 0, end: headerEnd }, signal)
  const pieces = bodies(fragments, signal)
  const { octets, end } = await readHeader(pieces)
  return {
    header: joinedHeader(splitHeader(outer), splitHeader(octets.subarray(0, end))),
    body: behind(octets.subarray(end), pieces),
  }
}

/** The enclosing header without what tells of its content, then what the enclosed one tells of that. */
function joinedHeader(outer: readonly HeaderField[], inner: readonly HeaderField[]): Uint8Array {
  return joinHeader([
    ...outer.filter(({ name }) => !enclosed.test(name)),
    ...inner.filter(({ name }) => enclosed.test(name)),
  ])
}

async function collected(content: Content, range: OctetRange, signal?: AbortSignal): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(content.read(range, signal)))
}

async function* bodies(
  fragments: readonly (() => Promise<FragmentContent>)[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (const open of fragments) {
    const { content, headerEnd } = await open()
    yield* content.read({ start: headerEnd, end: content.size }, signal)
  }
}

/** A device may cut in the middle of the enclosed header. */
async function readHeader(pieces: AsyncGenerator<Uint8Array>): Promise<{ octets: Buffer; end: number }> {
  let octets = Buffer.alloc(0)
  let resumeAt = 0
  while (octets.length < longestHeader) {
    const next = await pieces.next()
    if (next.done === true) break
    octets = Buffer.concat([octets, next.value])
    const found = findHeaderEnd(octets, { start: 0, resumeAt, isComplete: false })
    if (found.kind === 'found') return { octets, end: found.end }
    resumeAt = found.resumeAt
  }
  const found = findHeaderEnd(octets, { start: 0, resumeAt, isComplete: true })
  return { octets, end: found.kind === 'found' ? found.end : octets.length }
}

async function* behind(rest: Uint8Array, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (rest.length > 0) yield rest
  yield* pieces
}
