import type { Outcome } from '../core/outcome.ts'
import type { Consignment } from '../core/upstream.ts'

/** A message as DATA carries it: header rewritten, lines ended by CRLF, dots not yet stuffed. */
export interface SmtpParcel {
  readonly size: number
  readonly has8bit: boolean
  read(signal: AbortSignal): AsyncIterable<Uint8Array>
}

export type SmtpPacking =
  | { readonly kind: 'packed'; readonly parcel: SmtpParcel }
  | { readonly kind: 'unsuitable'; readonly outcome: Outcome }

export type SmtpPack = (consignment: Consignment, signal: AbortSignal) => Promise<SmtpPacking>
