import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Agent } from 'node:https'
import { minute, second } from '../../core/time.ts'
import { build } from '../../platform/build.ts'
import { httpsAgent, loadTrust } from '../../upstream/trust.ts'

const idleMs = 30 * second
const longestMs = 5 * minute

export interface HttpsAsk {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: OutgoingHttpHeaders
  readonly body?: string
  /** Of an answer; one more octet ends it. */
  readonly mostOctets: number
  readonly signal: AbortSignal
}

export type HttpsAnswer =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly text: string
      readonly tag: string | undefined
    }
  | { readonly kind: 'too-large' }
  /** For an administrator; without the path, which may be a secret. */
  | { readonly kind: 'failed'; readonly detail: string }

/** One question by the trust and the proxy of the setup. Redirects are not followed: where they lead nobody has chosen. */
export async function callHttps(
  ask: HttpsAsk,
  { caFile, proxy }: { readonly caFile: string; readonly proxy: string },
): Promise<HttpsAnswer> {
  const trust = loadTrust(caFile)
  if (trust.kind === 'unreadable') return { kind: 'failed', detail: `ca_file: ${trust.detail}` }
  const agent = httpsAgent(trust.context, proxy)
  try {
    return await answerOf(ask, agent)
  } catch (error) {
    ask.signal.throwIfAborted()
    return { kind: 'failed', detail: sentenceOf(error, ask.url) }
  } finally {
    agent.destroy()
  }
}

export async function answerOf(ask: HttpsAsk, agent: Agent): Promise<HttpsAnswer> {
  // The bundle's node:https has a default export alone (tools/build.ts).
  const { request } = (await import('node:https')).default
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asking = request(ask.url, {
      method: ask.method,
      agent,
      headers: { 'user-agent': `inkpost/${build.version}`, connection: 'close', ...ask.headers },
      signal: AbortSignal.any([ask.signal, AbortSignal.timeout(longestMs)]),
    })
    asking.setTimeout(idleMs, () => asking.destroy(new Error(`it is silent for ${idleMs / second} s`)))
    asking.once('error', reject)
    asking.once('response', resolve)
    asking.end(ask.body)
  })
  const text = await textOf(response, ask.mostOctets)
  if (text === undefined) return { kind: 'too-large' }
  return { kind: 'answer', status: response.statusCode ?? 0, text, tag: response.headers.etag }
}

async function textOf(response: IncomingMessage, mostOctets: number): Promise<string | undefined> {
  const pieces: Buffer[] = []
  let octets = 0
  for await (const piece of response) {
    octets += piece.length
    if (octets > mostOctets) {
      response.destroy()
      return undefined
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}

function sentenceOf(error: unknown, url: string): string {
  const { origin } = new URL(url)
  if (!(error instanceof Error)) return `${origin}: ${String(error)}`
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return `${origin}: ${error.message}${code}`
}
