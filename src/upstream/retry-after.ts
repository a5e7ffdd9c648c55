import { minute, second } from '../core/time.ts'

/** `Retry-After` (RFC 9110 section 10.2.3) in milliseconds, at most an hour; undefined if there is none. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header === '') return undefined
  const wait = /^\d+$/.test(header) ? Number(header) * second : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), 60 * minute)
}
