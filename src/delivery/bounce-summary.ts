import type { Address } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Setup } from '../core/setup.ts'
import type { Spool } from '../core/spool.ts'
import { hour, type MonotonicMs } from '../core/time.ts'
import { plainOwnMail } from './own-letter.ts'

export interface BounceSummaryParts {
  readonly spool: Pick<Spool, 'takeId' | 'receive'>
  readonly clock: Clock
  readonly log: Log
  readonly setup: () => Setup
  readonly bootId: string
}

export interface UntoldBounce {
  readonly message: MessageId
  readonly recipient: Address
  readonly reason: string
}

interface Collected {
  readonly since: MonotonicMs
  readonly reader: Address
  readonly from: Address
  readonly bounces: UntoldBounce[]
  count: number
}

/** Lines of one summary; what is above is a number. */
const mostLines = 200

/** What was too much to report one by one: an hour of it in one mail for each device. In memory: a power cut loses it. */
export class BounceSummary {
  readonly #parts: BounceSummaryParts
  readonly #collected = new Map<string, Collected>()

  constructor(parts: BounceSummaryParts) {
    this.#parts = parts
  }

  collect(device: string, to: Pick<Collected, 'reader' | 'from'>, bounces: readonly UntoldBounce[]): void {
    const since = this.#parts.clock.monotonic()
    const collected = this.#collected.get(device) ?? { ...to, since, bounces: [], count: 0 }
    // What the disk refused comes again.
    const fresh = bounces.filter((bounce) => !collected.bounces.some((known) => isSame(known, bounce)))
    collected.bounces.push(...fresh.slice(0, mostLines - collected.bounces.length))
    collected.count += fresh.length
    this.#collected.set(device, collected)
  }

  /** Writes those whose hour is over; `all`: the others too. A disk that refuses is tried again by the next call. */
  async write(all = false): Promise<void> {
    const now = this.#parts.clock.monotonic()
    for (const [device, collected] of [...this.#collected]) {
      if (!all && now - collected.since < hour) continue
      this.#collected.delete(device)
      const trouble = await this.#publish(device, collected).catch(String)
      if (trouble === undefined) continue
      this.#parts.log.write('warn', 'bounce-summary-not-written', { device, detail: trouble })
      if (!this.#collected.has(device)) this.#collected.set(device, collected)
    }
  }

  async #publish(device: string, collected: Collected): Promise<string | undefined> {
    const { from, reader } = collected
    const own = await plainOwnMail(this.#parts, {
      from,
      to: reader,
      subject: `Not delivered: ${collected.count} more of ${device || 'the box'}`.slice(0, 200),
      text: textOf(device, collected),
      mark: 'report',
      ...(device === '' ? {} : { device }),
    })
    const reception = this.#parts.spool.receive(own.message.id)
    await reception.write(own.content)
    const publication = await reception.publish(own.message)
    return publication.kind === 'stored' ? undefined : publication.kind
  }
}

const isSame = (a: UntoldBounce, b: UntoldBounce): boolean =>
  a.message === b.message && a.recipient === b.recipient

function textOf(device: string, { bounces, count }: Collected): string {
  const lines = bounces.map(({ message, recipient, reason }) => `${message}  ${recipient}  ${reason}`)
  const rest = count - bounces.length
  return [
    `These mails of ${device || 'the box'} could not be delivered. There were too many to report one by one.`,
    '',
    ...lines,
    ...(rest > 0 ? [`... and ${rest} more: see \`inkpost queue --all\`.`] : []),
    '',
  ].join('\n')
}
