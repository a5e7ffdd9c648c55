import { createReadStream } from 'node:fs'
import type { OutgoingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BackupTargetSetup } from '../../../core/setup.ts'
import { minute, second } from '../../../core/time.ts'
import { build } from '../../../platform/build.ts'
import { httpsAgent, loadTrust } from '../../../upstream/trust.ts'
import { failed, type Parcel, secretOf, type Target, type TargetAnswer, type TargetWorld } from './target.ts'

/** In silence. */
const idleMs = 30 * second
const longestMs = 30 * minute

interface Ask {
  readonly method: 'PUT' | 'DELETE'
  readonly name: string
  readonly parcel?: Parcel
  readonly signal: AbortSignal
}

/** PUT and DELETE below an address. Redirects are not followed: where they lead nobody has chosen. */
export function httpsTarget(setup: BackupTargetSetup, world: TargetWorld): Target {
  const ask = async (what: Ask): Promise<number | TargetAnswer> => {
    const secret = secretOf(setup, world)
    if (typeof secret !== 'string') return secret
    const trust = loadTrust(setup.caFile)
    if (trust.kind === 'unreadable') return failed(`ca_file: ${trust.detail}`)
    const agent = httpsAgent(trust.context, world.proxy)
    try {
      return await statusOf(setup, secret, agent, what)
    } catch (error) {
      what.signal.throwIfAborted()
      return failed(sentenceOf(error, setup))
    } finally {
      agent.destroy()
    }
  }
  return {
    put: async (parcel, signal) => judged(await ask({ method: 'PUT', name: parcel.name, parcel, signal })),
    remove: async (name, signal) => {
      const answer = await ask({ method: 'DELETE', name, signal })
      return answer === 404 ? { kind: 'done' } : judged(answer)
    },
  }
}

async function statusOf(
  setup: BackupTargetSetup,
  secret: string,
  agent: ReturnType<typeof httpsAgent>,
  { method, name, parcel, signal }: Ask,
): Promise<number> {
  // The bundle's node:https has a default export alone (tools/build.ts).
  const { request } = (await import('node:https')).default
  const url = `${setup.url}/${encodeURIComponent(name)}${setup.auth === 'sas' ? `?${secret.replace(/^\?/, '')}` : ''}`
  return new Promise((resolve, reject) => {
    const asking = request(url, {
      method,
      agent,
      headers: headersOf(setup, secret, parcel),
      signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
    })
    asking.setTimeout(idleMs, () => asking.destroy(new Error(`it is silent for ${idleMs / second} s`)))
    asking.once('error', reject)
    let sent = 0
    asking.once('response', (response) => {
      const { statusCode = 0 } = response
      response.destroy()
      // A refusal may come before the end, and ends the sending; what is said to be taken has to have been sent.
      if (isTaken(statusCode) && sent < (parcel?.octets ?? 0))
        reject(new Error(`it answered ${statusCode} before everything was sent`))
      else resolve(statusCode)
    })
    const pieces = async function* (file: string) {
      for await (const piece of createReadStream(file)) {
        sent += piece.length
        yield piece
      }
    }
    if (parcel) pipeline(pieces(join(parcel.folder, parcel.file)), asking).catch(reject)
    else asking.end()
  })
}

function headersOf(
  setup: BackupTargetSetup,
  secret: string,
  parcel: Parcel | undefined,
): OutgoingHttpHeaders {
  return {
    'user-agent': `inkpost/${build.version}`,
    connection: 'close',
    ...(parcel && { 'content-type': 'application/octet-stream', 'content-length': parcel.octets }),
    // Azure's blobs come in kinds; others pass the header over.
    ...(parcel && setup.auth === 'sas' && { 'x-ms-blob-type': 'BlockBlob' }),
    ...authorization(setup, secret),
  }
}

function authorization({ auth, username }: BackupTargetSetup, secret: string): OutgoingHttpHeaders {
  switch (auth) {
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}` }
    case 'bearer':
      return { authorization: `Bearer ${secret}` }
    case 'none':
    case 'sas':
      return {}
  }
}

const isTaken = (status: number): boolean => status >= 200 && status < 300

function judged(status: number | TargetAnswer): TargetAnswer {
  if (typeof status !== 'number') return status
  if (isTaken(status)) return { kind: 'done' }
  return failed(`it answered ${status}${hintOf(status)}`)
}

function hintOf(status: number): string {
  if (status >= 300 && status < 400) return ': it sends elsewhere, set url to where it leads'
  if (status === 401 || status === 403) return ': its secret is wrong or has ended, or may not write there'
  if (status === 404 || status === 409) return ': make the folder there, or set url right'
  if (status === 413 || status === 507) return ': there is no room'
  return ''
}

/** Without the query, which may be the secret. */
function sentenceOf(error: unknown, { url }: BackupTargetSetup): string {
  const { origin } = new URL(url)
  if (!(error instanceof Error)) return `${origin}: ${String(error)}`
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
  return `${origin}: ${error.message.replaceAll(/\?\S*/g, '')}${code}`
}
