import { unreachable } from './brand.ts'
import type { DeliveryState, Outcome } from './outcome.ts'
import { retryWait } from './retry-schedule.ts'
import type { DueRecipient, Lifetime } from './spool.ts'
import { day, minute, type WallMs, wallMs } from './time.ts'

export interface StepContext {
  readonly now: WallMs
  readonly upstream: string
  readonly canAsk: boolean
  readonly canConfirm: boolean
  readonly queueLifetimeMs: number
  readonly acceptedWall: WallMs
  /** In [0, 1). */
  readonly random: number
  /** Another way out is left that has not refused this recipient. */
  readonly hasOtherWay: boolean
}

/** What becomes of a delivery. `waitingFor` names the upstream (or upstream and sender) whose recovery makes it due. */
export interface Step {
  readonly state: DeliveryState
  readonly dueAt: WallMs | undefined
  readonly waitingFor: string | undefined
  readonly code: string
  readonly reason: string
  readonly status: string | undefined
  readonly attempts: number
  readonly lifetime: Lifetime
  readonly refusedBy: readonly string[]
}

/** No waiting for a way out is longer than this, whatever the lifetime still has. */
export const longestWaitMs = 30 * day
/** A service that deduplicates by operation id may answer a fast repeat wrongly (azure-sdk-for-net#50889). */
export const shortestRepeatMs = 61_000
/** An uncertain delivery is asked for this long after the connection broke: the service may still be at it. */
export const firstAskMs = 10_000

/** Milliseconds of its lifetime that a delivery has used. */
export const lifetimeUsed = (lifetime: Lifetime, now: WallMs): number =>
  lifetime.countedMs + (lifetime.since === undefined ? 0 : Math.max(0, now - lifetime.since))

export const stopCounting = (lifetime: Lifetime, now: WallMs): Lifetime => ({
  countedMs: lifetimeUsed(lifetime, now),
  since: undefined,
})

/** One name for what a delivery waits for: an upstream, or one sender on it. */
export const waitingKey = (upstream: string, sender: string | undefined): string =>
  sender === undefined ? upstream : `${upstream} ${sender}`

/** The one place where an outcome becomes a state. A new kind of outcome does not compile until it is decided here. */
export function stepDelivery(
  delivery: Pick<DueRecipient, 'attempts' | 'lifetime' | 'refusedBy'>,
  outcome: Outcome,
  context: StepContext,
): Step {
  const { now, upstream } = context
  const base = {
    dueAt: undefined,
    waitingFor: undefined,
    status: undefined,
    attempts: delivery.attempts,
    lifetime: delivery.lifetime,
    refusedBy: delivery.refusedBy,
  }
  switch (outcome.kind) {
    case 'accepted':
      return {
        ...base,
        state: 'accepted',
        code: 'accepted',
        reason: outcome.detail ?? 'taken over by the service',
        attempts: delivery.attempts + 1,
      }
    case 'confirmed':
      return { ...base, state: 'confirmed', code: 'confirmed', reason: 'the service reports success' }
    case 'transient':
      return deferOrExpire({ ...base, attempts: delivery.attempts + 1 }, outcome, context)
    case 'permanent':
      if (outcome.elsewhere && context.hasOtherWay) {
        return {
          ...base,
          state: 'queued',
          dueAt: now,
          code: outcome.code,
          reason: `${upstream}: ${outcome.detail}`,
          status: outcome.status,
          refusedBy: [...delivery.refusedBy, upstream],
        }
      }
      return {
        ...base,
        state: 'bounced',
        code: outcome.code,
        reason: outcome.detail,
        status: outcome.status,
        attempts: delivery.attempts + 1,
      }
    case 'throttled':
      return expireIfTooOld(
        {
          ...base,
          state: 'deferred',
          waitingFor: upstream,
          code: 'throttled',
          reason: outcome.detail,
          lifetime: stopCounting(delivery.lifetime, now),
        },
        context,
      )
    case 'paused':
      return expireIfTooOld(
        {
          ...base,
          state: 'deferred',
          waitingFor: upstream,
          code: outcome.pause.code,
          reason: outcome.pause.reason,
          lifetime: stopCounting(delivery.lifetime, now),
        },
        context,
      )
    case 'indeterminate':
      return {
        ...base,
        state: 'indeterminate',
        code: 'indeterminate',
        reason: outcome.detail,
        attempts: delivery.attempts + 1,
        dueAt: context.canAsk
          ? undefined
          : wallMs(now + Math.max(15 * minute, retryWait(delivery.attempts + 1, context.random))),
      }
    default:
      return unreachable(outcome)
  }
}

function deferOrExpire(
  base: Omit<Step, 'state' | 'code' | 'reason'>,
  outcome: Extract<Outcome, { kind: 'transient' }>,
  context: StepContext,
): Step {
  const wait = Math.max(shortestRepeatMs, outcome.afterMs ?? 0, retryWait(base.attempts, context.random))
  return expireIfTooOld(
    {
      ...base,
      state: 'deferred',
      dueAt: wallMs(context.now + wait),
      code: outcome.code,
      reason: outcome.detail,
    },
    context,
  )
}

/** RFC 3463 5.4.7: delivery time expired. */
export function expireIfTooOld(
  step: Step,
  context: Pick<StepContext, 'now' | 'queueLifetimeMs' | 'acceptedWall'>,
): Step {
  const isSpent = lifetimeUsed(step.lifetime, context.now) >= context.queueLifetimeMs
  const isAncient = context.now - context.acceptedWall >= longestWaitMs
  if (!isSpent && !isAncient) return step
  return {
    ...step,
    state: 'expired',
    dueAt: undefined,
    waitingFor: undefined,
    status: '5.4.7',
    reason: `gave up: ${step.reason}`,
  }
}
