import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '../core/clock.ts'
import type { SessionStore } from '../core/console-session.ts'
import type { Log } from '../core/log.ts'
import type { Spool, SpoolUnusable } from '../core/spool.ts'
import type { DatabaseRefusal } from '../platform/database.ts'
import type { ApiTokens } from '../settings/api-tokens.ts'
import type { BackupRecords } from '../settings/backup-records.ts'
import { type FirstStart, openSettings } from '../settings/open-settings.ts'
import type { Operators } from '../settings/operators.ts'
import type { PhysicalReset } from '../settings/physical-reset.ts'
import type { SealedFiles } from '../settings/sealed-files.ts'
import type { SecondFactors } from '../settings/second-factors.ts'
import type { Settings } from '../settings/settings.ts'
import type { Profile } from '../settings/value.ts'
import { openSpool, type SpoolOptions } from '../spool/open-spool.ts'

declare const INKPOST_BUILD: unknown

/** Why a gateway can't start, as a sentence for the person who typed the command. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
  /** Arguments or document are wrong; else it is the machine. */
  readonly isWrongInput: boolean
  /** The data directory can't be used: whoever has nobody at hand waits until it can. */
  readonly isStorage: boolean

  constructor(
    sentence: string,
    options: ErrorOptions & { readonly isWrongInput?: boolean; readonly isStorage?: boolean } = {},
  ) {
    super(sentence, options)
    this.isWrongInput = options.isWrongInput ?? false
    this.isStorage = options.isStorage ?? false
  }
}

export interface Stores extends AsyncDisposable {
  readonly dataDir: string
  readonly settings: Settings
  readonly operators: Operators
  readonly sealedFiles: SealedFiles
  readonly sessions: SessionStore
  readonly secondFactors: SecondFactors
  readonly tokens: ApiTokens
  readonly records: BackupRecords
  readonly physicalReset: PhysicalReset
  readonly firstStart: FirstStart
  readonly spool: Spool
}

export interface StoreOptions {
  readonly dataDir: string
  readonly profile: Profile
  readonly clock: Clock
  readonly setupFile?: string | undefined
  readonly maySetupBeAbsent?: boolean
  readonly isEmbedded?: boolean
  /** Limits of the spool, for tests of a full or held disk. */
  readonly spool?: Pick<SpoolOptions, 'maxPages' | 'reserveOctets' | 'lockWaitMs'>
  readonly onSpoolFailure?: (cause: Error) => void
}

/** In the bundle the spool's threads are entries of their own; from sources they stand beside their room. */
const bundledWorkers = {
  writer: new URL('./spool-writer.js', import.meta.url),
  reader: new URL('./spool-reader.js', import.meta.url),
}

/** Opens both databases of a data directory, making them at the first start. Refuses with a sentence. */
export async function openStores(options: StoreOptions): Promise<Stores> {
  const { dataDir, profile, clock } = options
  const opening = await openSettings(dataDir, {
    profile,
    now: () => clock.wall(),
    isClockBelievable: () => clock.isBelievable(),
    ...(options.setupFile === undefined ? {} : { firstSetup: options.setupFile }),
    isEmbedded: options.isEmbedded ?? false,
  })
  if (opening.kind !== 'open') throw refused('settings.db', dataDir, opening)
  const { kind: _, ...stores } = opening
  const { settings, firstStart } = stores
  try {
    refuseFirstStart(firstStart, options.maySetupBeAbsent ?? false)
    const spool = await openSpoolIn(options)
    return {
      dataDir,
      ...stores,
      spool,
      async [Symbol.asyncDispose]() {
        await spool[Symbol.asyncDispose]()
        settings[Symbol.dispose]()
      },
    }
  } catch (error) {
    settings[Symbol.dispose]()
    throw error
  }
}

