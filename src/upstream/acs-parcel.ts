import type { EmailMessage } from '@azure/communication-email'
import type { Outcome } from '../core/outcome.ts'
import type { Consignment } from '../core/upstream.ts'
import type { AcsBody } from './acs-body.ts'

/** A message made ready for the SDK: its files stand as placeholders in `message` and as octets in `body`. */
export interface Parcel {
  readonly message: EmailMessage
  readonly body: AcsBody
}

export type Packing =
  | { readonly kind: 'packed'; readonly parcel: Parcel }
  | { readonly kind: 'unsuitable'; readonly outcome: Outcome }

export type Pack = (consignment: Consignment, signal: AbortSignal) => Promise<Packing>
