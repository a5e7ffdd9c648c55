import { createHash } from 'node:crypto'
import type { AuditHead } from '../core/audit.ts'
import type { Unsealed, Vault } from '../platform/vault.ts'
import type { SettingsDatabase } from './settings-database.ts'

/** What a backup, and the box that comes of it, need of settings.db. */
export class BackupRecords {
  readonly #database: SettingsDatabase
  readonly #vault: Vault

  constructor(database: SettingsDatabase, vault: Vault) {
    this.#database = database
    this.#vault = vault
  }

  /** A consistent copy, made in small steps; what is written meanwhile is in it. */
  async copyTo(file: string): Promise<void> {
    await this.#database.copyTo(file)
  }

  /** Changes with everything that a copy of the settings would have anew; not with what is only noted. */
  fingerprint(): string {
    const digest = createHash('sha256')
    for (const row of this.#database.lastingRows()) digest.update(row)
    return digest.digest('hex')
  }

  auditHead(): AuditHead | undefined {
    return this.#database.audit.head()
  }

  fact(name: string): string | undefined {
    const value = this.#database.fact(name)
    return value === undefined ? undefined : Buffer.from(value).toString()
  }

  saveFact(name: string, value: string): void {
    this.#database.saveFact(name, Buffer.from(value))
  }

  /** False while the vault is locked: nothing was kept. */
  saveSecret(name: string, value: string): boolean {
    const sealed = this.#vault.seal(name, value)
    if (sealed !== undefined) this.#database.saveSecret(name, sealed)
    return sealed !== undefined
  }

  secret(name: string): Unsealed | undefined {
    const sealed = this.#database.secret(name)
    return sealed === undefined ? undefined : this.#vault.open(name, sealed)
  }

  /** The same in every box of this identity; undefined while the vault is locked. */
  deriveKey(purpose: string): Uint8Array | undefined {
    return this.#vault.derive(purpose)
  }

  removeSecret(name: string): void {
    this.#database.removeSecret(name)
  }

  /** `ok`, or what SQLite finds wrong. */
  check(): string {
    return this.#database.check()
  }

  /** Who was signed in when a backup was made, or had a token, does not come in because it was restored. */
  endSessions(): void {
    this.#database.endSessions()
  }
}
