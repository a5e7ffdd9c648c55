import type { Agent } from 'node:http'
import type { ChannelAnswer } from '../core/alerts.ts'
import type { Clock } from '../core/clock.ts'
import { second } from '../core/time.ts'

export interface WebhookCall {
  readonly url: string
  readonly body: string
  /** Trust and proxy; undefined for http:// to a private address, which goes there directly. */
  readonly agent: Agent | undefined
  readonly userAgent: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

const timeLimitMs = 10 * second
/** Between the three tries. */
const waitsMs = [5 * second, 30 * second]

type Tried = { readonly answer: ChannelAnswer; readonly mayPass: boolean }

/** POSTs a document: three tries where the next one may do better. Redirects are not followed. Never rejects. */
export async function callWebhook(call: WebhookCall): Promise<ChannelAnswer> {
  let tried = await callOnce(call)
  for (const waitMs of waitsMs) {
    if (!tried.mayPass || call.signal.aborted) break
    await call.clock.sleep(waitMs, call.signal)
    if (!call.signal.aborted) tried = await callOnce(call)
  }
  return tried.answer
}

/** One try: for a test, which a person repeats. */
export const tryWebhook = async (call: WebhookCall): Promise<ChannelAnswer> => (await callOnce(call)).answer

async function callOnce(call: WebhookCall): Promise<Tried> {
  try {
    return judged(await post(call))
  } catch (error) {
    return { answer: { kind: 'failed', detail: sentenceOf(error, call.url) }, mayPass: true }
  }
}

function judged(status: number): Tried {
  if (status >= 200 && status < 300)
    return { answer: { kind: 'told', detail: `answered ${status}` }, mayPass: false }
  const hint =
    status >= 300 && status < 400 ? ': it sends elsewhere, set alerts.webhook to where it leads' : ''
  const mayPass = status >= 500 || status === 408 || status === 429
  return { answer: { kind: 'failed', detail: `answered ${status}${hint}` }, mayPass }
}

async function post({ url, body, agent, userAgent, signal }: WebhookCall): Promise<number> {
  const octets = Buffer.from(body)
  // The bundle's node:http has a default export alone (tools/build.ts).
  const { request } = (url.startsWith('https:') ? await import('node:https') : await import('node:http'))
    .default
  return new Promise((resolve, reject) => {
    const posting = request(url, {
      method: 'POST',
      ...(agent ? { agent } : {}),
      headers: {
        'content-type': 'application/json',
        'content-length': octets.length,
        'user-agent': userAgent,
        connection: 'close',
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)]),
    })
    posting.once('error', reject)
    posting.once('response', (response) => {
      // What it says is nothing to us, and may be without end.
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    posting.end(octets)
  })
}

/** The place without what may be a secret in its path. */
function sentenceOf(error: unknown, url: string): string {
  const { origin } = new URL(url)
  if (!(error instanceof Error)) return `${origin}: ${String(error)}`
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return `${origin} did not answer within ${timeLimitMs / second} s`
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return `${origin}: ${error.message.replaceAll(url, origin)}${code}`
}