async function openSpoolIn({ dataDir, spool: limits, onSpoolFailure }: StoreOptions): Promise<Spool> {
  const opening = await openSpool({
    file: join(dataDir, 'spool.db'),
    ...(typeof INKPOST_BUILD === 'undefined' ? {} : { workers: bundledWorkers }),
    ...limits,
    ...(onSpoolFailure === undefined ? {} : { onFailure: onSpoolFailure }),
  })
  if (opening.kind !== 'open') throw refused('spool.db', dataDir, opening)
  return opening.spool
}

function refuseFirstStart(firstStart: FirstStart, mayBeAbsent: boolean): void {
  switch (firstStart.kind) {
    case 'nothing':
    case 'embedded':
    case 'applied':
      return
    case 'absent':
      if (mayBeAbsent) return
      throw wrongSetup(`the first setup document ${firstStart.file} (INKPOST_SETUP) is not there`)
    case 'unreadable':
      throw wrongSetup(firstStart.detail)
    case 'problems': {
      const lines = firstStart.problems.map((problem) => `${problem.place}: ${problem.sentence}`)
      throw wrongSetup(`${firstStart.file} can't be applied:\n${lines.join('\n')}`)
    }
  }
}

const wrongSetup = (sentence: string): StartRefused => new StartRefused(sentence, { isWrongInput: true })

const isStorage = { isStorage: true } as const

function refused(name: string, dataDir: string, refusal: DatabaseRefusal): StartRefused {
  const file = join(dataDir, name)
  switch (refusal.kind) {
    case 'not-a-database':
      return new StartRefused(
        `${file} is not a database of inkpost (${refusal.detail}): move it away, or choose another --data directory`,
        isStorage,
      )
    case 'newer':
      return new StartRefused(
        `${file} was written by a newer release: ${refusal.detail}; ${newerRemedy(dataDir, name)}`,
        isStorage,
      )
    case 'locked':
      return new StartRefused(
        `${file} is in use by another process: end that one (a copy, a backup, sqlite3) and start again`,
      )
    case 'full':
      return new StartRefused(
        `the disk of ${dataDir} is full (${refusal.detail}): make room and start again`,
        isStorage,
      )
    case 'unreadable':
      return new StartRefused(
        `${file} can't be read (${refusal.detail}): ${unreadableRemedy(name)}`,
        isStorage,
      )
  }
}

/** The file was open already when the disk refused it. */
export function spoolRefused(dataDir: string, { trouble, message }: SpoolUnusable): StartRefused {
  const kind = trouble === 'io' ? 'unreadable' : trouble
  return refused('spool.db', dataDir, { kind, detail: message })
}

/** `platform/database.ts` made the copy before the step that this release can't read. */
function newerRemedy(dataDir: string, name: string): string {
  const copies = readdirSync(dataDir).filter((file) => /^\.v\d+$/.test(file.replace(name, '')))
  const [copy] = copies.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  const back = `put ${copy} in the place of ${name}, ${name}-wal and ${name}-shm, and lose what came since`
  return `install that release again${copy === undefined ? '' : `, or ${back}`}`
}

const unreadableRemedy = (name: string): string =>
  `check the disk; if it is sound, move ${name}, ${name}-wal and ${name}-shm away, all together, and start again: ${lostWith(name)}`

const lostWith = (name: string): string =>
  name === 'spool.db'
    ? 'mail that waits in it is not sent then'
    : 'the setup document has to be applied again then, with its secrets'

/**
 * The defaults go with the box, whoever opens it: the service's directory is a packaged box's, everything else a
 * checkout's.
 */
export const profileOf = (dataDir: string): Profile =>
  resolve(dataDir) === '/var/lib/inkpost' ? 'packaged' : 'checkout'

/** Names this boot of the machine (random(4)); monotonic times mean nothing beyond it. */
export function bootId(): string {
  const file = '/proc/sys/kernel/random/boot_id'
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : 'unknown'
}

export function logFirstStart(firstStart: FirstStart, log: Log): void {
  if (firstStart.kind !== 'applied') return
  log.write('info', 'setup-applied', { file: firstStart.file })
  if (firstStart.erasure !== '')
    log.write('warn', 'secrets-left-in-file', { file: firstStart.file, detail: firstStart.erasure })
}
