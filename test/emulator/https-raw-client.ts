// A bare HTTPS client for tests: it sends what it is told to and shows the whole answer.
import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'

export interface RawRequest {
  readonly method: string
  readonly pathAndQuery: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Whether the answer came before the request was sent whole. */
  readonly isEarly: boolean
}

export interface RawTarget {
  readonly port: number
  readonly caPem: string
}

/**
 * Resolves when the answer is read and the request sent whole; rejects with the socket's error when the connection
 * is lost. One connection for each request.
 */
export async function ask(target: RawTarget, raw: RawRequest, signal?: AbortSignal): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
  // A kept connection lets an upload run to its end after an early answer.
  const agent = new Agent({ keepAlive: true })
  const request = httpsRequest({
    host: 'localhost',
    port: target.port,
    ca: target.caPem,
    agent,
    method: raw.method,
    path: raw.pathAndQuery,
    headers: { ...raw.headers },
    ...(signal === undefined ? {} : { signal }),
  })
  request.once('error', reject)
  request.once('response', (response) => {
    const isEarly = !request.writableFinished
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.once('error', reject)
    response.once('end', () => {
      const text = Buffer.concat(chunks).toString()
      const answer = { status: response.statusCode ?? 0, headers: response.headers, text, isEarly }
      if (request.writableFinished) resolve(answer)
      else request.once('finish', () => resolve(answer))
    })
  })
  request.end(raw.body)
  return await promise.finally(() => agent.destroy())
}

/** `error.code` and `error.message` of an ACS error body; throws on any other body. */
export function acsErrorOf(answer: RawAnswer): { code: string; message: string } {
  const { error } = JSON.parse(answer.text)
  if (answer.headers['x-ms-error-code'] !== error.code)
    throw new Error('x-ms-error-code differs from the body')
  return { code: String(error.code), message: String(error.message) }
}

/** A token by client secret, for tests that are not about tokens; `resource` is the scope without `/.default`. */
export async function fetchToken(
  target: RawTarget,
  tenant: string,
  clientId: string,
  secret: string,
  resource = 'https://communication.azure.com',
): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
    scope: `${resource}/.default`,
  })
  const answer = await ask(target, {
    method: 'POST',
    pathAndQuery: `/${tenant}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })
  return String(JSON.parse(answer.text).access_token)
}
