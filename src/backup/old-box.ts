import { isOldBoxFile, type OldBoxFacts, type OldBoxFile } from '../core/old-box.ts'
import type { OpenedBackup } from './backup-file.ts'
import { BackupRefused } from './backup-refused.ts'
import { type Entry, packEntries, unpackEntries } from './entries.ts'
import { OctetReader } from './octet-reader.ts'

const factsName = 'old-box'
const longestFacts = 4096

/** A data directory as octets: what is in it first, so that a cut is noticed, then file by file. */
export function oldBoxOctets(
  facts: OldBoxFacts,
  read: (name: OldBoxFile) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const told = Buffer.from(JSON.stringify(facts))
  const about: Entry = { name: factsName, octets: told.length, content: once(told) }
  return packEntries([about, ...facts.files.map((file) => ({ ...file, content: read(file.name) }))])
}

async function* once(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets
}

/** Opens what `oldBoxOctets` made, as if it were a backup that was sealed to nobody. Throws `BackupRefused`, also while entries are read. */
export async function openOldBox(octets: AsyncIterable<Uint8Array>): Promise<OpenedBackup> {
  const entries = unpackEntries(new OctetReader(octets))
  const first = await entries.next()
  const facts = first.done === true ? undefined : await factsOf(first.value)
  if (facts === undefined) throw new BackupRefused('not-a-backup', 'this is no data directory of inkpost')
  const { files, written } = facts
  return {
    header: {
      version: '',
      box: '',
      made: written,
      contents: contentsOf(files.map(({ name }) => name)),
      octets: files.reduce((sum, file) => sum + file.octets, 0),
      audit: '',
      seals: [],
    },
    entries: whole(entries, files),
  }
}

async function factsOf({ name, octets, content }: Entry): Promise<OldBoxFacts | undefined> {
  if (name !== factsName || octets > longestFacts) return undefined
  const pieces = await Array.fromAsync(content)
  try {
    const facts: unknown = JSON.parse(Buffer.concat(pieces).toString())
    return isFacts(facts) ? facts : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isFacts = (value: unknown): value is OldBoxFacts =>
  typeof value === 'object' &&
  value !== null &&
  'written' in value &&
  typeof value.written === 'string' &&
  !Number.isNaN(Date.parse(value.written)) &&
  'files' in value &&
  Array.isArray(value.files) &&
  value.files.every(isFile)

const isFile = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  isOldBoxFile(String(value.name)) &&
  'octets' in value &&
  Number.isSafeInteger(value.octets)

/** No seal says where the end is: what was told first has to have come. */
async function* whole(entries: AsyncIterable<Entry>, files: OldBoxFacts['files']): AsyncGenerator<Entry> {
  const missing = new Map(files.map(({ name, octets }) => [String(name), octets]))
  for await (const entry of entries) {
    if (missing.get(entry.name) !== entry.octets) throw cut()
    missing.delete(entry.name)
    yield entry
  }
  if (missing.size > 0) throw cut()
}

const cut = (): BackupRefused => new BackupRefused('damaged', 'the data of the old box broke off')

const contentsOf = (names: readonly OldBoxFile[]): readonly string[] => [
  'settings',
  ...(names.includes('vault.key')
    ? ['secrets', 'certificates']
    : ['secrets and certificates without their key']),
  ...(names.includes('spool.db') ? ['mail'] : []),
]
