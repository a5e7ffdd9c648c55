import type { Outcome } from '../core/outcome.ts'
import { oneLine, paused } from './pause-reasons.ts'

/** What went wrong with a connection, in the runtime's words; the error object itself may hold the mail and is dropped. */
export interface NetworkTrouble {
  /** `ECONNRESET`, `ENOTFOUND`, `ERR_TLS_CERT_ALTNAME_INVALID` … or empty. */
  readonly code: string
  readonly message: string
}

/** OpenSSL's verdicts (node:tls, "X509 certificate error codes") and Node's own on the name. */
const certificateCodes =
  /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|CRL_)/

const unconnectedCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EPROTO',
])

export type ConnectionOutcome = Extract<Outcome, { kind: 'transient' | 'paused' }>

const isCertificateTrouble = (trouble: NetworkTrouble): boolean => certificateCodes.test(trouble.code)

/** Whether not one octet of a request can have been read by the service. */
export function isBeforeRequest(trouble: NetworkTrouble): boolean {
  return (
    isCertificateTrouble(trouble) ||
    unconnectedCodes.has(trouble.code) ||
    trouble.code.startsWith('ERR_SSL_') ||
    /^connect E|before secure TLS connection was established/.test(trouble.message)
  )
}

/** The outcome of a connection that failed before anything could be taken. */
export function connectionOutcome(trouble: NetworkTrouble): ConnectionOutcome {
  if (isCertificateTrouble(trouble)) return paused('upstream', 'certificate-not-trusted', trouble.message)
  return { kind: 'transient', code: codeName(trouble.code), detail: oneLine(trouble.message) }
}

/** `unreachable-…` says that the way out may be down for everybody: delivery counts these. Our own end does not count. */
function codeName(code: string): string {
  if (code === 'ABORTED') return 'aborted'
  return `unreachable-${code === '' ? 'network' : code.toLowerCase().replaceAll('_', '-')}`
}

/** Copies code and message of whatever was thrown, following `cause` and the attempts of an AggregateError. */
export function networkTroubleOf(error: unknown): NetworkTrouble {
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  const first = error instanceof AggregateError ? error.errors[0] : undefined
  const code = codeOf(error)
  if (code === '' && (first ?? error.cause) instanceof Error) return networkTroubleOf(first ?? error.cause)
  return { code, message: error.message || codeOf(error) || error.name }
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Why a signal ended the wait; undefined if it did not. The libraries' AbortError does not say who gave up, or why. */
export function abortTrouble(signal: AbortSignal): NetworkTrouble | undefined {
  if (!signal.aborted) return undefined
  const reason = networkTroubleOf(signal.reason)
  return {
    code: reason.message.startsWith('no end within') ? 'ETIMEDOUT' : 'ABORTED',
    message: reason.message,
  }
}
