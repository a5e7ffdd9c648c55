/** Octets of the base64 text of so many octets. */
export const base64Size = (octets: number): number => 4 * Math.ceil(octets / 3)

/** Octets that make a piece of 64 KiB of base64; a multiple of three. */
const pieceOctets = 49152

/** Base64 (RFC 4648 section 4) of octets that stream by, without line ends, in pieces of at most 64 KiB. */
export async function* encodeBase64(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const piece of pieces) {
    const octets = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const whole = octets.length - (octets.length % 3)
    for (let at = 0; at < whole; at += pieceOctets)
      yield base64(octets.subarray(at, Math.min(whole, at + pieceOctets)))
    rest = octets.slice(whole)
  }
  if (rest.length > 0) yield base64(rest)
}

const base64 = (octets: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64'), 'latin1')
