import * as v from 'valibot'
import { messageNumberOf } from '../core/message-id.ts'
import { type WallMs, wallMs } from '../core/time.ts'
import type { Vault } from '../platform/vault.ts'
import type { AccessDatabase } from './access-database.ts'
import { claimName } from './operators.ts'
import type { Settings } from './settings.ts'
import type { SettingsDatabase } from './settings-database.ts'

const markFact = 'physical-reset'
const passwordsName = 'reset/passwords'

/** What is remembered of the last reset. */
export interface ResetMark {
  readonly at: WallMs
  /** `the file inkpost-reset`. */
  readonly how: string
  /** The first mail number that is not from before. */
  readonly firstNumber: number
  /** The postmaster was written to. */
  readonly isTold: boolean
}

const markShape = v.object({
  at: v.pipe(v.number(), v.transform(wallMs)),
  how: v.string(),
  firstNumber: v.number(),
  isTold: v.boolean(),
})

export interface ResetWish {
  readonly who: string
  readonly how: string
  /** A number of the spool that no mail from before has. */
  readonly firstNumber: number
}

export type ResetAnswer =
  | { readonly kind: 'reset'; readonly mark: ResetMark }
  | { readonly kind: 'refused'; readonly sentence: string }

export interface PhysicalResetWorld {
  readonly settings: Settings
  readonly database: SettingsDatabase
  readonly access: AccessDatabase
  readonly vault: Vault
  readonly now: () => WallMs
}

/** Ends everybody's way in, for who stands at the box; knows afterwards which mail and passwords are from before. */
export class PhysicalReset {
  readonly #world: PhysicalResetWorld
  /** Of passwords from before, as long as nobody resets again: opening the vault for each card is needless work. */
  #old: ReadonlySet<string> | undefined

  constructor(world: PhysicalResetWorld) {
    this.#world = world
  }

  /** Why it is not to be had now; undefined: it is. */
  hindrance(): string | undefined {
    const { settings, vault } = this.#world
    if (!settings.setup.console.physicalReset) return 'physical_reset is off in the settings'
    // Nobody could claim the box: its code is sealed.
    return vault.state.kind === 'open' ? undefined : 'the vault is locked, so that nobody could claim the box'
  }

  /** All of it, or nothing; on the disk when it returns. */
  reset({ who, how, firstNumber }: ResetWish): ResetAnswer {
    const { settings, database, access, vault, now } = this.#world
    const passwords = this.#devicePasswords()
    const sealed = vault.seal(passwordsName, JSON.stringify(passwords))
    const sentence = this.hindrance() ?? (sealed ? undefined : 'the vault is locked')
    if (sentence !== undefined || !sealed) return { kind: 'refused', sentence: sentence ?? '' }
    const mark: ResetMark = { at: now(), how, firstNumber, isTold: false }
    settings.endOperators(
      who,
      `reset by ${how}: operators, second factors, sessions and tokens are ended`,
      () => {
        access.endAll()
        database.endSessions()
        database.removeSecret(claimName)
        database.saveSecret(passwordsName, sealed)
        settings.remember(markFact, JSON.stringify(mark))
      },
    )
    this.#old = new Set(passwords)
    return { kind: 'reset', mark }
  }

  /** Undefined: this box was never reset. */
  last(): ResetMark | undefined {
    const kept = this.#world.settings.kept(markFact)
    return kept === undefined ? undefined : v.parse(markShape, JSON.parse(kept))
  }

  noteTold(mark: ResetMark): void {
    this.#world.settings.remember(markFact, JSON.stringify({ ...mark, isTold: true }))
  }

  /** `id` as typed. */
  isOldMail(id: string): boolean {
    const [message = ''] = id.split('/')
    const number = messageNumberOf(message)
    const mark = this.last()
    return mark !== undefined && number !== undefined && number < mark.firstNumber
  }

  /** By its value: a new name of the device, or an export and an `apply`, make it no younger. */
  isOldPassword(password: string): boolean {
    if (this.last() === undefined) return false
    this.#old ??= this.#keptPasswords()
    return this.#old === undefined || this.#old.has(password)
  }

  #devicePasswords(): readonly string[] {
    const { settings } = this.#world
    return settings.setup.devices.flatMap(({ password }) => {
      const opened = password === undefined ? undefined : settings.open(password)
      return opened?.kind === 'open' ? [opened.value] : []
    })
  }

  /** Undefined: it can't be read, so every password may be an old one. */
  #keptPasswords(): ReadonlySet<string> | undefined {
    const { database, vault } = this.#world
    const sealed = database.secret(passwordsName)
    const opened = sealed && vault.open(passwordsName, sealed)
    return opened?.kind === 'open'
      ? new Set(v.parse(v.array(v.string()), JSON.parse(opened.value)))
      : undefined
  }
}
