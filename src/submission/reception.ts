import type { LiveFile } from '../core/live.ts'
import type { Log } from '../core/log.ts'
import type { NewMessage } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import { type Reply, replies } from '../core/reply.ts'
import { findHeaderEnd } from '../message/header-end.ts'
import { noteStreamed } from '../platform/idle-memory.ts'
import { ContentDigest } from './content-digest.ts'
import type { DeviceNames } from './device-names.ts'
import type { DeviceRates } from './device-rate.ts'
import { Draft, type Origin } from './draft.ts'
import type { DataSink } from './edge/incoming-data.ts'
import type { Accepted, LostReplies } from './lost-replies.ts'
import type { Published, ReceivingParts, WayOut } from './parts.ts'
import type { Transaction } from './transaction.ts'

const longestHeader = 256 * 1024
/** Real mail has some ten to a hundred; each is looked at several times. */
const mostHeaderLines = 5000
const lineFeed = 0x0a
const carriageReturn = 0x0d
/** What is read and thrown away of a message that is too large, so that its 552 is heard. */
const drainedAbove = 100e6

export interface ReceptionParts {
  readonly submission: ReceivingParts
  readonly names: Pick<DeviceNames, 'write'>
  readonly rates: DeviceRates
  /** Mails an hour that leave without being paced. */
  readonly perHour: number
  readonly transaction: Transaction
  readonly origin: Origin
  /** Memory set aside for it. */
  readonly hold: Disposable
  readonly lostReplies: Pick<LostReplies, 'repeatedBy'>
  readonly note: (text: string) => void
  readonly refused: (reply: Reply) => void
  /** A 250 with this id is on its way, for one message or for the mail and the test that came as one. */
  readonly accepted: (id: MessageId, messages: readonly Accepted[], received: Received) => void
}

/** What is told of a mail to whoever watches. */
export interface Received {
  readonly octets: number
  /** Of a test mail alone. */
  readonly files: readonly LiveFile[] | undefined
}

type State =
  | { readonly kind: 'header'; readonly octets: Buffer; readonly resumeAt: number }
  | { readonly kind: 'body' }
  /** Nothing is kept; the rest is drained, then this is the reply. */
  | { readonly kind: 'refused'; readonly reply: Reply }

/** DATA on its way into the spool. The reply comes after the commit (promise 1); nothing is left of what is refused. */
export class MailReception implements DataSink {
  readonly #parts: ReceptionParts
  readonly #drafts: readonly Draft[]
  readonly #digest = new ContentDigest()
  #state: State = { kind: 'header', octets: Buffer.alloc(0), resumeAt: 0 }
  #octets = 0
  #files: readonly LiveFile[] | undefined

  constructor(parts: ReceptionParts) {
    const { submission, transaction, origin } = parts
    this.#parts = parts
    const kinds = [
      ...(transaction.recipients.length > 0 ? (['mail'] as const) : []),
      ...(transaction.testAddress === undefined ? [] : (['test'] as const)),
    ]
    this.#drafts = kinds.map((kind) => new Draft(submission, kind, transaction, origin))
  }

  /** False once so much came behind the limit that the reply is given without waiting for the end. */
  get isWorthHearing(): boolean {
    return this.#octets <= this.#limit() + drainedAbove
  }

