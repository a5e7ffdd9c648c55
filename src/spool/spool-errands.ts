import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { DatabaseRefusal } from '../platform/database.ts'

/** What the process is told. */
export type SpoolErrand =
  /** A consistent copy of a spool that others go on using; what was deleted is not in it. */
  | { readonly kind: 'copy'; readonly file: string; readonly to: string }
  /** A copy that came out of a backup, or from an old box, is made this box's spool. */
  | {
      readonly kind: 'resettle'
      readonly file: string
      /** Where it comes from, for people: `the backup of 29 Nov 03:00 UTC`. */
      readonly origin: string
      /** `all`: whoever had it may have gone on sending; `uncertain`: nobody did, and what was not on the wire was not sent. */
      readonly hold: 'all' | 'uncertain'
      /** No number of a message up to this one is used again. */
      readonly numbersAbove: number
      /** Spools whose mail this box has gone on with: of one of these all is held, whatever `hold` says. */
      readonly takenBefore: readonly string[]
    }
  /** What waits in a spool that nobody uses. */
  | { readonly kind: 'look'; readonly file: string }

export type SpoolErrandAnswer =
  | { readonly kind: 'copied' }
  | {
      readonly kind: 'resettled'
      /** Deliveries that wait for a person now. */
      readonly held: number
      /** Deliveries that go on by themselves. */
      readonly goingOn: number
      /** It is one of `takenBefore`. */
      readonly wasTakenBefore: boolean
    }
  | {
      readonly kind: 'seen'
      readonly open: number
      readonly lastNumber: number
      /** Spools whose mail this one has gone on with, the latest first. */
      readonly cameFrom: readonly string[]
    }
  | { readonly kind: 'refused'; readonly refusal: DatabaseRefusal['kind']; readonly detail: string }

/** As the sources or the build have it: both lie beside this file. */
const program = fileURLToPath(
  new URL(`./spool-errand-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
)

/**
 * Does what keeps a database busy for seconds in a process of its own, at low priority: mail goes on meanwhile, and when
 * the signal aborts the process is killed, which no thread in the middle of SQLite could be. Rejects with what went wrong.
 */
export async function runSpoolErrand(errand: SpoolErrand, signal?: AbortSignal): Promise<SpoolErrandAnswer> {
  signal?.throwIfAborted()
  const child = spawn(process.execPath, ['--no-warnings', program], { env: {}, stdio: 'pipe' })
  const kill = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  try {
    const closed = once(child, 'close')
    const [written, trouble] = [text(child.stdout), text(child.stderr)]
    // A process that is gone before it has read its errand is told by its status.
    child.stdin.on('error', () => undefined).end(JSON.stringify(errand))
    const [status] = await closed
    signal?.throwIfAborted()
    if (status !== 0) throw new Error(`spool, ${errand.kind}: ${await trouble}`)
    return JSON.parse(await written)
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}
