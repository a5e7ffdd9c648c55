// An answer of the emulated service as a value, so that rules can be written and read without sockets.

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Sent as it is; JSON already in text form. */
  readonly body: string
  /** The service's own code, for the request log. */
  readonly code?: string
  readonly operationId?: string
}

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  }
}

export function htmlAnswer(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

/** An ACS error: `x-ms-error-code` and `{error:{code,message,…}}` with the fields seen in captured replies. */
export function acsError(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  const error = { code, message, target: null, details: null, innererror: null }
  return { ...jsonAnswer(status, { error }, { 'x-ms-error-code': code, ...headers }), code }
}

export const requestBodyTooLarge = acsError(413, 'RequestBodyTooLarge', 'The request body is too large.')
