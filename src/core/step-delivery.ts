import { unreachable } from './brand.ts'
import type { DeliveryState, Outcome } from './outcome.ts'
import { retryWait } from './retry-schedule.ts'
import type { DueRecipient, Lifetime } from './spool.ts'
import { day, hour, minute, type WallMs, wallMs } from './time.ts'

export interface StepContext {
  readonly now: WallMs
  readonly upstream: string
  readonly canAsk: boolean
  readonly queueLifetimeMs: number
  readonly acceptedWall: WallMs
  /** In [0, 1). */
  readonly random: number
  /** Another way out is left that has not refused this recipient. */
  readonly hasOtherWay: boolean
  /**
   * An earlier send of the same part may have been taken. Nothing but a final answer ends the doubt, and nothing makes it
   * change the way out (promise 4).
   */
  readonly isUncertain: boolean
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

type Delivery = Pick<DueRecipient, 'attempts' | 'lifetime' | 'refusedBy'>
type Base = Omit<Step, 'state' | 'code' | 'reason'>

/** No waiting for a way out is longer than this, whatever the lifetime still has. */
export const longestWaitMs = 30 * day
/** Mail that seems older was accepted by a clock that knew no date. */
const oldestBelievableMs = 365 * day
/** What waits for a way out is looked at again at least this often, for its longest wait. */
export const reviewMs = 6 * hour
/** A service that deduplicates by operation id may answer a fast repeat wrongly (azure-sdk-for-net#50889). */
export const shortestRepeatMs = 61_000
/** An uncertain delivery is asked for this long after the connection broke: the service may still be at it. */
export const firstAskMs = 10_000
/** Mail that was told to come back at one time comes back spread over this share of it. */
const spreadShare = 0.2

/** Milliseconds of its lifetime that a delivery has used. */
export const lifetimeUsed = (lifetime: Lifetime, now: WallMs): number =>
  lifetime.countedMs + (lifetime.since === undefined ? 0 : Math.max(0, now - lifetime.since))

export const stopCounting = (lifetime: Lifetime, now: WallMs): Lifetime => ({
  countedMs: lifetimeUsed(lifetime, now),
  since: undefined,
})

const keepCounting = (lifetime: Lifetime, now: WallMs): Lifetime => ({
  countedMs: lifetime.countedMs,
  since: lifetime.since ?? now,
})

/** One name for what a delivery waits for: an upstream, or one sender on it. */
export const waitingKey = (upstream: string, sender: string | undefined): string =>
  sender === undefined ? upstream : `${upstream} <${sender}>`

/** What a waiting key names: names of upstreams may have blanks in them. */
export function waitingOn(key: string): { readonly upstream: string; readonly sender: string | undefined } {
  const found = /^(.*) <(.*@.*)>$/.exec(key)
  return { upstream: found?.[1] ?? key, sender: found?.[2] }
}

/**
 * The service was never heard: no connection, no name, no TLS. Drivers say so by codes that begin with `unreachable`, and
 * only while not one octet of the message can have been read: the message can't be the cause.
 */
export const isUnheard = (outcome: Outcome): boolean =>
  outcome.kind === 'transient' && outcome.code.startsWith('unreachable')

/** The one place where an outcome becomes a state. A new kind of outcome does not compile until it is decided here. */
export function stepDelivery(delivery: Delivery, outcome: Outcome, context: StepContext): Step {
  const base: Base = {
    dueAt: undefined,
    waitingFor: undefined,
    status: undefined,
    attempts: delivery.attempts,
    lifetime: delivery.lifetime,
    refusedBy: delivery.refusedBy,
  }
  const tried: Base = { ...base, attempts: delivery.attempts + 1 }
  switch (outcome.kind) {
    case 'accepted':
      return {
        ...tried,
        state: 'accepted',
        code: 'accepted',
        reason: outcome.detail ?? 'taken over by the service',
      }
    case 'confirmed':
      return { ...base, state: 'confirmed', code: 'confirmed', reason: 'the service reports success' }
    case 'transient':
      return outcome.elsewhere && mayGoElsewhere(context)
        ? goElsewhere(base, outcome, context)
        : retryOrExpire(tried, outcome, context)
    case 'permanent':
      return refuse(base, outcome, context)
    case 'throttled':
      return waitOrExpire(base, 'throttled', outcome.detail, context)
    case 'paused':
      return waitOrExpire(base, outcome.pause.code, outcome.pause.reason, context)
    case 'indeterminate':
      return askOrRepeat(tried, outcome, context)
    default:
      return unreachable(outcome)
  }
}

function refuse(base: Base, outcome: Extract<Outcome, { kind: 'permanent' }>, context: StepContext): Step {
  const { code, status, detail } = outcome
  if (outcome.elsewhere && mayGoElsewhere(context))
    return goElsewhere(base, { code, status, detail }, context)
  return { ...base, state: 'bounced', code, status, reason: detail, attempts: base.attempts + 1 }
}

const mayGoElsewhere = ({ hasOtherWay, isUncertain }: StepContext): boolean => hasOtherWay && !isUncertain

function goElsewhere(
  base: Base,
  { code, status, detail }: { readonly code: string; readonly status?: string; readonly detail: string },
  { upstream, now }: StepContext,
): Step {
  const refusedBy = [...base.refusedBy, upstream]
  return { ...base, state: 'queued', dueAt: now, code, status, reason: `${upstream}: ${detail}`, refusedBy }
}

/** The lifetime runs on while the service answers, and stands still while it is not there at all (promise 3). */
function retryOrExpire(
  tried: Base,
  outcome: Extract<Outcome, { kind: 'transient' }>,
  context: StepContext,
): Step {
  const { now, random } = context
  const least = Math.max(shortestRepeatMs, outcome.afterMs ?? 0) * (1 + spreadShare * random)
  const wait = Math.max(Math.round(least), retryWait(tried.attempts, random))
  const lifetime = isUnheard(outcome) ? stopCounting(tried.lifetime, now) : keepCounting(tried.lifetime, now)
  return expireIfTooOld(
    {
      ...tried,
      state: waitingState(context),
      dueAt: wallMs(now + wait),
      code: outcome.code,
      reason: outcome.detail,
      lifetime,
    },
    context,
  )
}

function waitOrExpire(base: Base, code: string, reason: string, context: StepContext): Step {
  const { now, upstream } = context
  return expireIfTooOld(
    {
      ...base,
      state: waitingState(context),
      dueAt: wallMs(now + reviewMs),
      waitingFor: upstream,
      code,
      reason,
      lifetime: stopCounting(base.lifetime, now),
    },
    context,
  )
}

const waitingState = (context: StepContext): DeliveryState =>
  context.isUncertain ? 'indeterminate' : 'deferred'

/** Where nobody can be asked it is sent again later, each time perhaps a copy more: that ends with the lifetime. */
function askOrRepeat(
  tried: Base,
  outcome: Extract<Outcome, { kind: 'indeterminate' }>,
  context: StepContext,
): Step {
  const { now, random } = context
  const step: Step = {
    ...tried,
    state: 'indeterminate',
    code: 'indeterminate',
    reason: outcome.detail,
    lifetime: keepCounting(tried.lifetime, now),
  }
  if (context.canAsk) return step
  const wait = Math.max(15 * minute, retryWait(tried.attempts, random))
  return expireIfTooOld({ ...step, dueAt: wallMs(now + wait) }, context)
}

/** RFC 3463 5.4.7: delivery time expired. */
export function expireIfTooOld(
  step: Step,
  context: Pick<StepContext, 'now' | 'queueLifetimeMs' | 'acceptedWall'>,
): Step {
  const age = context.now - context.acceptedWall
  const isSpent = lifetimeUsed(step.lifetime, context.now) >= context.queueLifetimeMs
  const isAncient = age >= longestWaitMs && age < oldestBelievableMs
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
