import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isAnswered } from '../console/control-socket.ts'
import { second } from '../core/time.ts'
import { lockFile } from '../platform/database-lock.ts'
import { errorCode } from '../platform/durable-file.ts'
import { StartRefused } from './boot.ts'
import { finishErasure } from './erasure.ts'

/** A command holds the lock for some hundred ms, on a slow card for a second; some may stand in line. */
const longestWaitMs = 8 * second
const lookAgainMs = 50

/** Whether a gateway ever kept anything there. What this user may not look at counts: opening it says why not. */
export const hasData = (dataDir: string): boolean =>
  ['settings.db', 'spool.db', 'erasure'].some((name) => isThere(join(dataDir, name)))

function isThere(file: string): boolean {
  try {
    statSync(file)
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return code !== 'ENOENT' && code !== 'ENOTDIR'
  }
}

/**
 * Makes the data directory, closes it to other users (0700, its databases 0600, and whatever this process makes from now
 * on) and holds its lock for this process' life. Refuses with a sentence; another command's end is waited for, `waitMs` at
 * most.
 */
export async function takeDirectory(dataDir: string, waitMs = longestWaitMs): Promise<Disposable> {
  // SQLite makes its files by the umask alone.
  process.umask(0o077)
  try {
    makeDirectory(dataDir)
    closeToOthers(dataDir)
  } catch (cause) {
    if (cause instanceof StartRefused) throw cause
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new StartRefused(`${dataDir} can't be made a directory for this user alone: ${detail}`, {
      cause,
      isStorage: true,
    })
  }
  const lock = await lockDirectory(dataDir, waitMs)
  // What a power cut broke off goes on before anything in here is opened.
  await finishErasure(dataDir)
  return lock
}

/** Parents first. Not Node's own recursion: it never ends below /proc, where making fails though the parent is there. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeDirectory(parent)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process was faster.
    if (!existsSync(path)) throw error
  }
}

const sticky = 0o1000

function closeToOthers(dataDir: string): void {
  const about = statSync(dataDir)
  if (!about.isDirectory()) throw new StartRefused(`${dataDir} is not a directory`, { isStorage: true })
  if ((about.mode & sticky) !== 0)
    throw new StartRefused(`${dataDir} is shared by everybody: choose a --data directory of its own`)
  close(dataDir, 0o700)
  for (const name of readdirSync(dataDir)) {
    if (/\.db(-wal|-shm)?$/.test(name)) close(join(dataDir, name), 0o600)
  }
}

/** What is closed already is left alone: it may belong to somebody else, who made it so for us. */
function close(path: string, mode: number): void {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, mode)
}

async function lockDirectory(dataDir: string, waitMs: number): Promise<Disposable> {
  const end = performance.now() + waitMs
  for (;;) {
    const locking = lockFile(join(dataDir, 'lock'))
    if (locking.kind === 'locked') return locking.lock
    if (locking.kind === 'unusable')
      throw new StartRefused(`${dataDir} can't be used: ${locking.detail}`, { isStorage: true })
    if (await isAnswered(join(dataDir, 'control.sock')))
      throw new StartRefused(`another gateway is running on ${dataDir}`)
    if (performance.now() >= end)
      throw new StartRefused(
        `another inkpost is at work on ${dataDir}, a command or a gateway that starts or stops: try again when it has ended`,
      )
    await pause(lookAgainMs)
  }
}