  write(content: Buffer): Promise<void> | undefined {
    this.#octets += content.length
    // A mail of one piece comes with so many objects that V8 collects by itself.
    if (this.#octets > content.length) noteStreamed(content.length)
    if (this.#state.kind !== 'refused' && this.#octets > this.#limit()) this.#refuse(replies.tooLarge)
    if (this.#state.kind === 'refused') return undefined
    this.#digest.update(content)
    const written = this.#state.kind === 'body' ? this.#writeBody(content) : this.#writeHeader(content)
    return written?.catch((error: unknown) => this.#fail(error))
  }

  async finish(): Promise<Reply> {
    try {
      if (this.#state.kind === 'header') await this.#endHeader(this.#state.octets, this.#state.octets.length)
      if (this.#state.kind === 'refused') return this.#state.reply
      return await this.#publish()
    } catch (error) {
      this.#fail(error)
      return replies.spoolTrouble
    } finally {
      this.#parts.hold[Symbol.dispose]()
    }
  }

  abandon(): void {
    this.#drop()
    this.#parts.hold[Symbol.dispose]()
  }

  #limit(): number {
    return this.#parts.submission.setup().gateway.maxMessageSize
  }

  #writeHeader(content: Buffer): Promise<void> | undefined {
    if (this.#state.kind !== 'header') return undefined
    const octets = this.#state.octets.length > 0 ? Buffer.concat([this.#state.octets, content]) : content
    const found = findHeaderEnd(octets, { start: 0, resumeAt: this.#state.resumeAt, isComplete: false })
    if (found.kind === 'found') return this.#endHeader(octets, found.end)
    if (octets.length > longestHeader) {
      this.#parts.note('the header is longer than 256 KB')
      this.#refuse(replies.tooLarge)
      return undefined
    }
    this.#state = { kind: 'header', octets, resumeAt: found.resumeAt }
    return undefined
  }

  async #endHeader(octets: Buffer, end: number): Promise<void> {
    if (lineEnds(octets, end) > mostHeaderLines) {
      this.#parts.note(`the header has more than ${mostHeaderLines} lines`)
      this.#refuse(replies.tooLarge)
      return
    }
    this.#state = { kind: 'body' }
    for (const draft of this.#drafts) await draft.begin(octets.subarray(0, end))
    await this.#writeBody(octets.subarray(end))
  }

  #writeBody(content: Buffer): Promise<void> | undefined {
    const [only, ...others] = this.#drafts
    if (others.length === 0) return only?.write(content)
    return Promise.all(this.#drafts.map((draft) => draft.write(content))).then(() => undefined)
  }

  async #publish(): Promise<Reply> {
    const { submission, names, transaction } = this.#parts
    const contentSha256 = this.#digest.hex()
    const published: Accepted[] = []
    for (const draft of this.#drafts) {
      const message = await draft.complete(contentSha256)
      if (message.kind === 'test' && submission.live.isHeard)
        this.#files = await this.#filesOf(draft, message)
      const reply = await names.write(transaction.named, (device) =>
        this.#publishOne(draft, { ...message, device }),
      )
      if ('code' in reply) return this.#giveUp(reply, published)
      published.push({ id: reply.id, message: whatTells(message) })
    }
    return this.#accept(published)
  }

  async #filesOf(draft: Draft, { index }: NewMessage): Promise<readonly LiveFile[]> {
    const { setup, secrets } = this.#parts.submission
    const { filesOf } = await import('./test-files.ts')
    return filesOf(index, draft.content(), setup(), secrets)
  }

  /** What was published before stays published: its 250 is owed. */
  #giveUp(reply: Reply, published: readonly Accepted[]): Reply {
    if (published.length === 0) {
      this.#refuse(reply)
      return reply
    }
    this.#drop()
    return this.#accept(published)
  }

  #accept(published: readonly Accepted[]): Reply {
    const [first] = published
    if (first === undefined) throw new Error('a message without recipients')
    this.#parts.accepted(first.id, published, { octets: this.#octets, files: this.#files })
    return ok(first.id)
  }

  async #publishOne(draft: Draft, message: NewMessage): Promise<Reply | { readonly id: MessageId }> {
    const { submission, transaction, rates, perHour, note, lostReplies } = this.#parts
    for (const text of draft.notes()) note(text)
    const way = message.kind === 'test' ? anyWay : submission.wayOut(asJoined(message), transaction.device)
    if (way.kind === 'too-large') return replies.tooLargeForEveryWay
    if (way.kind === 'no-way') return replies.noWayOut
    const earlier = lostReplies.repeatedBy(message)
    if (earlier !== undefined) {
      note(`repeat of ${earlier}, whose reply was lost: not taken twice`)
      await draft.abandon()
      return { id: earlier }
    }
    // Counted before it is stored, so that mail handed in at the same time is paced one behind the other.
    const place = rates.take(transaction.named(), perHour)
    const { notBefore } = place
    const paced = notBefore === undefined ? parkedBy(message, way) : { ...message, notBefore }
    const publication = await publishedOr(() => place.giveBack(), draft.publish(paced))
    return this.#after(publication, paced)
  }

  #after(publication: Published, message: NewMessage): Reply | { readonly id: MessageId } {
    const { submission, note } = this.#parts
    switch (publication.kind) {
      case 'stored':
        logAccepted(submission.log, message, this.#octets)
        submission.onAccepted(message)
        return { id: message.id }
      case 'full':
        submission.log.write('warn', 'disk-full', { message: message.id })
        return replies.diskFull
      case 'no-place':
        return replies.tooMuchHeld
      case 'repeat':
        note(`fragment ${publication.of} once more: not taken twice`)
        return { id: publication.of }
      case 'too-large':
        return replies.tooLarge
      case 'too-many-sets':
        return replies.tooManySets
      case 'changed':
      case 'failed':
        submission.log.write('error', 'spool-failed', { message: message.id, detail: detailOf(publication) })
        return replies.spoolTrouble
    }
  }

  #refuse(reply: Reply): void {
    this.#parts.refused(reply)
    this.#state = { kind: 'refused', reply }
    this.#drop()
  }

  #fail(error: unknown): void {
    this.#parts.submission.log.write('error', 'reception-failed', { detail: String(error) })
    this.#refuse(replies.spoolTrouble)
  }

