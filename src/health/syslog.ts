import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { ChannelAnswer } from '../core/alerts.ts'
import type { SyslogTarget } from '../core/syslog-target.ts'
import { second } from '../core/time.ts'
import { untilAborted } from '../core/until-aborted.ts'
import { datagram, framed } from './syslog-message.ts'

export interface SyslogCall {
  readonly target: SyslogTarget
  readonly messages: readonly Buffer[]
  /** Roots for tls; undefined: the runtime's. */
  readonly context: SecureContext | undefined
  readonly signal: AbortSignal
  /** The machine's name service, if absent. */
  readonly resolve?: (host: string) => Promise<LookupAddress>
}

const timeLimitMs = 10 * second

/** Hands messages to a syslog server over one connection; UDP answers nothing, and so does TCP beyond the handshake. Never rejects. */
export async function callSyslog(call: SyslogCall): Promise<ChannelAnswer> {
  const { transport, host, port } = call.target
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(timeLimitMs)])
  try {
    await (transport === 'udp' ? sendDatagrams(call, signal) : sendStream(call, signal))
    const word = transport === 'udp' ? 'sent to' : 'taken by'
    return { kind: 'told', detail: `${word} ${host} port ${port} over ${transport}` }
  } catch (error) {
    return { kind: 'failed', detail: `${host} port ${port} over ${transport}: ${sentenceOf(error)}` }
  }
}

async function sendDatagrams(
  { target: { host, port }, messages, resolve = lookup }: SyslogCall,
  signal: AbortSignal,
): Promise<void> {
  const { createSocket } = await import('node:dgram')
  // The machine's name service takes no signal, and may ask a dead server for half a minute.
  const { address, family } = await untilAborted(resolve(host), signal)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    for (const message of messages) await sendOne(socket, datagram(message), port, address)
  } finally {
    socket.close()
  }
}

const sendOne = (
  socket: import('node:dgram').Socket,
  octets: Buffer,
  port: number,
  address: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.send(octets, port, address, (error) => (error ? reject(error) : resolve()))
  })

/** Resolves when the server has closed its side after ours: what it had not read by then would have reset the connection. */
async function sendStream(call: SyslogCall, signal: AbortSignal): Promise<void> {
  const socket = await open(call)
  let abort = (): void => {}
  try {
    await new Promise<void>((resolve, reject) => {
      // One that took everything and keeps its side open has it all the same.
      abort = (): void => (socket.writableFinished ? resolve() : reject(signal.reason))
      signal.addEventListener('abort', abort, { once: true })
      socket.once('error', reject)
      socket.once('close', (hadError) => {
        if (!hadError) resolve()
      })
      socket.once(call.target.transport === 'tls' ? 'secureConnect' : 'connect', () =>
        socket.end(Buffer.concat(call.messages.map(framed))),
      )
      socket.resume()
    })
  } finally {
    signal.removeEventListener('abort', abort)
    socket.destroy()
  }
}

async function open({ target: { transport, host, port }, context }: SyslogCall): Promise<Socket> {
  if (transport !== 'tls') return connectTcp({ host, port, autoSelectFamily: true })
  const { connect } = await import('node:tls')
  return connect({
    host,
    port,
    minVersion: 'TLSv1.2',
    // NODE_TLS_REJECT_UNAUTHORIZED must not be able to switch this off.
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(context ? { secureContext: context } : {}),
  })
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return `no answer within ${timeLimitMs / second} s`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return error.message === '' ? code : error.message
}
