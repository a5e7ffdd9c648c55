/**
 * Takes a transfer encoding off a body that streams by in any pieces, or only counts. Damaged input is read the way mail
 * programs do it, nothing is thrown; counting and decoding are the same code, so a size told beforehand is exact.
 */
export interface TransferDecoder {
  /** The octets that `octets` completes; with `out` absent only their number is worked out. */
  write(octets: Uint8Array, out?: OctetSink): void
  end(out?: OctetSink): void
  /** Octets decoded; complete after `end`. */
  readonly size: number
}

/** Where decoded octets go; each piece belongs to the sink. */
export type OctetSink = (octets: Uint8Array) => void
