import { createHash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { expectedRewrite } from '../core/expected-rewrite.ts'
import { type CollectedFragment, mostFragments } from '../core/fragment.ts'
import type { NewMessage, Parked } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import { whyNoWay } from '../core/route.ts'
import type { DeviceSetup, Setup } from '../core/setup.ts'
import type { DueMessage, Publication, Reception, Spool } from '../core/spool.ts'
import { type FixedUp, mendHeader } from '../message/fix-up.ts'
import { type JoinedContent, joinedContent } from '../message/joined-content.ts'
import { PartScanner } from '../message/part-scanner.ts'
import { routeFacts } from '../message/route-facts.ts'
import { noWayLetter } from './fragment-letters.ts'

export interface JoiningParts {
  readonly spool: Pick<Spool, 'takeId' | 'content' | 'receive' | 'fragment'>
  readonly clock: Clock
  readonly setup: () => Setup
  readonly bootId: string
  /** What it would wait for if it left now. */
  readonly parking: (message: NewMessage) => Parked | undefined
}

export interface Joined {
  readonly message: NewMessage
  readonly publication: Publication
}

/**
 * Makes one message of a complete set, in order: read from the disk and written back in pieces. It takes the place of
 * every fragment in one transaction; what stops it before leaves the fragments as they are.
 * Throws where a fragment can't be read.
 */
export async function joinFragments(
  parts: JoiningParts,
  { inOrder, all }: { readonly inOrder: readonly CollectedFragment[]; readonly all: readonly MessageId[] },
  signal: AbortSignal,
): Promise<Joined> {
  const { spool } = parts
  const first = await fragmentOf(spool, inOrder[0]?.message)
  const open = inOrder.map(
    ({ message }) =>
      () =>
        contentOf(spool, message),
  )
  const enclosed = await joinedContent(open, signal)
  const reception = spool.receive(await spool.takeId())
  try {
    const message = await written(parts, first, enclosed, reception, inOrder.length)
    const decided = decide(parts, message)
    const letters = decided.held === undefined ? [] : await noWayLetter(parts, decided, decided.held.reason)
    const fragments = [first.id, ...all.filter((id) => id !== first.id)]
    return { message: decided, publication: await reception.publish(decided, { fragments, letters }) }
  } catch (error) {
    await reception.abandon()
    throw error
  }
}

async function written(
  parts: JoiningParts,
  first: DueMessage,
  enclosed: JoinedContent,
  reception: Reception,
  joinedFrom: number,
): Promise<NewMessage> {
  const device = parts.setup().devices.find(({ name }) => name === first.device)
  const fixed = mended(parts, first, enclosed.header, device, reception.id)
  const scanner = new PartScanner({ fallbackCharset: device?.charset ?? 'utf-8' })
  const digest = createHash('sha256').update(enclosed.header)
  scanner.feedHeader(fixed.header, fixed.fields)
  await reception.write(fixed.header)
  for await (const piece of enclosed.body) {
    digest.update(piece)
    scanner.feed(piece)
    await reception.write(piece)
  }
  const index = scanner.finish()
  const { clock, bootId, setup } = parts
  const envelope = { ...first.envelope, recipients: first.recipients.map(envelopeRecipient) }
  const facts = await routeFacts({
    index,
    envelope,
    header: fixed.header,
    fields: fixed.fields,
    content: reception.content(),
    headerMessageId: fixed.headerMessageId,
    rewrite: expectedRewrite(setup(), device, fixed.from),
    deviceName: first.device,
  })
  return {
    id: reception.id,
    kind: first.kind,
    priority: first.priority,
    device: first.device,
    from: fixed.from,
    subject: setup().history.keepSubjects ? fixed.subject : '',
    headerMessageId: fixed.headerMessageId,
    envelope,
    route: first.route,
    facts,
    index,
    contentSha256: digest.digest('hex'),
    isIdentifiable: false,
    session: undefined,
    acceptedWall: clock.wall(),
    acceptedMonotonic: clock.monotonic(),
    bootId,
    clockBelievable: clock.isBelievable(),
    joinedFrom: Math.min(joinedFrom, mostFragments),
  }
}

/** As of the time at which the first fragment came: its own Date is not 'long ago' by then. */
function mended(
  { setup, clock }: JoiningParts,
  first: DueMessage,
  header: Uint8Array,
  device: DeviceSetup | undefined,
  id: MessageId,
): FixedUp {
  const { gateway } = setup()
  return mendHeader(header, {
    id,
    hostname: gateway.hostname,
    gatewaySender: gateway.sender,
    deviceSender: device?.sender,
    reversePath: first.envelope.reversePath,
    charset: device?.charset ?? 'utf-8',
    at: first.acceptedWall,
    clockBelievable: clock.isBelievable(),
  })
}

/** Held where no way out takes it, parked where its way out is paused. */
function decide({ setup, parking }: JoiningParts, message: NewMessage): NewMessage {
  const reason = whyNoWay({ ...message, ...message.envelope }, setup().upstreams)
  if (reason !== undefined) return { ...message, held: { code: 'no-way-out', reason } }
  const parked = parking(message)
  return parked === undefined ? message : { ...message, parked }
}

const envelopeRecipient = ({ address, said, notify, orcpt }: DueMessage['recipients'][number]) => ({
  address,
  ...(said === undefined ? {} : { said }),
  ...(notify === undefined ? {} : { notify }),
  ...(orcpt === undefined ? {} : { orcpt }),
})

async function fragmentOf(spool: Pick<Spool, 'fragment'>, id: MessageId | undefined): Promise<DueMessage> {
  const fragment = id && (await spool.fragment(id))
  if (!fragment || fragment.recipients.length === 0) throw new Error(`fragment ${id} waits no more`)
  return fragment
}

async function contentOf(spool: Pick<Spool, 'fragment' | 'content'>, id: MessageId) {
  const { index } = await fragmentOf(spool, id)
  const content = await spool.content(id)
  if (!content) throw new Error(`the content of fragment ${id} is gone`)
  return { content, headerEnd: index.headerEnd }
}
