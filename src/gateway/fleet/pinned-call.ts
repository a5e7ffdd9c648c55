import { X509Certificate } from 'node:crypto'
import type { FleetBoxSetup } from '../../core/setup.ts'
import { answerOf, type HttpsAnswer } from './https-call.ts'

const mostOctets = 256 * 1024

/**
 * One question to another box: its own authority is the only one that vouches for it. The authority is fetched from the box
 * and compared with the fingerprint of the setup; the token goes out on a connection that it vouches for, never before.
 */
export async function askBox(
  box: Pick<FleetBoxSetup, 'address' | 'fingerprint'>,
  path: string,
  token: string,
  signal: AbortSignal,
): Promise<HttpsAnswer> {
  try {
    const ca = await authorityOf(box, signal)
    if (typeof ca !== 'string') return ca
    return await call(box.address, path, { authorization: `Bearer ${token}` }, ca, signal)
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) }
  }
}

async function authorityOf(
  { address, fingerprint }: Pick<FleetBoxSetup, 'address' | 'fingerprint'>,
  signal: AbortSignal,
): Promise<string | HttpsAnswer> {
  const answer = await call(address, '/ca.pem', {}, undefined, signal)
  if (answer.kind !== 'answer') return answer
  if (answer.status !== 200)
    return { kind: 'failed', detail: `it answered ${answer.status} to the question who it is` }
  const shown = new X509Certificate(answer.text)
  // Of a file with several, the first is compared: it alone vouches, never one that somebody put behind it.
  if (shown.fingerprint256 === fingerprint) return shown.toString()
  return { kind: 'failed', detail: `its authority is ${shown.fingerprint256}, not the one of the setup` }
}

/** Without `ca` nobody is believed: only what is public is asked then. The name is the box's own; who it is, the key says. */
async function call(
  address: string,
  path: string,
  headers: Record<string, string>,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<HttpsAnswer> {
  // The bundle's node:https has a default export alone (tools/build.ts).
  const { Agent } = (await import('node:https')).default
  const trust =
    ca === undefined ? { rejectUnauthorized: false } : { ca, checkServerIdentity: () => undefined }
  const agent = new Agent({ ...trust, minVersion: 'TLSv1.2', timeout: 10_000 })
  try {
    return await answerOf(
      { method: 'GET', url: `https://${address}${path}`, headers, mostOctets, signal },
      agent,
    )
  } finally {
    agent.destroy()
  }
}
