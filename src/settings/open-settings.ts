import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionStore } from '../core/console-session.ts'
import type { WallMs } from '../core/time.ts'
import { type DatabaseRefusal, openDatabase } from '../platform/database.ts'
import { errorCode, writeDurably } from '../platform/durable-file.ts'
import { openVault } from '../platform/vault.ts'
import { AccessDatabase } from './access-database.ts'
import { ApiTokens } from './api-tokens.ts'
import { BackupRecords } from './backup-records.ts'
import { embeddedDocument } from './embedded.ts'
import { machineRandom, type RandomInt } from './mint.ts'
import { Operators } from './operators.ts'
import { parseDocument } from './parse.ts'
import { PhysicalReset } from './physical-reset.ts'
import { printDocument } from './print.ts'
import type { Problem } from './problem.ts'
import { kept } from './schema.ts'
import { SealedFiles } from './sealed-files.ts'
import { SecondFactors } from './second-factors.ts'
import { secretSlots, withSecrets } from './secret-slots.ts'
import { type Application, Settings } from './settings.ts'
import { SettingsDatabase, settingsMigrations } from './settings-database.ts'
import type { Profile } from './value.ts'

export interface SettingsOptions {
  readonly profile: Profile
  readonly now: () => WallMs
  /** Whether codes and ends of tokens can be told by that; always, where nothing is said. */
  readonly isClockBelievable?: () => boolean
  /** The document of INKPOST_SETUP or the boot partition; applied once, when nothing was ever set up. */
  readonly firstSetup?: string
  /** Starts an empty box with the embedded document (`embedded.ts`): what `make run` shows. */
  readonly isEmbedded?: boolean
  readonly random?: RandomInt
}

/** What the first start did; `nothing` at every later one. */
export type FirstStart =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'embedded' }
  /** `erasure`: why the secrets could not be taken out of the file; empty if they are. */
  | { readonly kind: 'applied'; readonly file: string; readonly erasure: string }
  /** Nothing was ever set up, and the document that was named is not there. */
  | { readonly kind: 'absent'; readonly file: string }
  | { readonly kind: 'unreadable'; readonly file: string; readonly detail: string }
  | { readonly kind: 'problems'; readonly file: string; readonly problems: readonly Problem[] }

export type SettingsOpening =
  | {
      readonly kind: 'open'
      readonly settings: Settings
      readonly operators: Operators
      readonly sealedFiles: SealedFiles
      readonly sessions: SessionStore
      readonly secondFactors: SecondFactors
      readonly tokens: ApiTokens
      readonly records: BackupRecords
      readonly physicalReset: PhysicalReset
      readonly firstStart: FirstStart
    }
  | DatabaseRefusal

const firstSetupFact = 'first-setup'
/** SHA-256 of the first document as it was written. */
const firstDigestFact = 'first-setup-digest'
const text = (value: string): Uint8Array => Buffer.from(value, 'utf8')

/**
 * Opens settings.db and vault.key in the data directory, making both at the first start. A file that is no database of
 * ours, or a newer release's, is refused and left as it is; a lost vault key is not a refusal (`settings.vaultState`).
 */
export async function openSettings(directory: string, options: SettingsOptions): Promise<SettingsOpening> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const opening = openDatabase(join(directory, 'settings.db'), { migrations: settingsMigrations })
  if (opening.kind !== 'open') return opening
  const database = new SettingsDatabase(opening.database)
  try {
    const vault = openVault(join(directory, 'vault.key'), {
      load: () => database.fact('vault-check'),
      save: (sealed) => database.saveFact('vault-check', sealed),
    })
    const { profile, now } = options
    const settings = new Settings({ database, vault, profile, dataDirectory: directory, now })
    const firstStart = start(settings, database, options)
    const random = options.random ?? machineRandom
    const operators = new Operators({ settings, database, vault, random })
    const access = {
      settings,
      database: new AccessDatabase(opening.database),
      now,
      isClockBelievable: options.isClockBelievable ?? (() => true),
    }
    return {
      kind: 'open',
      settings,
      operators,
      sealedFiles: new SealedFiles(database, vault),
      sessions: database,
      secondFactors: new SecondFactors({ ...access, vault, random }),
      tokens: new ApiTokens({ ...access, roleOf: (name) => operators.standing(name)?.role }),
      records: new BackupRecords(database, vault),
      physicalReset: new PhysicalReset({ settings, database, access: access.database, vault, now }),
      firstStart,
    }
  } catch (cause) {
    database.close()
    throw cause
  }
}

