import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Log } from '../core/log.ts'
import type { Operations } from '../core/operations.ts'
import { controlSite } from './api.ts'
import { type LiveStreams, noStreams } from './api-live.ts'
import { httpServer, type Opening, openServer } from './http-server.ts'

export interface ControlOptions {
  /** `control.sock` in the data directory. */
  readonly path: string
  readonly operations: Operations
  readonly log: Log
  /** What happens now; absent: nobody tells of it. */
  readonly live?: LiveStreams
  readonly signal?: AbortSignal
}

/** sun_path of unix(7) without its closing zero. */
const longestPath = 107

/**
 * The API on a Unix socket of mode 0600: whoever may open it is the box's own user. A socket that nobody answers on any
 * more is replaced; one that is answered, and anything that is no socket, is left alone and refused.
 */
export async function serveControl({
  path,
  operations,
  log,
  live = noStreams,
  signal,
}: ControlOptions): Promise<Opening> {
  if (Buffer.byteLength(path) > longestPath) {
    return { kind: 'refused', reason: `${path} is too long for a socket: choose a shorter data directory` }
  }
  const obstacle = await clearPlace(path)
  if (obstacle !== undefined) return { kind: 'refused', reason: obstacle }
  const server = httpServer(controlSite(operations, log, live))
  // bind(2) happens within listen(), so there is no moment at which the socket is open to others.
  const before = process.umask(0o177)
  const opening = openServer(server, { path }, signal)
  process.umask(before)
  return opening
}

/** Why the place can't be taken; undefined if it is free now. */
async function clearPlace(path: string): Promise<string | undefined> {
  const there = await lstat(path).catch(() => undefined)
  if (!there) return undefined
  if (!there.isSocket()) return `${path} is there and is no socket`
  if (await isAnswered(path)) return `another gateway answers on ${path}`
  await unlink(path).catch(() => undefined)
  return undefined
}

/** Whether a gateway is at work behind the socket. */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
