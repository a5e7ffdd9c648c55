import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePlace, type SlotsView } from '../core/machine-update.ts'
import type { UpdateCheck, UpdateState } from '../core/update-operations.ts'
import { writeDurably } from '../platform/durable-file.ts'

/** What is known of updates whatever happens to the power. */
export interface UpdateRecord {
  readonly state: UpdateState
  readonly check: UpdateCheck | undefined
  /** A version that was given up is not tried again by itself. */
  readonly givenUp: string
  /** What the index named, and is unfit for the version that ran (`refusalMark`): it does not fetch it again by itself. */
  readonly refused: string
  /** As the slots were when an installation began: while it writes, the installer answers nobody who asks for them. */
  readonly slotsBefore: SlotsView | undefined
}

const empty: UpdateRecord = {
  state: { kind: 'none' },
  check: undefined,
  givenUp: '',
  refused: '',
  slotsBefore: undefined,
}

export const recordPath = (dataDir: string): string => join(dataDir, bundlePlace.folder, 'state.json')

export class RecordFile {
  readonly #path: string
  #record: UpdateRecord

  constructor(dataDir: string) {
    this.#path = recordPath(dataDir)
    this.#record = this.#read()
  }

  get record(): UpdateRecord {
    return this.#record
  }

  write(change: Partial<UpdateRecord>): void {
    const record = { ...this.#record, ...change }
    mkdirSync(join(this.#path, '..'), { recursive: true, mode: 0o700 })
    writeDurably(this.#path, JSON.stringify(record))
    this.#record = record
  }

  /**
   * Of the release of before, or the next one: what it says beyond these fields is passed over. A file that is damaged says
   * nothing, and is no reason to take no update ever again.
   */
  #read(): UpdateRecord {
    if (!existsSync(this.#path)) return empty
    const told = jsonOf(readFileSync(this.#path, 'utf8'))
    return isRecord(told) ? { ...empty, ...told } : empty
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const kinds: Readonly<Record<UpdateState['kind'], true>> = {
  none: true,
  fetching: true,
  verified: true,
  waiting: true,
  installing: true,
  'restart-due': true,
  'on-trial': true,
  kept: true,
  'rolled-back': true,
  failed: true,
}

const isRecord = (told: unknown): told is UpdateRecord =>
  typeof told === 'object' && told !== null && 'state' in told && isState(told.state)

const isState = (state: unknown): boolean =>
  typeof state === 'object' && state !== null && 'kind' in state && Object.hasOwn(kinds, String(state.kind))
