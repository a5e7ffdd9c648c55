import type { Clock } from '../core/clock.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Outcome } from '../core/outcome.ts'
import { hour, minute } from '../core/time.ts'
import type { Consignment } from '../core/upstream.ts'
import { paused } from './pause-reasons.ts'

/** A server that relayed for us this long ago still counts as one that does. */
const grantHoldsMs = 24 * hour
/** So many mails denied, and none taken in between: no accident of single recipients. */
const mailsInARow = 3
const mostRemembered = 100
const asideMs = 10 * minute

interface Denial {
  times: number
  readonly recipients: ReadonlySet<string>
}

/**
 * Tells whose fault "relaying denied" is. Servers say it of one recipient and mean one of two things: we may not relay at
 * all (address, sign-in: ours, so it pauses and never bounces), or this recipient is none that they take (its own, so the
 * way out must not stand still for it). Mail to others that is taken *after* the denial proves the second. Until there is
 * a proof the recipient waits, or goes another way. In memory only: after a restart a denial is ours until something was taken.
 */
export class RelayRight {
  readonly #clock: Clock
  #grantedAt: number | undefined
  /** Since the last mail that was taken. */
  readonly #denied = new Map<MessageId, Denial>()
  /** Denied while others were taken. */
  readonly #theirs = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The outcomes with each `relaying-denied` as it is meant. */
  judge(
    { message, recipients }: Consignment,
    outcomes: ReadonlyMap<number, Outcome>,
  ): ReadonlyMap<number, Outcome> {
    const all = [...outcomes.values()]
    const denied = recipients.filter(({ number }) => isDenial(outcomes.get(number)))
    if (denied.length > 0) this.#note(message, new Set(denied.map(({ address }) => address)))
    if (all.some(({ kind }) => kind === 'accepted')) this.#grant()
    if (denied.length === 0) return outcomes
    const judged = denied.flatMap(({ number, address }): [number, Outcome][] => {
      const outcome = outcomes.get(number)
      return outcome ? [[number, this.#meaning(message, address, outcome)]] : []
    })
    return new Map([...outcomes, ...judged])
  }

  #note(message: MessageId, recipients: ReadonlySet<string>): void {
    const times = (this.#denied.get(message)?.times ?? 0) + 1
    if (times > 1 || this.#denied.size < mostRemembered) this.#denied.set(message, { times, recipients })
  }

  #grant(): void {
    this.#grantedAt = this.#clock.monotonic()
    for (const { recipients } of this.#denied.values()) for (const one of recipients) this.#theirs.add(one)
    this.#denied.clear()
    for (const one of this.#theirs) if (this.#theirs.size > mostRemembered) this.#theirs.delete(one)
  }

  #meaning(message: MessageId, address: string, outcome: Outcome): Outcome {
    if (outcome.kind !== 'permanent' && outcome.kind !== 'transient') return outcome
    if (this.#theirs.has(address)) return outcome
    const { detail } = outcome
    return this.#isOurs(message)
      ? paused('upstream', 'relaying-denied', detail)
      : { kind: 'transient', code: 'relaying-denied', detail, afterMs: asideMs, elsewhere: true }
  }

  #isOurs(message: MessageId): boolean {
    if (this.#denied.size >= mailsInARow) return true
    const isGranted =
      this.#grantedAt !== undefined && this.#clock.monotonic() - this.#grantedAt < grantHoldsMs
    if (isGranted) return false
    // The first mail after a pause goes alone: each second time a lone one steps aside, and another can bring the proof.
    const times = this.#denied.get(message)?.times ?? 1
    return this.#denied.size > 1 || times % 2 === 1
  }
}

const isDenial = (outcome: Outcome | undefined): boolean =>
  (outcome?.kind === 'permanent' || outcome?.kind === 'transient') && outcome.code === 'relaying-denied'
