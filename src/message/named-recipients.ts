import type { EnvelopeRecipient } from '../core/envelope.ts'
import { isMeant, mailboxesOf } from './acs-recipients.ts'
import { type HeaderField, joinHeader, makeField, splitHeader } from './header.ts'
import type { Mailbox } from './mailbox-list.ts'
import { cutText, phrase } from './words.ts'

/** Fields whose mailboxes a service without an envelope would write to (RFC 5322 sections 3.6.3 and 3.6.6). */
const addressing = /^(?:to|cc|bcc|resent-(?:to|cc|bcc))$/i

/** A name stands on the line of its address, which may have 998 octets (RFC 5322 section 2.1.1). */
const longestName = 200

/**
 * The header for a service that has no envelope and mails to whomever the header names: To, Cc and Bcc name exactly
 * `recipients`, each once. Who stands in To or Cc stays there under the name that the device gave; everybody else is in
 * Bcc, which the service takes out. Of a To or Cc that also names others, the field as the device wrote it is kept as
 * `X-Inkpost-To` or `X-Inkpost-Cc`; a Bcc of the device is shown to nobody. The same arguments give the same octets.
 */
export function nameRecipients(header: Uint8Array, recipients: readonly EnvelopeRecipient[]): Uint8Array {
  const fields = splitHeader(header)
  const lists = { to: mailboxesOf(fields, 'To'), cc: mailboxesOf(fields, 'Cc') }
  const to = named(lists.to, recipients)
  const cc = named(
    lists.cc,
    recipients.filter((recipient) => !to.has(recipient)),
  )
  const hidden = recipients.filter((recipient) => !to.has(recipient) && !cc.has(recipient))
  return joinHeader([
    ...fields.filter(({ name }) => !addressing.test(name)),
    ...list('To', [...to.values()]),
    ...list('Cc', [...cc.values()]),
    ...list(
      'Bcc',
      hidden.map(({ address }) => address),
    ),
    ...asWritten(fields, 'To', namesOthers(lists.to, recipients)),
    ...asWritten(fields, 'Cc', namesOthers(lists.cc, recipients)),
  ])
}

/** Who of the recipients stands in a field, in its order, with the text that shows him. */
function named(
  mailboxes: readonly Mailbox[],
  recipients: readonly EnvelopeRecipient[],
): ReadonlyMap<EnvelopeRecipient, string> {
  const found = new Map<EnvelopeRecipient, string>()
  for (const mailbox of mailboxes) {
    for (const recipient of recipients) {
      if (isMeant(mailbox, recipient) && !found.has(recipient))
        found.set(recipient, shown(mailbox, recipient))
    }
  }
  return found
}

/** A bare word has no name of its own: the box completed it. */
const shown = ({ address, name }: Mailbox, recipient: EnvelopeRecipient): string =>
  address === undefined || name === ''
    ? recipient.address
    : `${phrase(cutText(name, longestName))} <${recipient.address}>`

const namesOthers = (mailboxes: readonly Mailbox[], recipients: readonly EnvelopeRecipient[]): boolean =>
  mailboxes.some((mailbox) => !recipients.some((recipient) => isMeant(mailbox, recipient)))

/** One address a line. */
const list = (name: string, addresses: readonly string[]): readonly HeaderField[] =>
  addresses.length === 0 ? [] : [makeField(name, addresses.join(',\r\n '))]

function asWritten(fields: readonly HeaderField[], name: string, isNeeded: boolean): readonly HeaderField[] {
  if (!isNeeded) return []
  const label = `X-Inkpost-${name}`
  return fields
    .filter((field) => field.name.toLowerCase() === name.toLowerCase())
    .map(({ octets, valueStart }) => ({
      name: label,
      octets: Buffer.concat([Buffer.from(`${label}:`), octets.subarray(valueStart)]),
      valueStart: label.length + 1,
    }))
}