function start(settings: Settings, database: SettingsDatabase, options: SettingsOptions): FirstStart {
  const { firstSetup: file } = options
  if (database.setup() === undefined) {
    if (file !== undefined)
      return existsSync(file) ? applyFirst(settings, database, file) : { kind: 'absent', file }
    if (options.isEmbedded === true) return applyEmbedded(settings, options)
    return { kind: 'nothing' }
  }
  return file !== undefined && existsSync(file) && isToErase(database, file)
    ? { kind: 'applied', file, erasure: eraseSecrets(database, file) }
    : { kind: 'nothing' }
}

/** After a power cut between applying and erasing, or where the very document that was applied lies there again. */
function isToErase(database: SettingsDatabase, file: string): boolean {
  if (Buffer.from(database.fact(firstSetupFact) ?? []).toString() === 'applied') return true
  const read = readText(file)
  if (read.kind === 'unreadable' || !digestOf(read.text).equals(database.fact(firstDigestFact) ?? noDigest))
    return false
  const parsed = parseDocument(read.text)
  return parsed.kind === 'parsed' && hasSecrets(parsed.document)
}

const noDigest = new Uint8Array()

const digestOf = (document: string): Buffer => createHash('sha256').update(document).digest()

function applyFirst(settings: Settings, database: SettingsDatabase, file: string): FirstStart {
  const read = readText(file)
  if (read.kind === 'unreadable') return { ...read, file }
  const application = database.inTransaction((): Application => {
    const done = settings.apply(read.text, { who: 'first start' })
    if (done.kind === 'applied') {
      database.saveFact(firstSetupFact, text('applied'))
      database.saveFact(firstDigestFact, digestOf(read.text))
    }
    return done
  })
  switch (application.kind) {
    case 'problems':
      return { kind: 'problems', file, problems: application.problems }
    case 'applied':
      return { kind: 'applied', file, erasure: eraseSecrets(database, file) }
    case 'checked':
    case 'outdated':
      throw new Error(`the first setup was ${application.kind}`)
  }
}

function readText(
  file: string,
):
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly detail: string } {
  try {
    return { kind: 'text', text: readFileSync(file, 'utf8') }
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return { kind: 'unreadable', detail: `${file} cannot be read: ${code}` }
  }
}

/** How a first setup document begins whose secrets moved into the vault. */
export const erasedHeader = '# Applied by inkpost, which keeps the secrets now. Comments went with them.\n'

/**
 * Writes the file anew with `(kept)` for every secret. Its comments go too: nobody can tell a secret in a comment from
 * a remark. Returns why it could not be done, or nothing.
 */
function eraseSecrets(database: SettingsDatabase, file: string): string {
  const read = readText(file)
  if (read.kind === 'unreadable') return read.detail
  const parsed = parseDocument(read.text)
  try {
    if (parsed.kind === 'parsed' && hasSecrets(parsed.document)) {
      const erased = printDocument(withSecrets(parsed.document, () => kept))
      writeDurably(file, erasedHeader + erased, statSync(file).mode & 0o777)
    }
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    return `${file} cannot be written: ${code}`
  }
  database.saveFact(firstSetupFact, text('erased'))
  return ''
}

const hasSecrets = (document: Parameters<typeof secretSlots>[0]): boolean =>
  secretSlots(document).some(({ value }) => value !== undefined && value !== kept) ||
  document.operator.some((row) => row.password_hash !== kept)

function applyEmbedded(settings: Settings, options: SettingsOptions): FirstStart {
  const application = settings.apply(embeddedDocument(options.random ?? machineRandom), {
    who: 'first start',
  })
  if (application.kind !== 'applied')
    throw new Error('the embedded document was refused', { cause: application })
  return { kind: 'embedded' }
}
