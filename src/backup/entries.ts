import { BackupRefused } from './backup-refused.ts'
import type { OctetReader } from './octet-reader.ts'

/** One file in a backup. */
export interface Entry {
  readonly name: string
  readonly octets: number
  readonly content: AsyncIterable<Uint8Array>
}

const longestHead = 4096
const pieceOctets = 65_536

/** Each as: length of its head (4 octets), head (JSON), content. Throws where a content is not as long as was said. */
export async function* packEntries(entries: Iterable<Entry>): AsyncGenerator<Uint8Array> {
  for (const { name, octets, content } of entries) {
    const head = Buffer.from(JSON.stringify({ name, octets }))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(head.length)
    yield Buffer.concat([length, head])
    let written = 0
    for await (const piece of content) {
      written += piece.length
      yield piece
    }
    if (written !== octets) throw new Error(`${name} has ${written} octets, not ${octets}`)
  }
}

/** Hands out entry by entry; each has to be read to its end before the next. Throws `BackupRefused`. */
export async function* unpackEntries(reader: OctetReader): AsyncGenerator<Entry> {
  while (!(await reader.isAtEnd())) {
    const head = await readHead(reader)
    yield { ...head, content: contentOf(head.octets, reader) }
  }
}

async function readHead(reader: OctetReader): Promise<Omit<Entry, 'content'>> {
  const length = Buffer.from(await reader.take(4))
  const octets = length.length === 4 ? length.readUInt32BE() : 0
  if (octets === 0 || octets > longestHead) throw strange()
  const head = parsed(Buffer.from(await reader.take(octets)).toString())
  if (head === undefined) throw strange()
  return head
}

function parsed(text: string): Omit<Entry, 'content'> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('name' in value) || !('octets' in value))
      return undefined
    const { name, octets } = value
    return typeof name === 'string' && Number.isSafeInteger(octets)
      ? { name, octets: Number(octets) }
      : undefined
  } catch {
    return undefined
  }
}

async function* contentOf(octets: number, reader: OctetReader): AsyncGenerator<Uint8Array> {
  for (let left = octets; left > 0; ) {
    const piece = await reader.take(Math.min(left, pieceOctets))
    if (piece.length === 0) throw strange()
    left -= piece.length
    yield piece
  }
}

/** It verified, so nobody damaged it: it was made by a release with other ideas. */
const strange = (): BackupRefused =>
  new BackupRefused('newer', 'the content of the file is not what this release knows')
