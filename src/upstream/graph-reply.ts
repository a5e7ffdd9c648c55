import type { IncomingHttpHeaders } from 'node:http'
import { errorOf, textOf } from './error-body.ts'
import { retryAfterMs } from './retry-after.ts'

/** What Microsoft Graph said (learn.microsoft.com/graph/errors). */
export interface GraphReply {
  readonly status: number
  /** `error.code`; empty for a proxy's page. */
  readonly code: string
  readonly message: string
  readonly retryAfterMs: number | undefined
  /** Continuous access evaluation: what the service wants of a new token, as JSON. */
  readonly claims: string | undefined
  /** The name of this answer at Microsoft's support; empty if it is none of Graph's. */
  readonly requestId: string
}

/** `now`: milliseconds since 1970, for a Retry-After that is a date. */
export function graphReplyOf(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
  now: number,
): GraphReply {
  const error = errorOf(body)
  return {
    status,
    code: textOf(error['code']),
    message: textOf(error['message']) || `HTTP ${status}`,
    retryAfterMs: retryAfterMs(headers['retry-after'], now),
    claims: claimsOf(headers['www-authenticate'] ?? ''),
    requestId: textOf(headers['request-id']),
  }
}

/** learn.microsoft.com/entra/identity-platform/claims-challenge: the claims are base64, sometimes without padding. */
function claimsOf(challenge: string): string | undefined {
  if (!/\berror="insufficient_claims"/.test(challenge)) return undefined
  const [, encoded] = /\bclaims="([A-Za-z0-9+/_=-]+)"/.exec(challenge) ?? []
  const claims = Buffer.from(encoded ?? '', 'base64').toString()
  return isJson(claims) ? claims : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