  #drop(): void {
    for (const draft of this.#drafts) {
      draft.abandon().catch((error: unknown) => {
        this.#parts.submission.log.write('error', 'abandon-failed', { detail: String(error) })
      })
    }
  }
}

/** What is not stored was never accepted: `undo` takes back what was done for it. */
async function publishedOr(undo: () => void, published: Promise<Published>): Promise<Published> {
  let isStored = false
  try {
    const publication = await published
    isStored = publication.kind === 'stored'
    return publication
  } finally {
    if (!isStored) undo()
  }
}

/** LF or CR, whichever there are more of: a header's lines end by either. */
function lineEnds(octets: Buffer, end: number): number {
  const counted = (octet: number): number => {
    let count = 0
    for (let at = octets.indexOf(octet); at >= 0 && at < end; at = octets.indexOf(octet, at + 1)) count++
    return count
  }
  return Math.max(counted(lineFeed), counted(carriageReturn))
}

/** Without its index: a session keeps it until its device goes on. */
const whatTells = ({
  kind,
  device,
  envelope,
  contentSha256,
  isIdentifiable,
  priority,
  acceptedMonotonic,
}: NewMessage): Accepted['message'] => ({
  kind,
  device,
  envelope,
  contentSha256,
  isIdentifiable,
  priority,
  acceptedMonotonic,
})

/** A fragment never leaves as one: what takes the whole is asked for. How large a request that makes shows when it is joined. */
function asJoined(message: NewMessage): NewMessage {
  if (message.collected === undefined) return message
  const fidelity = message.facts.fidelity.filter((flag) => flag !== 'partial')
  return { ...message, facts: { ...message.facts, acsSize: 0, fidelity } }
}

const detailOf = (publication: Published): string => ('detail' in publication ? publication.detail : '')

const anyWay = { kind: 'ok' } as const

const parkedBy = (message: NewMessage, way: Extract<WayOut, { kind: 'ok' }>): NewMessage =>
  way.parked === undefined ? message : { ...message, parked: way.parked }

const ok = (id: MessageId): Reply => ({ code: 250, status: '2.0.0', text: `Ok ${id}` })

function logAccepted(log: Log, message: NewMessage, octets: number): void {
  const { id, device, session, envelope, notBefore, index } = message
  const facts = { message: id, device, session, size: octets, recipients: envelope.recipients.length }
  if (message.kind === 'test') {
    const files = index.parts.flatMap((part) => part.fileName ?? [])
    log.write('info', 'test-accepted', { ...facts, types: index.parts.map((part) => part.type), files })
  } else {
    log.write('info', 'accepted', { ...facts, ...(notBefore === undefined ? {} : { pacedUntil: notBefore }) })
  }
}
