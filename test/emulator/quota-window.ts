// Rolling minute and hour windows as ACS documents them: a try above the limit is refused, and refused
// tries count too (https://learn.microsoft.com/azure/communication-services/concepts/service-limits).

const minuteMs = 60_000
const hourMs = 3_600_000

export interface QuotaLimits {
  /** Tries in any 60 seconds. */
  readonly perMinute: number
  /** Tries in any 60 minutes. */
  readonly perHour: number
}

export type QuotaVerdict =
  | { readonly kind: 'admitted' }
  /** Whole seconds, at least 1, after which a try would be admitted if none is made before. */
  | { readonly kind: 'refused'; readonly retryAfterSeconds: number }

export interface QuotaWindow {
  /** Counts one try at `now` (ms) against limits that may change between calls. */
  take(limits: QuotaLimits, now: number): QuotaVerdict
}

/** How long until fewer than `limit` of the tries lie in the window; 0 when that is so already. */
function waitMs(tries: readonly number[], limit: number, windowMs: number, now: number): number {
  const inWindow = tries.filter((at) => at > now - windowMs)
  if (inWindow.length < limit) return 0
  if (limit <= 0) return windowMs
  const mustLeave = inWindow[inWindow.length - limit] ?? now
  return mustLeave + windowMs - now
}

export function createQuotaWindow(): QuotaWindow {
  let tries: number[] = []

  function take(limits: QuotaLimits, now: number): QuotaVerdict {
    tries = tries.filter((at) => at > now - hourMs)
    const isAdmitted =
      waitMs(tries, limits.perMinute, minuteMs, now) === 0 && waitMs(tries, limits.perHour, hourMs, now) === 0
    tries.push(now)
    if (isAdmitted) return { kind: 'admitted' }
    const untilFree = Math.max(
      waitMs(tries, limits.perMinute, minuteMs, now),
      waitMs(tries, limits.perHour, hourMs, now),
    )
    return { kind: 'refused', retryAfterSeconds: Math.max(1, Math.ceil(untilFree / 1000)) }
  }

  return { take }
}
