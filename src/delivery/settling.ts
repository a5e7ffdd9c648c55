import type { Clock } from '../core/clock.ts'
import type { LiveListener } from '../core/live.ts'
import type { Log } from '../core/log.ts'
import type { Outcome } from '../core/outcome.ts'
import { waysOut } from '../core/route.ts'
import type { Setup } from '../core/setup.ts'
import type { DueMessage, DueRecipient, Settlement, Spool } from '../core/spool.ts'
import { type Step, stepDelivery, waitingKey } from '../core/step-delivery.ts'
import { second, type WallMs } from '../core/time.ts'
import { type Stepped, together } from './changes.ts'
import { tellSteps } from './delivery-news.ts'
import type { Lane } from './lane.ts'
import { patienceMs } from './plan.ts'

export interface SettlingParts {
  readonly spool: Spool
  readonly clock: Clock
  readonly log: Log
  readonly live: LiveListener
  readonly setup: () => Setup
  readonly lanes: ReadonlyMap<string, Lane>
  /** In [0, 1). */
  readonly random: () => number
  readonly counters: DeliveryCounters
}

/** Counted since the start, for /metrics. */
export interface DeliveryCounters {
  readonly attempts: Map<string, number>
  /** Octets of a part handed to a socket again: each may be a second copy. */
  repeats: number
}

/** What the recipients of one part have in common while its outcomes become steps. */
export interface Occasion {
  readonly lane: Lane
  readonly message: DueMessage
  readonly sender: string | undefined
  readonly isUncertain: boolean
  readonly now: WallMs
}

const diskWaitMs = 5 * second

/** What becomes of every recipient; those that will be tried again stay together. */
export function stepsOf(
  answers: readonly { readonly recipient: DueRecipient; readonly outcome: Outcome }[],
  occasion: Occasion,
  parts: SettlingParts,
): readonly Stepped[] {
  const random = parts.random()
  return together(
    answers.map(({ recipient, outcome }) => ({
      recipient,
      outcome,
      step: stepOf(recipient, outcome, occasion, random, parts),
    })),
  )
}

function stepOf(
  recipient: DueRecipient,
  outcome: Outcome,
  { lane, message, sender, isUncertain, now }: Occasion,
  random: number,
  parts: SettlingParts,
): Step {
  const setup = parts.setup()
  const { ways } = waysOut(
    { ...message, recipient: recipient.address, refusedBy: recipient.refusedBy },
    setup.upstreams,
  )
  const hasOtherWay = ways.some((way) => way !== lane.name && parts.lanes.has(way))
  const step = stepDelivery(recipient, outcome, {
    now,
    upstream: lane.name,
    canAsk: lane.upstream.traits.canAsk,
    queueLifetimeMs: setup.gateway.queueLifetimeMs,
    acceptedWall: message.acceptedWall,
    random,
    hasOtherWay,
    isUncertain,
  })
  if (step.state === 'expired') return step
  // The settings changed while it was under way: nobody will say that this way out is usable again.
  const isWaitInVain = step.waitingFor !== undefined && !ways.includes(lane.name)
  // The next way out may take over; the lifetime runs on, for it is usable or will say that it is not.
  if (!isUncertain && (isWaitInVain || (isClosing(outcome) && hasOtherWay)))
    return { ...step, state: 'queued', dueAt: now, waitingFor: undefined, lifetime: recipient.lifetime }
  if (outcome.kind === 'paused' && outcome.scope === 'sender')
    return { ...step, waitingFor: waitingKey(lane.name, sender) }
  return step
}

/** This way is not to be used for longer than mail has patience. */
const isClosing = (outcome: Outcome): boolean =>
  outcome.kind === 'paused' || (outcome.kind === 'throttled' && outcome.afterMs > patienceMs)

/**
 * Writes a settlement, however long the disk refuses: what came of an attempt is known here alone. Gives up with the signal;
 * then the next start finds the part uncertain and asks.
 */
export async function settleSurely(
  settlement: Settlement,
  parts: SettlingParts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await parts.spool.settle(settlement)
    } catch (error) {
      if (signal.aborted) throw error
      parts.log.write('error', 'outcome-not-written', { detail: String(error) })
      await parts.clock.sleep(diskWaitMs, signal)
    }
  }
}

/** Tells the log, the counters and whoever watches. */
export function note(lane: Lane, message: DueMessage, steps: readonly Stepped[], parts: SettlingParts): void {
  const { log, counters, live, clock } = parts
  tellSteps(live, message, lane.name, steps, clock.wall())
  for (const { recipient, outcome, step } of steps) {
    const name = `${lane.name} ${outcome.kind}`
    counters.attempts.set(name, (counters.attempts.get(name) ?? 0) + 1)
    log.write(step.state === 'accepted' || step.state === 'confirmed' ? 'info' : 'warn', 'delivery', {
      message: `${message.id}/${recipient.number}`,
      upstream: lane.name,
      state: step.state,
      code: step.code,
      reason: step.reason,
    })
  }
}
