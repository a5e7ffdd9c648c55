import { minute } from '../core/time.ts'
import { type ConnectionOutcome, connectionOutcome, type NetworkTrouble } from './network-trouble.ts'
import { oneLine, type PauseCode, paused } from './pause-reasons.ts'

/** What the wire showed of a failed sign-in: MSAL's own errors lose it, so a policy below it takes it down. */
export type EntraSighting =
  | { readonly kind: 'network'; readonly trouble: NetworkTrouble }
  | {
      readonly kind: 'reply'
      readonly status: number
      /** OAuth 2.0 `error` (RFC 6749 section 5.2); empty if the reply is not Entra's. */
      readonly error: string
      readonly description: string
      readonly numbers: readonly number[]
      readonly retryAfterMs: number | undefined
    }
  /** Nothing went over the wire: the key or certificate could not even be used. */
  | { readonly kind: 'local'; readonly message: string }

export type SignInTrouble = ConnectionOutcome

/** AADSTS numbers choose the hint and nothing else: Microsoft warns that they change. */
const hints: ReadonlyMap<number, PauseCode> = new Map([
  [7000222, 'secret-expired'],
  [7000215, 'secret-wrong'],
  [700016, 'app-unknown'],
  [90002, 'tenant-wrong'],
  [900023, 'tenant-wrong'],
  [700027, 'certificate-not-registered'],
  [700024, 'clock-wrong'],
  [500011, 'resource-missing'],
  [53003, 'conditional-access'],
])

/** Errors that say 'this app, as it is configured, gets no token'. */
const refusals = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_request',
  'invalid_scope',
  'invalid_resource',
  'invalid_tenant',
  'invalid_grant',
  'access_denied',
  'unsupported_grant_type',
])

/** Classifies a failed sign-in at Entra by the OAuth error (https://learn.microsoft.com/entra/identity-platform/reference-error-codes). */
export function entraOutcome(sighting: EntraSighting): SignInTrouble {
  switch (sighting.kind) {
    case 'network':
      return connectionOutcome(sighting.trouble)
    case 'local':
      return paused('upstream', 'certificate-missing', sighting.message)
    case 'reply':
      return replyOutcome(sighting)
  }
}

function replyOutcome(reply: Extract<EntraSighting, { kind: 'reply' }>): SignInTrouble {
  const isPassing = reply.status >= 500 || reply.status === 429
  if (!isPassing && refusals.has(reply.error)) return paused('upstream', hintOf(reply), reply.description)
  return {
    kind: 'transient',
    code: reply.error === '' ? 'unreachable-entra-unreadable' : 'unreachable-entra',
    detail:
      reply.error === ''
        ? `The sign-in server answered ${reply.status} without an OAuth reply: a proxy or guest portal?`
        : oneLine(`${reply.error}: ${reply.description}`),
    afterMs: reply.retryAfterMs ?? (reply.status === 429 ? minute : 0),
  }
}

function hintOf({ numbers, description }: Extract<EntraSighting, { kind: 'reply' }>): PauseCode {
  const hint = numbers.map((number) => hints.get(number)).find((one) => one !== undefined) ?? 'entra-refused'
  // One number for both; only the text tells them apart.
  const isExpired = hint === 'certificate-not-registered' && /\bexpired\b/i.test(description)
  return isExpired ? 'certificate-expired' : hint
}
