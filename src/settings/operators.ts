import { createHash, timingSafeEqual } from 'node:crypto'
import type { OperatorRole } from '../core/setup.ts'
import type { Vault } from '../platform/vault.ts'
import { type AdministratorWish, administratorTrouble } from './last-administrator.ts'
import { mintClaimCode, type RandomInt } from './mint.ts'
import { hashPassword, nobodysHash, verifyPassword } from './password-hash.ts'
import type { Settings } from './settings.ts'
import type { SettingsDatabase, StoredOperator } from './settings-database.ts'

const shortestPassword = 10
export const claimName = 'claim/code'

export type OperatorChange =
  | { readonly kind: 'done' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'unknown' }
  /** Somebody else set another password meanwhile. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'refused'; readonly sentence: string }
  /** An administrator has to stay. */
  | { readonly kind: 'last'; readonly sentence: string }

/** Of who reads the claim code off the box. */
export type Claiming = OperatorChange | { readonly kind: 'wrong-code' }

export type Verification =
  /** `mark`: of the password that was looked at, see `standing`. */
  | { readonly kind: 'verified'; readonly name: string; readonly role: OperatorRole; readonly mark: string }
  | { readonly kind: 'wrong' }

export type Claim =
  | { readonly kind: 'open'; readonly code: string }
  /** There is an operator: the box belongs to somebody. */
  | { readonly kind: 'claimed' }
  | { readonly kind: 'locked' }

export interface ListedOperator {
  readonly name: string
  readonly role: OperatorRole
  readonly origin: StoredOperator['origin']
}

export interface OperatorsWorld {
  readonly settings: Settings
  readonly database: SettingsDatabase
  readonly vault: Vault
  readonly random: RandomInt
}

/** People who sign in to the console: those of the document and those made beside it. */
export class Operators {
  readonly #world: OperatorsWorld

  constructor(world: OperatorsWorld) {
    this.#world = world
  }

  list(): readonly ListedOperator[] {
    return this.#world.database.operators().map(({ name, role, origin }) => ({ name, role, origin }))
  }

  add(name: string, role: OperatorRole, password: string, who: string): Promise<OperatorChange> {
    return this.#add<never>({ name, role, password }, who, () => undefined)
  }

