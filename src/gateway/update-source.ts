import type { IncomingMessage } from 'node:http'
import type { Agent } from 'node:https'
import { second } from '../core/time.ts'
import { build } from '../platform/build.ts'
import type { OpenedUrl, OpenUrl, UrlWish } from '../update/ports.ts'
import { httpsAgent, loadTrust } from '../upstream/trust.ts'

/** In silence. */
const idleMs = 60 * second

/** By HTTPS alone, with what the settings say at that time. */
export const openUrlWith =
  (world: () => { readonly caFile: string; readonly proxy: string }): OpenUrl =>
  async (wish) => {
    const { caFile, proxy } = world()
    const trust = loadTrust(caFile)
    if (trust.kind === 'unreadable') return failed(`ca_file: ${trust.detail}`, false)
    const agent = httpsAgent(trust.context, proxy)
    try {
      return judged(wish, await get(wish, agent), agent)
    } catch (error) {
      agent.destroy()
      wish.signal.throwIfAborted()
      return failed(sentenceOf(error, wish.url), true)
    }
  }

async function get({ url, offset, etag, signal }: UrlWish, agent: Agent): Promise<IncomingMessage> {
  // The bundle's node:https has a default export alone (tools/build.ts).
  const { request } = (await import('node:https')).default
  const range = offset > 0 && etag !== '' ? { range: `bytes=${offset}-`, 'if-range': etag } : {}
  const headers = { 'user-agent': `inkpost/${build.version}`, ...range }
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent, headers, signal })
    asking.setTimeout(idleMs, () => asking.destroy(new Error(`it is silent for ${idleMs / second} s`)))
    asking.once('error', reject)
    asking.once('response', resolve)
    asking.end()
  })
}

function judged({ url, offset }: UrlWish, response: IncomingMessage, agent: Agent): OpenedUrl {
  const { statusCode = 0, headers } = response
  const etag = strongTag(headers.etag)
  if (statusCode === 200)
    return {
      kind: 'open',
      offset: 0,
      octets: countOf(headers['content-length']),
      etag,
      body: bodyOf(response, agent),
    }
  const [, from, whole] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? []
  if (statusCode === 206 && Number(from) === offset)
    return { kind: 'open', offset, octets: countOf(whole), etag, body: bodyOf(response, agent) }
  response.destroy()
  agent.destroy()
  const mayPass = statusCode >= 500 || statusCode === 408 || statusCode === 429
  return failed(`${new URL(url).origin} answered ${statusCode}${hintOf(statusCode)}`, mayPass)
}

async function* bodyOf(response: IncomingMessage, agent: Agent): AsyncGenerator<Uint8Array> {
  try {
    yield* response
  } finally {
    response.destroy()
    agent.destroy()
  }
}

/** A weak one promises no octets (RFC 9110 section 8.8.1). */
const strongTag = (etag: string | undefined): string =>
  etag?.startsWith('"') === true && etag.length < 200 ? etag : ''

const countOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined

function hintOf(status: number): string {
  if (status >= 300 && status < 400) return ': it sends elsewhere, name the address to which it leads'
  return status === 404 ? ': nothing is there' : ''
}

function sentenceOf(error: unknown, url: string): string {
  const { origin } = new URL(url)
  if (!(error instanceof Error)) return `${origin}: ${String(error)}`
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return `${origin}: ${error.message}${code}`
}

const failed = (detail: string, mayPass: boolean): OpenedUrl => ({ kind: 'failed', detail, mayPass })
