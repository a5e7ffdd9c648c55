import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { DayPassView, SessionStore, StoredSession, UsedPass } from '../core/console-session.ts'
import { narrower, type OperatorRole } from '../core/setup.ts'
import { day, hour, type MonotonicMs } from '../core/time.ts'
import type { OperatorStanding } from './ports.ts'

export interface SessionsWorld {
  readonly clock: Clock
  readonly store: SessionStore
  /** What an operator may do at present; undefined: there is none of that name any more. */
  readonly standing: (operator: string) => OperatorStanding | undefined
}

/** A session that holds now. */
export interface Session {
  readonly operator: string
  readonly role: OperatorRole
  readonly proof: string
  readonly leftMs: number
  /** Who works with a day pass; undefined: the operator. */
  readonly guest: string | undefined
}

/** How long a session lasts, whatever is done in it, and how long without a request. */
const longestMs = 7 * day
const longestIdleMs = 12 * hour
/** What a crash may add to a session's life. Written seldom: the disk is flash. */
const saveEveryMs = 6 * hour
const mostSessions = 200

interface Held {
  stored: StoredSession
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
  begin(operator: string, from: string, pass?: UsedPass & { readonly forMs: number }): string {
    const token = randomBytes(32).toString('base64url')
    const stored = {
      hash: digest(token),
      operator,
      mark: this.#world.standing(operator)?.mark ?? '',
      pass: pass && { id: pass.id, guest: pass.guest, role: pass.role },
      leftMs: Math.min(pass?.forMs ?? longestMs, longestMs),
      startedAt: this.#world.clock.wall(),
      from,
    }
    this.#world.store.saveSession(stored)
    this.#hold(stored)
    this.#bound()
    return token
  }

  /** Undefined: no session of ours, an old one, or one whose operator is gone or has another password. */
  look(token: string): Session | undefined {
    const hash = digest(token)
    const held = this.#held.get(hash)
    const role = held && this.#roleOf(held)
    if (held === undefined || role === undefined) {
      this.#drop(hash)
      return undefined
    }
    const { operator, pass } = held.stored
    const leftMs = held.endsAt - this.#world.clock.monotonic()
    return { operator, role, proof: proofOf(token), leftMs, guest: pass?.guest }
  }

  /** Something was done in it: it does not end by idleness for a while. */
  touch(token: string): void {
    const held = this.#held.get(digest(token))
    if (held) held.usedAt = this.#world.clock.monotonic()
  }

  /** Its operator changed in it what it stands on: it goes on, their others end. */
  keep(token: string): void {
    const held = this.#held.get(digest(token))
    const mark = held && this.#world.standing(held.stored.operator)?.mark
    if (held === undefined || mark === undefined) return
    held.stored = { ...held.stored, mark }
    this.#world.store.saveSession({ ...held.stored, leftMs: held.endsAt - this.#world.clock.monotonic() })
  }

  end(token: string): void {
    this.#drop(digest(token))
  }

  /** Whether an operator is signed in from an address with their own password. */
  knows(operator: string, from: string): boolean {
    return [...this.#held.values()].some(
      ({ stored }) => stored.operator === operator && stored.from === from && stored.pass === undefined,
    )
  }

  /** Those that somebody works with. */
  usedPasses(): readonly DayPassView[] {
    const now = this.#world.clock.monotonic()
    return [...this.#held.values()].flatMap((held) => {
      const { pass, operator, startedAt, from } = held.stored
      if (pass === undefined || this.#roleOf(held) === undefined) return []
      const { id, guest } = pass
      const leftMs = held.endsAt - now
      return [{ id, guest, maker: operator, madeAt: startedAt, state: 'used' as const, leftMs, from }]
    })
  }

  /** Whether somebody worked with it. */
  endPass(id: string): boolean {
    const found = [...this.#held].find(([, { stored }]) => stored.pass?.id === id)
    if (found) this.#drop(found[0])
    return found !== undefined
  }

  [Symbol.dispose](): void {
    this.#cancel?.()
    this.#save()
  }

  /** What it may do now; undefined: it is over. A pass never may more than who made it. */
  #roleOf({ stored, endsAt, usedAt }: Held): OperatorRole | undefined {
    const now = this.#world.clock.monotonic()
    if (now >= endsAt || now - usedAt >= longestIdleMs) return undefined
    const present = this.#world.standing(stored.operator)
    if (present === undefined || present.mark !== stored.mark) return undefined
    return stored.pass === undefined ? present.role : narrower(stored.pass.role, present.role)
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
    for (const [hash, held] of [...this.#held]) {
      if (this.#roleOf(held) === undefined) this.#drop(hash)
      else this.#world.store.saveSession({ ...held.stored, leftMs: held.endsAt - now })
    }
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Of the token, so that it need not be kept; told to the page only, which a strange page cannot read. */
const proofOf = (token: string): string => digest(`proof ${token}`)
