import type { Agent } from 'node:https'
import { request as httpsRequest } from 'node:https'
import { abortTrouble, type NetworkTrouble, networkTroubleOf } from './network-trouble.ts'

export interface GraphCall {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** Empty: none is sent. */
  readonly token: string
  /** JSON; undefined: none. */
  readonly body?: object
  readonly agent: Agent
}

/** What one call showed on the wire. */
export type GraphCallAnswer =
  | {
      readonly kind: 'reply'
      readonly status: number
      readonly retryAfter: string | undefined
      readonly body: string
    }
  /** `isSent`: the service may have done what was asked. */
  | { readonly kind: 'trouble'; readonly trouble: NetworkTrouble; readonly isSent: boolean }

/** More of a reply is not read: what is asked for here has a few kilobytes. */
const largestReply = 262_144

/** One call with a small JSON body, without retry or redirect. Never rejects for trouble with the network. */
export async function callGraph(call: GraphCall, signal: AbortSignal): Promise<GraphCallAnswer> {
  const body = call.body === undefined ? '' : JSON.stringify(call.body)
  const request = httpsRequest(call.url, {
    method: call.method,
    agent: call.agent,
    signal,
    headers: {
      accept: 'application/json',
      ...(call.token !== '' && { authorization: `Bearer ${call.token}` }),
      ...(body !== '' && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  })
  let isSent = false
  request.once('finish', () => {
    isSent = true
  })
  try {
    const { promise, resolve, reject } = Promise.withResolvers<GraphCallAnswer>()
    request.on('error', reject)
    request.once('response', (response) => {
      const pieces: Buffer[] = []
      let size = 0
      response.on('data', (piece: Buffer) => {
        size += piece.length
        if (size > largestReply) response.destroy(new Error('the reply has no end'))
        else pieces.push(piece)
      })
      response.on('error', reject)
      response.once('end', () =>
        resolve({
          kind: 'reply',
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          body: Buffer.concat(pieces).toString(),
        }),
      )
    })
    request.end(body)
    return await promise
  } catch (error) {
    return { kind: 'trouble', trouble: abortTrouble(signal) ?? networkTroubleOf(error), isSent }
  }
}

/** An object out of a JSON text; empty for anything else, a proxy's page for one. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
