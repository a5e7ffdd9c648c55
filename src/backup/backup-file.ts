import { randomBytes } from 'node:crypto'
import { openChunks, sealChunks } from './chunk-cipher.ts'
import { type Entry, packEntries, unpackEntries } from './entries.ts'
import { type BackupFacts, type BackupHeader, headerText, readHeader, type Seal } from './header.ts'
import { keyFor, keyOctets } from './key-derivation.ts'
import { OctetReader } from './octet-reader.ts'
import { type RecoveryRecipient, sealToPassphrase, sealToRecipient, unsealFileKey } from './seals.ts'

/** Who may open it: one who knows the passphrase, or the recovery codes behind these. */
export type SealedFor =
  | { readonly passphrase: string }
  | { readonly recipients: readonly RecoveryRecipient[] }

/** A backup as octets, in constant memory whatever is in it. */
export async function* backupFile(
  facts: BackupFacts,
  sealedFor: SealedFor,
  entries: Iterable<Entry>,
): AsyncGenerator<Uint8Array> {
  const fileKey = randomBytes(keyOctets)
  const seals = await sealsOf(sealedFor, fileKey)
  yield Buffer.from(headerText({ ...facts, seals }, fileKey))
  yield* sealChunks(keyFor('content', fileKey), packEntries(entries))
}

async function sealsOf(sealedFor: SealedFor, fileKey: Uint8Array): Promise<readonly Seal[]> {
  return 'passphrase' in sealedFor
    ? [await sealToPassphrase(sealedFor.passphrase, fileKey)]
    : sealedFor.recipients.map((recipient) => sealToRecipient(recipient, fileKey))
}

/** What is told without the passphrase; not proven. Throws `BackupRefused`. */
export async function peekBackup(octets: AsyncIterable<Uint8Array>): Promise<BackupHeader> {
  const reader = new OctetReader(octets)
  try {
    return (await readHeader(reader)).header
  } finally {
    await reader.close()
  }
}

export interface OpenedBackup {
  readonly header: BackupHeader
  /** In the order of the file; what follows the last one is proven to be nothing. */
  readonly entries: AsyncIterable<Entry>
}

/** Opens a backup with its passphrase or recovery code. Throws `BackupRefused`, also while entries are read. */
export async function openBackup(octets: AsyncIterable<Uint8Array>, secret: string): Promise<OpenedBackup> {
  const reader = new OctetReader(octets)
  const { header, verify } = await readHeader(reader)
  const fileKey = await unsealFileKey(header.seals, secret)
  verify(fileKey)
  return { header, entries: unpackEntries(new OctetReader(openChunks(keyFor('content', fileKey), reader))) }
}
