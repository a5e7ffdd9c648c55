// Entra's error replies: the OAuth `error` decides, the AADSTS number is a hint
// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
import { randomUUID } from 'node:crypto'
import { type Answer, jsonAnswer } from './http-answer.ts'

export interface EntraError {
  readonly status: number
  /** OAuth 2.0 (RFC 6749 section 5.2). */
  readonly error: string
  /** The number after AADSTS. */
  readonly number: number
  readonly text: string
}

/** Numbers used here and what the OAuth error and HTTP status are with them; everything else is invalid_client. */
const classes: ReadonlyMap<number, { status: number; error: string }> = new Map([
  [90002, { status: 400, error: 'invalid_request' }],
  [900144, { status: 400, error: 'invalid_request' }],
  [700016, { status: 400, error: 'unauthorized_client' }],
  [70003, { status: 400, error: 'unsupported_grant_type' }],
  [1002012, { status: 400, error: 'invalid_scope' }],
  [70011, { status: 400, error: 'invalid_scope' }],
  [500011, { status: 400, error: 'invalid_resource' }],
  [50196, { status: 429, error: 'temporarily_unavailable' }],
  [90033, { status: 503, error: 'temporarily_unavailable' }],
])

export function aadError(number: number, text: string): EntraError {
  return { number, text, ...(classes.get(number) ?? { status: 401, error: 'invalid_client' }) }
}

/** `timestamp` as Entra writes it: `2026-01-31 12:00:00Z`. */
export function entraErrorAnswer(
  error: EntraError,
  now: number,
  headers: Record<string, string> = {},
): Answer {
  const traceId = randomUUID()
  const correlationId = randomUUID()
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`
  const body = {
    error: error.error,
    error_description:
      `AADSTS${error.number}: ${error.text} Trace ID: ${traceId} ` +
      `Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [error.number],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${error.number}`,
  }
  return { ...jsonAnswer(error.status, body, headers), code: String(error.number) }
}
