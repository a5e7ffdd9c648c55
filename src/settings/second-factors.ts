import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Enrolment } from '../core/console-session.ts'
import type { Vault } from '../platform/vault.ts'
import type { AccessDatabase, StoredFactor } from './access-database.ts'
import { inGroups, mintRecoveryCode, type RandomInt } from './mint.ts'
import { base32, codeOf, otpauthUri, secretOctets, stepsAround } from './one-time-code.ts'
import type { Settings } from './settings.ts'

/** How many there are to print out and keep. */
const recoveryCodes = 8

export interface SecondFactorsWorld {
  readonly settings: Settings
  readonly database: AccessDatabase
  readonly vault: Vault
  readonly random: RandomInt
  readonly now: () => number
  /** Whether the clock can be told codes by. */
  readonly isClockBelievable: () => boolean
}

/** A secret that was shown and is not in force yet. */
export interface Draft extends Enrolment {
  readonly operator: string
  readonly octets: Uint8Array
}

export type CodeCheck =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  /** No code of the app can be judged now, with the reason; a recovery code can. */
  | { readonly kind: 'blind'; readonly sentence: string }

export type Confirmation =
  | { readonly kind: 'confirmed'; readonly recoveryCodes: readonly string[] }
  | { readonly kind: 'refused'; readonly sentence: string }

const lockedVault = 'the vault is locked, so no code can be checked: use a recovery code'
const noClock =
  'the box does not know the time yet, so no code of the app can be checked: use a recovery code, or wait until its clock is right'

/** Codes of an app (TOTP, RFC 6238) beside the password, and recovery codes for the day the phone is lost. */
export class SecondFactors {
  readonly #world: SecondFactorsWorld

  constructor(world: SecondFactorsWorld) {
    this.#world = world
  }

  isOn(operator: string): boolean {
    return this.#world.database.factor(operator) !== undefined
  }

  /** What sessions of this operator stand on: another one with every secret, of which it says nothing. Undefined: there is none. */
  markOf(operator: string): string | undefined {
    const factor = this.#world.database.factor(operator)
    return factor && createHash('sha256').update(factor.sealed).digest('base64url').slice(0, 22)
  }

  recoveryCodesLeft(operator: string): number {
    return this.#world.database.factor(operator)?.recovery.length ?? 0
  }

  /** A fresh secret for the app. Nothing is in force until `confirm`. */
  draft(operator: string): Draft {
    const octets = randomBytes(secretOctets)
    const uri = otpauthUri(this.#world.settings.setup.gateway.name, operator, octets)
    return { operator, octets, secret: base32(octets), uri }
  }

  /** Puts a secret in force, by a code that shows that the app has it. The recovery codes are told this once. */
  confirm({ operator, octets }: Draft, typed: string, who: string): Confirmation {
    const { vault, database, random, isClockBelievable } = this.#world
    if (!isClockBelievable())
      return refused('the box does not know the time yet: try again when its clock is right')
    const step = this.#stepOf(octets, digitsOf(typed), -1)
    if (step === undefined) return refused('this is not the code that the app shows: look at its clock, too')
    const sealed = vault.seal(placeOf(operator), Buffer.from(octets).toString('base64'))
    if (sealed === undefined) return refused('the vault is locked, so no second factor can be kept')
    const codes = Array.from({ length: recoveryCodes }, () => mintRecoveryCode(random))
    const recovery = codes.map((code) => hashOf(operator, code))
    this.#record(who, `operator ${JSON.stringify(operator)}: second factor on`, () =>
      database.saveFactor({ operator, sealed, lastStep: step, recovery }),
    )
    return { kind: 'confirmed', recoveryCodes: codes.map(inGroups) }
  }

  /** Spends a code: none is taken twice, of the app or for recovery. */
  check(operator: string, typed: string, who: string): CodeCheck {
    const factor = this.#world.database.factor(operator)
    if (factor === undefined) return { kind: 'wrong' }
    const digits = digitsOf(typed)
    return digits.length === 6 ? this.#checkApp(factor, digits) : this.#checkRecovery(factor, typed, who)
  }

  /** Whether there was one. */
  remove(operator: string, who: string): boolean {
    if (!this.isOn(operator)) return false
    this.#record(who, `operator ${JSON.stringify(operator)}: second factor removed`, () =>
      this.#world.database.removeFactor(operator),
    )
    return true
  }

  #checkApp(factor: StoredFactor, digits: string): CodeCheck {
    const { vault, database, isClockBelievable } = this.#world
    if (!isClockBelievable()) return { kind: 'blind', sentence: noClock }
    const opened = vault.open(placeOf(factor.operator), factor.sealed)
    if (opened.kind !== 'open') return { kind: 'blind', sentence: lockedVault }
    const step = this.#stepOf(Buffer.from(opened.value, 'base64'), digits, factor.lastStep)
    if (step === undefined) return { kind: 'wrong' }
    database.saveFactor({ ...factor, lastStep: step })
    return { kind: 'right' }
  }

  #checkRecovery(factor: StoredFactor, typed: string, who: string): CodeCheck {
    const hash = hashOf(factor.operator, typed)
    const recovery = factor.recovery.filter((each) => each !== hash)
    if (recovery.length === factor.recovery.length) return { kind: 'wrong' }
    const left = `${recovery.length} left`
    this.#record(who, `operator ${JSON.stringify(factor.operator)}: recovery code used, ${left}`, () =>
      this.#world.database.saveFactor({ ...factor, recovery }),
    )
    return { kind: 'right' }
  }

  /** The step that a code belongs to, if it holds now and comes after the last that was used. */
  #stepOf(secret: Uint8Array, digits: string, after: number): number | undefined {
    const steps = stepsAround(this.#world.now()).filter((step) => step > after)
    return steps.find((step) => isSame(codeOf(secret, step), digits))
  }

  #record(who: string, what: string, change: () => void): void {
    this.#world.settings.inTransaction(() => {
      change()
      this.#world.settings.record(who, [what])
    })
  }
}

const refused = (sentence: string): Confirmation => ({ kind: 'refused', sentence })

/** Where its secret belongs, for the vault. */
const placeOf = (operator: string): string => `second-factor/${operator.toLowerCase()}`

/** As people type what an app shows in two groups. */
const digitsOf = (typed: string): string => {
  const packed = typed.replace(/\s/g, '')
  return /^\d+$/.test(packed) ? packed : ''
}

/** Random enough (59 bits) that a fast hash will do; bound to the operator. */
const hashOf = (operator: string, code: string): string =>
  createHash('sha256')
    .update(`${operator.toLowerCase()} ${code.toLowerCase().replace(/[\s-]/g, '')}`)
    .digest('base64url')

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
