import type { Content } from '../core/content.ts'
import type { Envelope } from '../core/envelope.ts'
import type { FidelityFlag, RouteFacts } from '../core/message.ts'
import { messageIdOf } from '../core/message-id.ts'
import type { MimePart, PartIndex } from '../core/part-index.ts'
import { wallMs } from '../core/time.ts'
import type { SenderRewrite } from '../core/upstream.ts'
import { maxTextOctets } from './acs-content.ts'
import { isMeant, mailboxesOf } from './acs-recipients.ts'
import { acsRequest } from './acs-request.ts'
import { base64Size } from './base64-encoding.ts'
import { indivisible } from './fidelity.ts'
import type { HeaderField } from './header.ts'
import { authorOf } from './rewrite-sender.ts'

/** What is known of a message at the end of DATA. */
export interface RoutedMessage {
  readonly index: PartIndex
  /** As spooled, after the fix-up. */
  readonly header: Uint8Array
  /** The same, taken apart. */
  readonly fields: readonly HeaderField[]
  readonly envelope: Envelope
  readonly content: Content
  readonly headerMessageId: string
  /** As the first way out of the route would have it. */
  readonly rewrite: SenderRewrite
  readonly deviceName: string | undefined
}

/** Recipients of one request (microsoft.md 3.4). */
const recipientsPerRequest = 50
/** Below this the size is not worth a second look: the limit is 10 MB. */
const exactFrom = 9_000_000

/** What routing needs to know: size, what a rebuilt message would lose, octets of the request to ACS (microsoft.md 3.10). */
export async function routeFacts(message: RoutedMessage, signal?: AbortSignal): Promise<RouteFacts> {
  const bound = acsUpperBound(message)
  return {
    size: message.content.size,
    acsSize: bound <= exactFrom ? bound : ((await exactAcsSize(message, signal)) ?? bound),
    fidelity: fidelityFlags(message.index.parts, message.fields, message.envelope),
  }
}

const partFlags: Readonly<Record<string, FidelityFlag>> = {
  'text/calendar': 'calendar',
  'message/rfc822': 'embedded-message',
  'multipart/report': 'report',
}

function fidelityFlags(
  parts: readonly MimePart[],
  fields: readonly HeaderField[],
  envelope: Envelope,
): FidelityFlag[] {
  const flags = new Set<FidelityFlag>()
  const whole = indivisible(parts)
  if (whole !== undefined) flags.add(whole)
  for (const part of parts) {
    const flag = partFlags[part.type]
    if (flag !== undefined) flags.add(flag)
  }
  if (authorOf(fields)?.name) flags.add('from-name')
  if (differs(fields, envelope)) flags.add('envelope-differs')
  return [...flags]
}

/** Whether To and Cc name others than the envelope does. One recipient and no To at all lose nothing. */
function differs(fields: readonly HeaderField[], envelope: Envelope): boolean {
  const shown = [...mailboxesOf(fields, 'To'), ...mailboxesOf(fields, 'Cc')]
  if (shown.length === 0) return envelope.recipients.length > 1
  const isShown = envelope.recipients.every((recipient) => shown.some((box) => isMeant(box, recipient)))
  return !isShown || !shown.every((box) => envelope.recipients.some((recipient) => isMeant(box, recipient)))
}

/** JSON writes an octet of text in at most six (`\u0000`), a Latin one in three. */
const worstText = 6
const partOverhead = 2000
const recipientOverhead = 1500

/** At least as many octets as the request can have, from the index alone. */
function acsUpperBound({ index, header, envelope }: RoutedMessage): number {
  const recipients = Math.min(envelope.recipients.length, recipientsPerRequest) * recipientOverhead
  const parts = index.parts.reduce((sum, part) => sum + partBound(part), 0)
  return worstText * header.length + recipients + parts + partOverhead
}

function partBound(part: MimePart): number {
  const octets = part.type === 'multipart/report' ? part.body.end - part.header.start : part.decodedSize
  const mayBeText = /^text\/(?:plain|html)$/.test(part.type) && octets <= maxTextOctets
  const said = worstText * (part.header.end - part.header.start)
  return partOverhead + said + Math.max(base64Size(octets), mayBeText ? worstText * octets : 0)
}

async function exactAcsSize(
  message: RoutedMessage,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const { recipients } = message.envelope
  const request = await acsRequest(
    {
      ...message,
      message: messageIdOf(1),
      part: 1,
      parts: Math.max(1, Math.ceil(recipients.length / recipientsPerRequest)),
      generation: 1,
      operationId: '00000000-0000-0000-0000-000000000000',
      recipients: recipients
        .slice(0, recipientsPerRequest)
        .map((recipient, n) => ({ ...recipient, number: n + 1 })),
      subject: '',
      acceptedWall: wallMs(0),
      isRepeat: false,
      isRefusedAsItIs: false,
    },
    { deviceName: message.deviceName },
    signal,
  )
  return request.kind === 'request' ? request.size : undefined
}
