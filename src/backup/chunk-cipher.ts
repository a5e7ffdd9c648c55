import { createCipheriv, createDecipheriv } from 'node:crypto'
import { BackupRefused } from './backup-refused.ts'
import { OctetReader } from './octet-reader.ts'

// The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015) as age uses it: chunk n is sealed under nonce n,
// the last one under a nonce that says so. So no chunk can be left out, moved, doubled or cut off at the end unnoticed.

const algorithm = 'chacha20-poly1305'
const tagOctets = 16
/** Octets of content in each chunk but the last. */
export const chunkOctets = 65_536
export const sealedOctets = chunkOctets + tagOctets

/** 11 octets of the chunk's number, and whether it is the last one. */
function nonceOf(chunk: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(chunk, 5, 6)
  nonce.writeUInt8(isLast ? 1 : 0, 11)
  return nonce
}

function seal(key: Uint8Array, chunk: number, isLast: boolean, octets: Uint8Array): Buffer {
  const cipher = createCipheriv(algorithm, key, nonceOf(chunk, isLast), { authTagLength: tagOctets })
  return Buffer.concat([cipher.update(octets), cipher.final(), cipher.getAuthTag()])
}

function open(key: Uint8Array, chunk: number, isLast: boolean, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < tagOctets) return undefined
  const decipher = createDecipheriv(algorithm, key, nonceOf(chunk, isLast), { authTagLength: tagOctets })
  decipher.setAuthTag(sealed.subarray(sealed.length - tagOctets))
  const octets = decipher.update(sealed.subarray(0, sealed.length - tagOctets))
  try {
    return Buffer.concat([octets, decipher.final()])
  } catch {
    return undefined
  }
}

/** Seals octets chunk by chunk; a key seals one stream only. Holds one chunk in memory. */
export async function* sealChunks(
  key: Uint8Array,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const reader = new OctetReader(source)
  try {
    for (let chunk = 0; ; chunk += 1) {
      const octets = await reader.take(chunkOctets)
      const isLast = await reader.isAtEnd()
      yield seal(key, chunk, isLast, octets)
      if (isLast) return
    }
  } finally {
    await reader.close()
  }
}

/** Opens what `sealChunks` made; nothing of a chunk is handed on before it is verified. Throws `BackupRefused`. */
export async function* openChunks(key: Uint8Array, reader: OctetReader): AsyncGenerator<Uint8Array> {
  for (let chunk = 0; ; chunk += 1) {
    const place = reader.place
    const sealed = await reader.take(sealedOctets)
    const isLast = await reader.isAtEnd()
    const octets = open(key, chunk, isLast, sealed)
    if (octets === undefined) throw damage(place, isLast && open(key, chunk, false, sealed) !== undefined)
    yield octets
    if (isLast) return
  }
}

function damage(place: number, isCut: boolean): BackupRefused {
  return new BackupRefused(
    'damaged',
    isCut
      ? 'the file is cut off: its end is missing'
      : `the file is damaged or was changed: what begins at octet ${place} does not verify`,
  )
}
