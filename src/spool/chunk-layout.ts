/**
 * Octets of a chunk but the last: 62.5 KB. In SQLite's 4 KiB pages that leaves little over, and a chunk is one piece of a
 * content (64 KiB at most).
 */
export const chunkOctets = 64_000
/** A message up to this size rides in the publishing transaction. */
export const rideOctets = 256 * 1024

const chunksPerMessage = 65_536

/** Row ids of a message's chunks lie side by side, in order, so that no second index is needed. */
export const chunkId = (message: number, chunk: number): number => message * chunksPerMessage + chunk
export const chunkCount = (size: number): number => Math.ceil(size / chunkOctets)

/** A content cut into chunks; views, no copies. */
export function chunksOf(octets: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < octets.length; at += chunkOctets) chunks.push(octets.subarray(at, at + chunkOctets))
  return chunks
}
