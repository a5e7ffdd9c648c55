import type { TransferEncoding } from '../core/part-index.ts'
import { Base64Decoder } from './base64-decoding.ts'
import { QuotedPrintableDecoder } from './quoted-printable-decoding.ts'
import type { OctetSink, TransferDecoder } from './transfer-decoder.ts'
import { UuDecoder } from './uu-decoding.ts'

/** A decoder for one body. */
export function decoderOf(encoding: TransferEncoding): TransferDecoder {
  switch (encoding) {
    case 'base64':
      return new Base64Decoder()
    case 'quoted-printable':
      return new QuotedPrintableDecoder()
    case 'uuencode':
      return new UuDecoder()
    default:
      return new IdentityDecoder()
  }
}

class IdentityDecoder implements TransferDecoder {
  size = 0

  write(octets: Uint8Array, out?: OctetSink): void {
    this.size += octets.length
    out?.(octets.slice())
  }

  end(): void {}
}
