import type { PipelineResponse } from '@azure/core-rest-pipeline'
import type { WallMs } from '../core/time.ts'
import { errorOf, textOf } from './error-body.ts'
import { retryAfterMs } from './retry-after.ts'

/** What the service said, copied: the libraries' errors hold the whole request and are dropped. */
export interface AcsReply {
  readonly status: number
  /** `error.code` of the body, or the header `x-ms-error-code`; empty for a proxy's page. */
  readonly code: string
  readonly message: string
  /** What the service complains of, where it says so. */
  readonly target: string
  readonly retryAfterMs: number | undefined
  /** The service's own time, ms since 1970, to the second. */
  readonly date: number | undefined
}

export function acsReplyOf(response: PipelineResponse, now: WallMs): AcsReply {
  const error = errorOf(response.bodyAsText ?? '')
  const date = Date.parse(response.headers.get('date') ?? '')
  return {
    status: response.status,
    code: textOf(error['code']) || (response.headers.get('x-ms-error-code') ?? ''),
    message: textOf(error['message']) || `HTTP ${response.status}`,
    target: textOf(error['target']),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), now),
    date: Number.isNaN(date) ? undefined : date,
  }
}
