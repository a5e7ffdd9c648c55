import { createHash, randomBytes } from 'node:crypto'
import type { TokenView, TokenWish } from '../core/access-operations.ts'
import { narrower, type OperatorRole, operatorRoles } from '../core/setup.ts'
import { day, hour, wallMs } from '../core/time.ts'
import type { AccessDatabase } from './access-database.ts'
import type { Settings } from './settings.ts'

const lifetimeDays = 365
const longestDays = 3650
const mostTokens = 100
/** The disk is flash: a token that is used every second is noted once an hour. */
const noteEveryMs = hour
/** Told from every other secret at sight, by people and by scanners of repositories. */
const mark = 'inkpost_'

export interface ApiTokensWorld {
  readonly settings: Settings
  readonly database: AccessDatabase
  readonly now: () => number
  readonly isClockBelievable: () => boolean
  /** The present role of an operator; undefined: there is none of that name any more. */
  readonly roleOf: (operator: string) => OperatorRole | undefined
}

export type TokenChange =
  | { readonly kind: 'made'; readonly token: string; readonly id: string }
  | { readonly kind: 'refused'; readonly sentence: string }

export type TokenCheck =
  | { readonly kind: 'known'; readonly name: string; readonly role: OperatorRole }
  | { readonly kind: 'refused'; readonly sentence: string }

/** Keys for scripts, each with a role and an end. Kept by hash: who reads settings.db can use none of them. */
export class ApiTokens {
  readonly #world: ApiTokensWorld

  constructor(world: ApiTokensWorld) {
    this.#world = world
  }

  list(): readonly TokenView[] {
    return this.#world.database.tokens().map(({ hash: _, ...view }) => view)
  }

  add({ name, role: wished, days = lifetimeDays, maker }: TokenWish, who: string): TokenChange {
    const { database, now } = this.#world
    const role = operatorRoles.find((each) => each === wished)
    const refusal =
      role === undefined ? 'the role is administrator, technician or viewer' : this.#refuse(name, days)
    if (role === undefined || refusal !== undefined) return { kind: 'refused', sentence: refusal ?? '' }
    const token = `${mark}${randomBytes(32).toString('base64url')}`
    const id = randomBytes(6).toString('hex')
    const madeAt = wallMs(now())
    const endsAt = wallMs(madeAt + days * day)
    this.#record(who, `token ${JSON.stringify(name)}: made as ${role}, for ${days} days`, () =>
      database.saveToken({ id, hash: hashOf(token), name, role, maker, madeAt, endsAt, usedAt: undefined }),
    )
    return { kind: 'made', token, id }
  }

  /** Whether there was one. */
  remove(id: string, who: string): boolean {
    const found = this.#world.database.tokens().find((token) => token.id === id)
    if (found === undefined) return false
    this.#record(who, `token ${JSON.stringify(found.name)}: removed`, () =>
      this.#world.database.removeToken(id),
    )
    return true
  }

  /** Whose a token is, and what it may do now: never more than who made it. */
  check(token: string): TokenCheck {
    const { database, now, isClockBelievable, roleOf } = this.#world
    const hash = hashOf(token)
    const found = database.tokens().find((each) => each.hash === hash)
    const most = found?.maker === undefined ? 'administrator' : roleOf(found.maker)
    if (found === undefined || most === undefined) return refused('this token is not one of this box')
    if (!isClockBelievable())
      return refused(
        'the box does not know the date yet, so no token holds: try again when its clock is right',
      )
    if (now() >= found.endsAt) return refused('this token is past its end: make another one')
    if (now() - (found.usedAt ?? 0) >= noteEveryMs) database.noteUse(found.id, wallMs(now()))
    return { kind: 'known', name: found.name, role: narrower(found.role, most) }
  }

  #refuse(name: string, days: number): string | undefined {
    if (!/^[^\p{Cc}]{1,64}$/u.test(name) || name.trim() !== name)
      return 'the name needs 1 to 64 characters without blanks around them'
    if (!Number.isInteger(days) || days < 1 || days > longestDays)
      return `a token holds 1 to ${longestDays} days`
    if (!this.#world.isClockBelievable()) return 'the box does not know the date yet: set its clock first'
    const isFull = this.#world.database.tokens().length >= mostTokens
    return isFull ? `there are ${mostTokens} tokens already: remove one first` : undefined
  }

  #record(who: string, what: string, change: () => void): void {
    this.#world.settings.inTransaction(() => {
      change()
      this.#world.settings.record(who, [what])
    })
  }
}

const refused = (sentence: string): TokenCheck => ({ kind: 'refused', sentence })

/** 256 random bits: no slow hash makes them safer. Looked up by hash, so that comparing tells nothing. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')
