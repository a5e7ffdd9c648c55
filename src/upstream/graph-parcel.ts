import type { Address } from '../core/address.ts'
import type { Consignment } from '../core/upstream.ts'
import { nameRecipients } from '../message/named-recipients.ts'
import { outgoingHeader, parcelUnder, type SmtpParcel } from './smtp-parcel.ts'

/** The mailbox that sends a mail: whoever the mail is from. */
export const mailboxOf = ({ rewrite, envelope }: Consignment): Address | undefined =>
  rewrite.sender ?? (envelope.reversePath === '' ? undefined : envelope.reversePath)

/**
 * A mail as Graph's sendMail takes it in MIME form: From is the mailbox, or Exchange answers ErrorSendAsDenied, and the
 * header names the recipients of this part and nobody else. Below the header every octet is the device's.
 */
export async function packGraph(
  consignment: Consignment,
  mailbox: Address,
  signal: AbortSignal,
): Promise<SmtpParcel> {
  const rewrite = { ...consignment.rewrite, sender: mailbox }
  const header = await outgoingHeader({ ...consignment, rewrite }, signal)
  return parcelUnder(nameRecipients(header, consignment.recipients), consignment, signal)
}
