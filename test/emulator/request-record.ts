// The log of requests that reached the emulated Azure.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** One request, entered as soon as its headers are read; the answer's fields are filled in later. */
export interface RequestRecord {
  /** Milliseconds since the epoch, emulator's clock. */
  readonly at: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly apiVersion: string | undefined
  /** As sent, lower case; after the answer also the one that ACS made. */
  operationId: string | undefined
  readonly clientRequestId: string | undefined
  /** Of the body, so far. */
  receivedBytes: number
  /** `undefined` while unanswered, and for ever when the connection was lost. */
  status: number | undefined
  /** `x-ms-error-code`, or the AADSTS number. */
  code: string | undefined
  /** Kind of the scripted fault that struck. */
  fault: string | undefined
}

export function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

export function recordOf(request: IncomingMessage, now: number): RequestRecord {
  const [path = '', query] = (request.url ?? '').split('?')
  return {
    at: now,
    method: request.method ?? '',
    path,
    apiVersion: new URLSearchParams(query).get('api-version') ?? undefined,
    operationId: headerText(request.headers, 'operation-id')?.toLowerCase(),
    clientRequestId: headerText(request.headers, 'x-ms-client-request-id'),
    receivedBytes: 0,
    status: undefined,
    code: undefined,
    fault: undefined,
  }
}
