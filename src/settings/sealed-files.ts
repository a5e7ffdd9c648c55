import type { Vault } from '../platform/vault.ts'
import type { SettingsDatabase } from './settings-database.ts'

export type SealedText =
  | { readonly kind: 'found'; readonly pem: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'locked' }
  | { readonly kind: 'damaged' }

/** Private keys with their certificates, sealed like every other secret under `certificate/NAME`. */
export class SealedFiles {
  readonly #database: SettingsDatabase
  readonly #vault: Vault

  constructor(database: SettingsDatabase, vault: Vault) {
    this.#database = database
    this.#vault = vault
  }

  load(name: string): SealedText {
    const path = `certificate/${name}`
    const sealed = this.#database.secret(path)
    if (sealed === undefined)
      return this.#vault.state.kind === 'open' ? { kind: 'absent' } : { kind: 'locked' }
    const opened = this.#vault.open(path, sealed)
    return opened.kind === 'open' ? { kind: 'found', pem: opened.value } : opened
  }

  /** False while the vault is locked: nothing was kept. */
  save(name: string, pem: string): boolean {
    return this.saveAll({ [name]: pem })
  }

  /** All or none; false while the vault is locked: nothing was kept. */
  saveAll(texts: Readonly<Record<string, string>>): boolean {
    return this.#database.inTransaction(() =>
      Object.entries(texts).every(([name, text]) => {
        const path = `certificate/${name}`
        const sealed = this.#vault.seal(path, text)
        if (sealed !== undefined) this.#database.saveSecret(path, sealed)
        return sealed !== undefined
      }),
    )
  }
}
