// What goes wrong between a client and Azure, scripted per request: a queue, first matching fault wins.
import { type Answer, acsError, htmlAnswer, requestBodyTooLarge } from './http-answer.ts'

/** The request is processed as usual (a mail is stored) before the fault shows. */
interface MayBeStored {
  readonly isStored?: boolean
}

export type FaultEffect =
  /** Processed, then the connection is reset without an answer. */
  | { readonly kind: 'reply-lost' }
  /** Connection reset once this many bytes of the upload have come (or all of it, if it is shorter). */
  | { readonly kind: 'reset-at'; readonly bytes: number }
  /** Never answers: having read nothing of the upload, all of it, or having stored the mail. */
  | { readonly kind: 'stall'; readonly after: 'headers' | 'upload' | 'storing' }
  /** Answers 413 after this many bytes (default 0) while the rest is still being uploaded. */
  | { readonly kind: 'early-413'; readonly bytes?: number }
  /** A proxy's page. */
  | ({ readonly kind: 'html-502' } & MayBeStored)
  | ({ readonly kind: 'status-500' } & MayBeStored)
  | ({ readonly kind: 'status-503'; readonly retryAfterSeconds?: number } & MayBeStored)
  /** 307 to another address. */
  | { readonly kind: 'redirect'; readonly location: string }
  /** 200 with a sign-in page. */
  | { readonly kind: 'captive-portal' }
  /** Continuous access evaluation: 401 asking for a new token. */
  | { readonly kind: 'claims-challenge' }
  | ({ readonly kind: 'answer'; readonly answer: Answer } & MayBeStored)

export interface FaultMatch {
  readonly method?: string
  /** Without the query: the whole path, or a pattern. */
  readonly path?: string | RegExp
  readonly operationId?: string
  /** How many requests it strikes; default 1. */
  readonly count?: number
  /** How many matching requests pass unharmed first; default 0. */
  readonly skip?: number
}

export type Fault = FaultEffect & FaultMatch

export interface FaultedRequest {
  readonly method: string
  readonly path: string
  readonly operationId: string | undefined
}

export interface FaultQueue {
  push(...faults: Fault[]): void
  clear(): void
  /** Faults that have not struck as often as they should. */
  readonly waiting: number
  take(request: FaultedRequest): FaultEffect | undefined
}

function isStruck(fault: Fault, request: FaultedRequest): boolean {
  if (fault.method !== undefined && fault.method !== request.method) return false
  if (fault.operationId !== undefined && fault.operationId !== request.operationId) return false
  if (fault.path === undefined) return true
  return typeof fault.path === 'string' ? fault.path === request.path : fault.path.test(request.path)
}

export function createFaultQueue(): FaultQueue {
  let queue: { readonly fault: Fault; skip: number; left: number }[] = []

  function push(...faults: Fault[]): void {
    queue.push(...faults.map((fault) => ({ fault, skip: fault.skip ?? 0, left: fault.count ?? 1 })))
  }

  function take(request: FaultedRequest): FaultEffect | undefined {
    const entry = queue.find((one) => isStruck(one.fault, request))
    if (entry === undefined) return undefined
    if (entry.skip > 0) {
      entry.skip -= 1
      return undefined
    }
    entry.left -= 1
    queue = queue.filter((one) => one.left > 0)
    return entry.fault
  }

  return {
    push,
    take,
    clear: () => {
      queue = []
    },
    get waiting() {
      return queue.length
    },
  }
}

const claims = Buffer.from(
  JSON.stringify({ access_token: { nbf: { essential: true, value: '1' } } }),
).toString('base64')

function claimsChallenge(): Answer {
  const challenge = `Bearer authorization_uri="https://localhost/", error="insufficient_claims", claims="${claims}"`
  return acsError(401, 'Unauthorized', 'Continuous access evaluation failed.', {
    'www-authenticate': challenge,
  })
}

/** What a fault that answers at all answers; `undefined` for those that lose the connection or stall. */
export function faultAnswer(fault: FaultEffect): Answer | undefined {
  switch (fault.kind) {
    case 'early-413':
      return requestBodyTooLarge
    case 'html-502':
      return htmlAnswer(
        502,
        '<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>',
      )
    case 'status-500':
      return acsError(500, 'InternalServerError', 'An internal error has occurred.')
    case 'status-503': {
      const seconds = fault.retryAfterSeconds
      const headers: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) }
      return acsError(503, 'ServiceUnavailable', 'The service is unavailable.', headers)
    }
    case 'redirect':
      return { status: 307, headers: { location: fault.location }, body: '' }
    case 'captive-portal':
      return htmlAnswer(
        200,
        '<html><body><form action="/login">Welcome to the guest network</form></body></html>',
      )
    case 'claims-challenge':
      return claimsChallenge()
    case 'answer':
      return fault.answer
    case 'reply-lost':
    case 'reset-at':
    case 'stall':
      return undefined
  }
}
