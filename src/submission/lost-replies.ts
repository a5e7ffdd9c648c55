import { hash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { comparableEnvelope } from '../core/envelope.ts'
import type { Log } from '../core/log.ts'
import type { NewMessage } from '../core/message.ts'
import type { MessageId } from '../core/message-id.ts'
import type { LostReply, Spool } from '../core/spool.ts'
import { type MonotonicMs, minute } from '../core/time.ts'

/** A device that heard no 250 sends the mail again within this time. */
export const repeatWithinMs = 15 * minute

/** What tells a repeat from other mail. */
type Handed = Pick<
  NewMessage,
  'kind' | 'device' | 'envelope' | 'contentSha256' | 'isIdentifiable' | 'priority' | 'acceptedMonotonic'
>

/** A message of which a 250 told, under the id that the 250 named: its own or that of the message it repeats. */
export interface Accepted {
  readonly id: MessageId
  readonly message: Handed
}

/**
 * Messages whose 250 may have been lost. Known in memory from the moment the connection breaks, because the repeat may
 * come sooner than the disk is written; the disk knows them for the next start.
 */
export class LostReplies {
  readonly #spool: Pick<Spool, 'markReplyLost' | 'markReplyHeard'>
  readonly #clock: Clock
  readonly #log: Log
  readonly #lost = new Map<string, { readonly id: MessageId; readonly at: MonotonicMs }>()

  /** `before`: those from before the start. */
  constructor(
    spool: Pick<Spool, 'markReplyLost' | 'markReplyHeard'>,
    clock: Clock,
    log: Log,
    before: readonly LostReply[],
  ) {
    this.#spool = spool
    this.#clock = clock
    this.#log = log
    for (const reply of before) this.#lost.set(nameOf(reply), { id: reply.id, at: clock.monotonic() })
  }

  mark({ id, message }: Accepted): void {
    this.#forgetOld()
    const name = nameOfHanded(message)
    if (name === undefined) return
    // Deleted first, so that the map stays about in the order of time.
    this.#lost.delete(name)
    this.#lost.set(name, { id, at: message.acceptedMonotonic })
    this.#written(id, this.#spool.markReplyLost(id))
  }

  /** Something followed the 250: the same mail once more is meant. */
  heard({ id, message }: Accepted): void {
    if (this.#lost.size === 0) return
    const name = nameOfHanded(message)
    if (name === undefined || this.#lost.get(name)?.id !== id) return
    this.#lost.delete(name)
    this.#written(id, this.#spool.markReplyHeard(id))
  }

  /** The message that this one repeats: same device, envelope and octets, accepted within 15 minutes, its 250 lost. */
  repeatedBy(message: Handed): MessageId | undefined {
    if (this.#lost.size === 0) return undefined
    const name = nameOfHanded(message)
    const lost = name === undefined ? undefined : this.#lost.get(name)
    return lost && this.#clock.monotonic() - lost.at < repeatWithinMs ? lost.id : undefined
  }

  /** A mail that a device repeats under its new name is that mail. */
  rename(names: ReadonlyMap<string, string>): void {
    const lost = [...this.#lost]
    this.#lost.clear()
    for (const [name, value] of lost) this.#lost.set(renamed(name, names), value)
  }

  #written(id: MessageId, written: Promise<void>): void {
    written.catch((error: unknown) => {
      this.#log.write('error', 'mark-reply-lost-failed', { message: id, detail: String(error) })
    })
  }

  #forgetOld(): void {
    const from = this.#clock.monotonic() - repeatWithinMs
    for (const [name, { at }] of this.#lost) {
      if (at > from) return
      this.#lost.delete(name)
    }
  }
}

/** Undefined: such mail is never a repeat. */
function nameOfHanded(message: Handed): string | undefined {
  const { device, kind, contentSha256, envelope } = message
  if (!message.isIdentifiable || message.priority === 'alarm' || device === undefined) return undefined
  return nameOf({ device, kind, contentSha256, envelopeSha256: hash('sha256', comparableEnvelope(envelope)) })
}

/** What stands before the device has no spaces in it. */
function renamed(name: string, names: ReadonlyMap<string, string>): string {
  const [, handed = '', device = ''] = /^(\S+ \S+ \S+ )(.*)$/s.exec(name) ?? []
  return `${handed}${names.get(device) ?? device}`
}

const nameOf = ({ contentSha256, envelopeSha256, kind, device }: Omit<LostReply, 'id'>): string =>
  `${contentSha256} ${envelopeSha256} ${kind} ${device}`
