import { unreachable } from '../core/brand.ts'
import type { Clock } from '../core/clock.ts'
import type { MessageId } from '../core/message-id.ts'
import type { Outcome } from '../core/outcome.ts'
import { isUnheard } from '../core/step-delivery.ts'
import type { Lane } from './lane.ts'
import { clearPauseAlerts, outage, type PauseParts, pauseLane } from './pauses.ts'

export interface ConsequenceParts extends PauseParts {
  readonly clock: Clock
}

/** One attempt, or one answer to a question. */
export interface Experience {
  readonly sender: string | undefined
  readonly outcomes: readonly Outcome[]
  /** False for what could be told without a socket: then nobody was heard. */
  readonly wasOnTheWire: boolean
}

/**
 * The outcome as it is after all: one failure without an answer too many is no longer this mail's bad luck, it is an outage
 * of the way out, and another may take the mail.
 */
export function orOutage(lane: Lane, message: MessageId, outcome: Outcome): Outcome {
  if (outcome.kind !== 'transient' || !isUnheard(outcome) || !lane.strike(message)) return outcome
  return { kind: 'paused', scope: 'upstream', pause: outage(outcome.detail) }
}

/** What the outcomes mean for everybody else's mail on this way out. */
export async function drawConsequences(
  lane: Lane,
  experience: Experience,
  parts: ConsequenceParts,
): Promise<void> {
  for (const outcome of distinct(experience.outcomes)) await drawOne(lane, outcome, experience, parts)
}

async function drawOne(
  lane: Lane,
  outcome: Outcome,
  { sender, wasOnTheWire }: Experience,
  parts: ConsequenceParts,
): Promise<void> {
  switch (outcome.kind) {
    case 'paused': {
      const paused = outcome.scope === 'sender' ? sender : undefined
      return pauseLane(lane, outcome.pause, paused, false, parts.clock.wall(), parts)
    }
    case 'throttled':
      return throttle(lane, outcome.afterMs, parts)
    case 'transient':
      if (wasOnTheWire && !isUnheard(outcome)) lane.heard()
      return
    case 'indeterminate':
      return
    case 'accepted':
    case 'confirmed':
    case 'permanent':
      if (wasOnTheWire) endTrouble(lane, sender, parts)
      return
    default:
      unreachable(outcome)
  }
}

/** The service answered in good order: what was said of it before no longer holds. */
export function endTrouble(lane: Lane, sender: string | undefined, parts: ConsequenceParts): void {
  lane.succeed()
  clearPauseAlerts(lane, sender, parts.alerts)
  if (!lane.isShared || lane.sends.rate(parts.clock.monotonic()) < 1) return
  lane.isShared = false
  parts.alerts.clear(sharedKey(lane.name))
}

function throttle(lane: Lane, afterMs: number, parts: ConsequenceParts): void {
  const { isForeign } = lane.throttle(afterMs, parts.clock.monotonic())
  parts.log.write('warn', 'upstream-throttled', { upstream: lane.name, afterMs, isForeign })
  if (!isForeign) return
  parts.alerts.raise({
    key: sharedKey(lane.name),
    severity: 'notice',
    sentence: `${lane.name} says 'too many' although this box is below its own share: someone else uses this subscription.`,
    remedy: 'Set quota or share of this upstream lower, or ask who else sends through it.',
  })
}

export const sharedKey = (upstream: string): string => `quota-shared/${upstream}`

const distinct = (outcomes: readonly Outcome[]): readonly Outcome[] => [
  ...new Map(outcomes.map((outcome) => [`${outcome.kind} ${isUnheard(outcome)}`, outcome])).values(),
]