  /** `hindrance` is asked when the password is hashed, which takes a while: others may have come first. */
  async #add<Hindrance>(
    {
      name,
      role,
      password,
    }: { readonly name: string; readonly role: OperatorRole; readonly password: string },
    who: string,
    hindrance: () => Hindrance | undefined,
  ): Promise<OperatorChange | Hindrance> {
    const refusal = refuseName(name) ?? refusePassword(password)
    if (refusal !== undefined) return refusal
    const hash = await hashPassword(password)
    const late = hindrance()
    if (late !== undefined) return late
    if (this.#find(name) !== undefined) return { kind: 'exists' }
    const { database } = this.#world
    this.#change(who, `operator ${JSON.stringify(name)}: added as ${role}`, () => {
      database.saveOperator(name, role, hash, 'console')
      // The claim code is spent with the first operator.
      database.removeSecret(claimName)
    })
    return { kind: 'done' }
  }

  /** `mark`: of the password in whose place it comes; undefined: of any. */
  async setPassword(name: string, password: string, who: string, mark?: string): Promise<OperatorChange> {
    const refusal = refusePassword(password)
    if (refusal !== undefined) return refusal
    const hash = await hashPassword(password)
    const operator = this.#find(name)
    if (operator === undefined) return { kind: 'unknown' }
    if (mark !== undefined && mark !== markOf(operator.passwordHash)) return { kind: 'outdated' }
    this.#change(who, `operator ${JSON.stringify(operator.name)}: password changed`, () =>
      this.#world.database.saveOperator(operator.name, operator.role, hash, operator.origin),
    )
    return { kind: 'done' }
  }

  remove(name: string, who: string, wish: AdministratorWish = {}): OperatorChange {
    const operator = this.#find(name)
    if (operator === undefined) return { kind: 'unknown' }
    const { settings, database } = this.#world
    const before = database.operators()
    const after = before.filter((each) => each.name !== operator.name)
    const trouble = administratorTrouble(before, after, wish)
    if (trouble !== undefined) return { kind: 'last', sentence: `${operator.name} can not go: ${trouble}` }
    if (operator.origin === 'document') {
      const rest = settings.document.operator.filter((row) => row.name !== operator.name)
      const application = settings.replace({ ...settings.document, operator: rest }, { ...wish, who })
      if (application.kind !== 'applied')
        throw new Error('an operator could not be removed', { cause: application })
      return { kind: 'done' }
    }
    this.#change(who, `operator ${JSON.stringify(operator.name)}: removed`, () =>
      database.removeOperator(operator.name),
    )
    return { kind: 'done' }
  }

  /** Makes the first operator, an administrator, for who read the code off the box. */
  async claimBy(code: string, name: string, password: string, who: string): Promise<Claiming> {
    const hindrance = (): Claiming | undefined => this.#claimHindrance(code)
    return hindrance() ?? this.#add({ name, role: 'administrator', password }, who, hindrance)
  }

  #claimHindrance(code: string): Claiming | undefined {
    switch (this.claim().kind) {
      case 'claimed':
        return { kind: 'refused', sentence: 'this box belongs to somebody: sign in' }
      case 'locked':
        return {
          kind: 'refused',
          sentence: 'the vault is locked: make an operator with `inkpost operator add`',
        }
      case 'open':
        return this.isClaimCode(code) ? undefined : { kind: 'wrong-code' }
    }
  }

  /** As it is written; undefined: there is none. */
  nameOf(name: string): string | undefined {
    return this.#find(name)?.name
  }

  /** What a session of this operator may do, and the mark of the password that it stands on. */
  standing(name: string): { readonly role: OperatorRole; readonly mark: string } | undefined {
    const operator = this.#find(name)
    return operator && { role: operator.role, mark: markOf(operator.passwordHash) }
  }

  /** Takes as long for a name that does not exist as for a wrong password. */
  async verify(name: string, password: string): Promise<Verification> {
    const operator = this.#find(name)
    const isRight = await verifyPassword(password, operator?.passwordHash ?? nobodysHash)
    if (!isRight || operator === undefined) return { kind: 'wrong' }
    const { name: written, role, passwordHash } = operator
    return { kind: 'verified', name: written, role, mark: markOf(passwordHash) }
  }

  /** The code with which the first operator is made; minted once, the same until then. */
  claim(): Claim {
    const { database, vault, random } = this.#world
    if (database.operators().length > 0) return { kind: 'claimed' }
    const sealed = database.secret(claimName)
    const opened = sealed === undefined ? undefined : vault.open(claimName, sealed)
    if (opened?.kind === 'open') return { kind: 'open', code: opened.value }
    const code = mintClaimCode(random)
    const fresh = vault.seal(claimName, code)
    if (fresh === undefined) return { kind: 'locked' }
    database.saveSecret(claimName, fresh)
    return { kind: 'open', code }
  }

  /** Whether somebody typed the claim code; case, blanks and dashes do not count. */
  isClaimCode(typed: string): boolean {
    const claim = this.claim()
    if (claim.kind !== 'open') return false
    const [one, other] = [Buffer.from(typed.toUpperCase().replace(/[\s-]/g, '')), Buffer.from(claim.code)]
    return one.length === other.length && timingSafeEqual(one, other)
  }

  #find(name: string): StoredOperator | undefined {
    const folded = name.toLowerCase()
    return this.#world.database.operators().find((operator) => operator.name.toLowerCase() === folded)
  }

  #change(who: string, what: string, action: () => void): void {
    this.#world.database.inTransaction(() => {
      action()
      this.#world.settings.record(who, [what])
    })
    this.#world.settings.refreshOperators()
  }
}

/** Another one with every password, the salt sees to that; says nothing of it. */
const markOf = (passwordHash: string): string =>
  createHash('sha256').update(passwordHash).digest('base64url').slice(0, 22)

const refusePassword = (password: string): OperatorChange | undefined =>
  [...password].length < shortestPassword
    ? { kind: 'refused', sentence: `the password needs at least ${shortestPassword} characters` }
    : undefined

const refuseName = (name: string): OperatorChange | undefined =>
  /^[^\p{Cc}]{1,64}$/u.test(name) && name.trim() === name
    ? undefined
    : { kind: 'refused', sentence: 'the name needs 1 to 64 characters without blanks around them' }
