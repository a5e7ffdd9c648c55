import { randomBytes } from 'node:crypto'
import type { BackupRecords } from '../settings/backup-records.ts'

const keptAs = 'console/browsers'

/** By which the console marks browsers: made when it is first asked for. While the vault is locked, this process's alone. */
export function browserKey(records: Pick<BackupRecords, 'secret' | 'saveSecret'>): () => Uint8Array {
  let key: Uint8Array | undefined
  const take = (): Uint8Array => {
    const kept = records.secret(keptAs)
    if (kept?.kind === 'open') return Buffer.from(kept.value, 'base64url')
    const made = randomBytes(32)
    records.saveSecret(keptAs, made.toString('base64url'))
    return made
  }
  return () => (key ??= take())
}
