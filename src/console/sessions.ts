import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { SessionStore, StoredSession } from '../core/console-session.ts'
import type { OperatorRole } from '../core/setup.ts'
import { day, hour, type MonotonicMs } from '../core/time.ts'

export interface SessionsWorld {
  readonly clock: Clock
  readonly store: SessionStore
  /** The present role of an operator; undefined: there is none of that name any more. */
  readonly roleOf: (operator: string) => OperatorRole | undefined
}

/** A session that holds now. */
export interface Session {
  readonly operator: string
  readonly role: OperatorRole
  readonly proof: string
  readonly leftMs: number
}

/** How long a session lasts, whatever is done in it, and how long without a request. */
const longestMs = 7 * day
const longestIdleMs = 12 * hour
/** What a crash may add to a session's life. Written seldom: the disk is flash. */
const saveEveryMs = 6 * hour
const mostSessions = 200

interface Held {
  readonly stored: StoredSession
  readonly endsAt: number
  usedAt: MonotonicMs
}

/**
 * Who is signed in. Kept on the box (the cookie says nothing by itself), by hash (who reads settings.db can sign in as
 * nobody), and in monotonic time (a clock that is put right signs nobody out).
 */
export class Sessions implements Disposable {
  readonly #world: SessionsWorld
  readonly #held = new Map<string, Held>()
  #cancel: (() => void) | undefined

  constructor(world: SessionsWorld) {
    this.#world = world
    for (const stored of world.store.sessions()) this.#hold(stored)
    this.#saveLater()
  }

  /** A session of its own, never one that was there before: the token goes into a cookie. */
  begin(
    operator: string,
    from: string,
    pass?: { readonly role: OperatorRole; readonly forMs: number },
  ): string {
    const token = randomBytes(32).toString('base64url')
    const stored = {
      hash: digest(token),
      operator,
      role: pass?.role,
      leftMs: Math.min(pass?.forMs ?? longestMs, longestMs),
      startedAt: this.#world.clock.wall(),
      from,
    }
    this.#world.store.saveSession(stored)
    this.#hold(stored)
    this.#bound()
    return token
  }

  /** Undefined: no session of ours, an old one, or one whose operator is gone. */
  find(token: string): Session | undefined {
    const hash = digest(token)
    const held = this.#held.get(hash)
    if (held === undefined) return undefined
    const now = this.#world.clock.monotonic()
    const role = this.#roleOf(held.stored)
    if (now >= held.endsAt || now - held.usedAt >= longestIdleMs || role === undefined) {
      this.#drop(hash)
      return undefined
    }
    held.usedAt = now
    return { operator: held.stored.operator, role, proof: proofOf(token), leftMs: held.endsAt - now }
  }

  end(token: string): void {
    this.#drop(digest(token))
  }

  /** Every session of an operator, but the one that is kept: after a change of the password. */
  endAll(operator: string, kept?: string): void {
    const keptHash = kept === undefined ? undefined : digest(kept)
    for (const [hash, { stored }] of [...this.#held])
      if (stored.operator === operator && hash !== keptHash) this.#drop(hash)
  }

  [Symbol.dispose](): void {
    this.#cancel?.()
    this.#save()
  }

  #roleOf({ operator, role }: StoredSession): OperatorRole | undefined {
    const present = this.#world.roleOf(operator)
    return present === undefined ? undefined : (role ?? present)
  }

  #hold(stored: StoredSession): void {
    const now = this.#world.clock.monotonic()
    this.#held.set(stored.hash, { stored, endsAt: now + stored.leftMs, usedAt: now })
  }

  #drop(hash: string): void {
    if (this.#held.delete(hash)) this.#world.store.removeSession(hash)
  }

  /** The one that was used longest ago gives way. */
  #bound(): void {
    if (this.#held.size <= mostSessions) return
    const [oldest] = [...this.#held].sort(([, a], [, b]) => a.usedAt - b.usedAt)
    if (oldest) this.#drop(oldest[0])
  }

  #saveLater(): void {
    this.#cancel = this.#world.clock.after(saveEveryMs, () => {
      this.#save()
      this.#saveLater()
    })
  }

  #save(): void {
    const now = this.#world.clock.monotonic()
    for (const [hash, { stored, endsAt }] of [...this.#held]) {
      if (now >= endsAt) this.#drop(hash)
      else this.#world.store.saveSession({ ...stored, leftMs: endsAt - now })
    }
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Of the token, so that it need not be kept; told to the page only, which a strange page cannot read. */
const proofOf = (token: string): string => digest(`proof ${token}`)
