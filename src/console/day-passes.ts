import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { DayPassView } from '../core/console-session.ts'
import { hour, type MonotonicMs, minute, type WallMs } from '../core/time.ts'
import type { OperatorStanding } from './ports.ts'
import type { Sessions } from './sessions.ts'

/** From making the link to using it, and from then on. */
const linkMs = 15 * minute
const workMs = 8 * hour
const mostOpen = 50

interface OpenPass {
  readonly id: string
  readonly guest: string
  readonly maker: string
  readonly mark: string
  readonly madeAt: WallMs
  readonly endsAt: MonotonicMs | number
}

export interface DayPassesWorld {
  readonly clock: Clock
  readonly sessions: Sessions
  readonly standing: (operator: string) => OperatorStanding | undefined
}

/**
 * Links by which a technician comes in once and works for a day, in the name of the administrator who made them. Those
 * that nobody used are in memory only, by hash: a restart ends them, as a quarter of an hour would.
 */
export class DayPasses {
  readonly #world: DayPassesWorld
  readonly #open = new Map<string, OpenPass>()

  constructor(world: DayPassesWorld) {
    this.#world = world
  }

  /** Undefined: too many are open already. */
  make(maker: string, guest: string): { readonly id: string; readonly token: string } | undefined {
    this.#tidy()
    if (this.#open.size >= mostOpen) return undefined
    const { clock, standing } = this.#world
    const token = randomBytes(24).toString('base64url')
    const id = randomBytes(6).toString('hex')
    this.#open.set(digest(token), {
      id,
      guest,
      maker,
      mark: standing(maker)?.mark ?? '',
      madeAt: clock.wall(),
      endsAt: clock.monotonic() + linkMs,
    })
    return { id, token }
  }

  /** The token of the session that begins with it; undefined: it is none of ours, used, too old, or its maker is gone. */
  redeem(token: string, from: string): { readonly session: string; readonly pass: OpenPass } | undefined {
    this.#tidy()
    const hash = digest(token)
    const pass = this.#open.get(hash)
    if (pass === undefined) return undefined
    this.#open.delete(hash)
    const { id, guest, maker } = pass
    const used = { id, guest, role: 'technician', forMs: workMs } as const
    return { session: this.#world.sessions.begin(maker, from, used), pass }
  }

  list(): readonly DayPassView[] {
    this.#tidy()
    const now = this.#world.clock.monotonic()
    const open = [...this.#open.values()].map(({ id, guest, maker, madeAt, endsAt }) => {
      return { id, guest, maker, madeAt, state: 'open' as const, leftMs: endsAt - now, from: '' }
    })
    return [...open, ...this.#world.sessions.usedPasses()]
  }

  /** Whether there was one, open or used. */
  revoke(id: string): boolean {
    const found = [...this.#open].find(([, pass]) => pass.id === id)
    if (found) this.#open.delete(found[0])
    return found !== undefined || this.#world.sessions.endPass(id)
  }

  /** What is too old, or whose maker is gone, is no administrator any more, or has another password. */
  #tidy(): void {
    const now = this.#world.clock.monotonic()
    for (const [hash, { maker, mark, endsAt }] of [...this.#open]) {
      const present = this.#world.standing(maker)
      const holds = now < endsAt && present?.mark === mark && present.role === 'administrator'
      if (!holds) this.#open.delete(hash)
    }
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64url')
