import { type Address, comparable } from '../core/address.ts'
import type { EnvelopeRecipient } from '../core/envelope.ts'
import type { HeaderField } from './header.ts'
import { textValue } from './header.ts'
import { type Mailbox, parseMailboxes } from './mailbox-list.ts'

/** One recipient as the service takes it. */
export interface AcsAddress {
  readonly address: string
  readonly displayName?: string
}

export interface AcsRecipients {
  readonly to: AcsAddress[]
  readonly cc?: AcsAddress[]
  readonly bcc?: AcsAddress[]
}

export const acsAddress = (address: string, name: string): AcsAddress =>
  name === '' || comparable(name) === comparable(address) ? { address } : { address, displayName: name }

/** Every mailbox of the fields of that name. */
export const mailboxesOf = (fields: readonly HeaderField[], name: string): Mailbox[] =>
  fields
    .filter((field) => field.name.toLowerCase() === name.toLowerCase())
    .flatMap((field) => parseMailboxes(textValue(field)))

/** The mailbox that means this recipient: the same address, or the same short name where the box completed it. */
const meant = (mailboxes: readonly Mailbox[], recipient: EnvelopeRecipient): Mailbox | undefined =>
  mailboxes.find((mailbox) => isMeant(mailbox, recipient))

export function isMeant(mailbox: Mailbox, recipient: EnvelopeRecipient): boolean {
  const said = comparable(mailbox.address ?? mailbox.said)
  return said === comparable(recipient.address) || said === comparable(recipient.said ?? recipient.address)
}

/**
 * Where each recipient of a part is shown (microsoft.md 3.9; the service has no envelope, these lists are the
 * recipients). In To or Cc with the header's name if it stands there, else hidden in Bcc. The schema wants a `to`: the
 * Cc moves up, a recipient who is alone is shown to himself, else the sender stands there, and gets a copy.
 */
export function acsRecipients(
  fields: readonly HeaderField[],
  recipients: readonly EnvelopeRecipient[],
  sender: Address,
): AcsRecipients {
  const lists = { to: mailboxesOf(fields, 'To'), cc: mailboxesOf(fields, 'Cc') }
  const to: AcsAddress[] = []
  const cc: AcsAddress[] = []
  const bcc: AcsAddress[] = []
  for (const recipient of recipients) {
    const inTo = meant(lists.to, recipient)
    const shown = inTo ?? meant(lists.cc, recipient)
    const list = inTo ? to : shown ? cc : bcc
    list.push(acsAddress(recipient.address, shown?.address === undefined ? '' : shown.name))
  }
  return withTo(to, cc, bcc, sender)
}

function withTo(to: AcsAddress[], cc: AcsAddress[], bcc: AcsAddress[], sender: Address): AcsRecipients {
  if (to.length === 0 && cc.length > 0) return recipientsOf(cc, [], bcc)
  if (to.length === 0 && bcc.length === 1) return recipientsOf(bcc, [], [])
  return recipientsOf(to.length === 0 ? [{ address: sender }] : to, cc, bcc)
}

const recipientsOf = (to: AcsAddress[], cc: AcsAddress[], bcc: AcsAddress[]): AcsRecipients => ({
  to,
  ...(cc.length > 0 && { cc }),
  ...(bcc.length > 0 && { bcc }),
})
