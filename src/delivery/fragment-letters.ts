import type { Clock } from '../core/clock.ts'
import { collectingMs } from '../core/fragment.ts'
import type { NewMessage } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Setup } from '../core/setup.ts'
import { describeSize } from '../core/size.ts'
import type { DueMessage, OwnMessage, Spool } from '../core/spool.ts'
import { hour } from '../core/time.ts'
import { plainOwnMail } from './own-letter.ts'
import { ownSender } from './own-sender.ts'

export interface FragmentLetterParts {
  readonly spool: Pick<Spool, 'takeId'>
  readonly clock: Clock
  readonly setup: () => Setup
  readonly bootId: string
}

/** To the owner of a device, else the postmaster: a joined scan that no way out takes. Empty where nobody reads. */
export function noWayLetter(
  parts: FragmentLetterParts,
  { id, device, subject, facts }: Pick<NewMessage, 'id' | 'device' | 'subject' | 'facts'>,
  reason: string,
): Promise<readonly OwnMessage[]> {
  return letterTo(parts, device, {
    subject: `Not sent: ${subject || '(no subject)'}`,
    text: `${scanOf(device, subject)} came in pieces. Joined it has ${describeSize(facts.size)}, and it could not be sent:
${reason}.

It is held as ${id} and not lost. Scan with fewer dots per inch or in several parts; or the administrator
of the box adds a way out that takes it, then: inkpost release ${id}
`,
  })
}

export interface MissingFragments {
  readonly first: Pick<DueMessage, 'device' | 'subject'>
  /** `only 2 of 3 pieces came` */
  readonly reason: string
  readonly fragments: readonly { readonly message: MessageId; readonly isHeld: boolean }[]
}

/** Likewise: a scan of which fragments did not come. */
export function missingLetter(
  parts: FragmentLetterParts,
  { first, reason, fragments }: MissingFragments,
): Promise<readonly OwnMessage[]> {
  const held = fragments.filter(({ isHeld }) => isHeld).map(({ message }) => message)
  const sent = fragments.filter(({ isHeld }) => !isHeld).map(({ message }) => message)
  const fates = [
    ...(sent.length === 0 ? [] : [`Sent on as they are, in pieces: ${sent.join(', ')}.`]),
    ...(held.length === 0 ? [] : [`Held, since no way out carries pieces: ${held.join(', ')}.`]),
  ]
  return letterTo(parts, first.device, {
    subject: `Incomplete: ${first.subject || '(no subject)'}`,
    text: `${scanOf(first.device, first.subject)} comes in pieces: ${reason}, and no other in ${collectingMs / hour} hours.

${fates.join('\n')}

Scan it again. If this happens again, switch dividing of mail off at the device, or let it divide
into larger pieces.
`,
  })
}

const scanOf = (device: string | undefined, subject: string): string =>
  `The scan "${subject || '(no subject)'}" of ${device ?? 'the box'}`

async function letterTo(
  parts: FragmentLetterParts,
  device: string | undefined,
  { subject, text }: { readonly subject: string; readonly text: string },
): Promise<readonly OwnMessage[]> {
  const setup = parts.setup()
  const owner = setup.devices.find(({ name }) => name === device)?.owner
  const reader = owner ?? setup.gateway.postmaster
  if (reader === undefined) return []
  const letter = { to: reader, from: ownSender(setup, reader), subject: subject.slice(0, 200), text }
  return [await plainOwnMail(parts, { ...letter, mark: 'fragments', ...(device && { device }) })]
}
