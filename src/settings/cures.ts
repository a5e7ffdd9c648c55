import type { WallMs } from '../core/time.ts'
import type { VerdictCode } from '../core/verdict.ts'
import {
  type Change,
  type CureEdit,
  changesOf,
  changeText,
  deviceRow,
  editedDocument,
  endedDocument,
  placeOf,
  undoneDocument,
} from './cured-document.ts'
import { factsOfDevices } from './device-renames.ts'
import type { Edited } from './edits.ts'
import { checkDocument } from './parse.ts'
import { defaultOf, lean } from './print.ts'
import type { Settings } from './settings.ts'

/** Why and by whom a cure is applied. */
export interface CureOccasion {
  readonly id: string
  readonly session: string
  readonly code: VerdictCode
  readonly who: string
  readonly at: WallMs
  /** When the box puts it back; undefined: it stays. */
  readonly until: WallMs | undefined
  /** The end stands in the document (`weak_until`), where it takes effect by itself. */
  readonly endsItself: boolean
  /** Forgotten then: it can't be undone any more. */
  readonly keptUntil: WallMs
}

/** A cure that can be undone. */
export interface KeptCure extends CureOccasion {
  readonly changes: readonly Change[]
  /** For people. */
  readonly texts: readonly string[]
}

export type CureResult =
  | Edited<{ readonly kept: KeptCure }>
  | { readonly kind: 'holds' }
  /** So many wait for their end that no other may join them. */
  | { readonly kind: 'full'; readonly most: number }

export type Undone =
  | Edited<{ readonly texts: readonly string[] }>
  | { readonly kind: 'overtaken'; readonly what: string }

export type Ended =
  | Exclude<Undone, { readonly kind: 'done' }>
  | { readonly kind: 'ended'; readonly texts: readonly string[]; readonly overtaken: readonly string[] }

const fact = factsOfDevices.cures
/** The oldest give way, but for those whose end is the box's to bring: what they opened would stay open for ever. */
const mostKept = 200
const mustStay = ({ until, endsItself }: KeptCure): boolean => until !== undefined && !endsItself

/** Cures as changes of the settings: what each did is kept beside the document, for as long as it can be undone. */
export class Cures {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** The latest first. */
  list(): readonly KeptCure[] {
    const text = this.#settings.kept(fact)
    // Written by this class alone.
    return text === undefined ? [] : (JSON.parse(text) as KeptCure[])
  }

  find(id: string): KeptCure | undefined {
    const kept = this.list()
    return kept.find((cure) => cure.id === id) ?? kept.find(({ session }) => session === id)
  }

  /** One change. It is kept before it is made: a power cut in between leaves no weakening without its end. */
  apply(edit: CureEdit, occasion: CureOccasion): CureResult {
    const before = lean(this.#settings.document)
    const raw = editedDocument(before, edit)
    if (!raw) return { kind: 'unknown' }
    const parsed = checkDocument(raw)
    if (parsed.kind === 'problems') return parsed
    const changes = changesOf(before, lean(parsed.document), edit)
    if (changes.length === 0) return { kind: 'holds' }
    if (this.list().filter(mustStay).length >= mostKept) return { kind: 'full', most: mostKept }
    const kept = this.#keep(occasion, changes)
    const application = this.#settings.replace(parsed.document, { who: occasion.who })
    if (application.kind === 'problems' || application.kind === 'outdated') {
      this.forget(kept.id)
      return application
    }
    this.#record(kept)
    return { kind: 'done', application, kept }
  }

  /** Of a device that an adoption made. */
  keepMade(name: string, occasion: CureOccasion): KeptCure {
    const row = deviceRow(lean(this.#settings.document), name) ?? {}
    const kept = this.#keep(occasion, [{ made: name, row }])
    this.#record(kept)
    return kept
  }

  /** Its time is over: what still stands of it goes back, whatever became of the rest. */
  end(kept: KeptCure, who: string): Ended {
    const { back, overtaken } = endedDocument(lean(this.#settings.document), kept.changes)
    const undone = back.length > 0 ? this.undo({ ...kept, changes: back }, who) : undefined
    if (undone && undone.kind !== 'done') return undone
    this.forget(kept.id)
    return { kind: 'ended', texts: undone?.texts ?? [], overtaken: overtaken.map(placeOf) }
  }

  undo({ id, session, code, changes }: KeptCure, who: string): Undone {
    const undone = undoneDocument(lean(this.#settings.document), changes)
    if (undone.kind === 'overtaken') return undone
    const parsed = checkDocument({ ...undone.document })
    if (parsed.kind === 'problems') return parsed
    const application = this.#settings.replace(parsed.document, { who })
    if (application.kind === 'problems' || application.kind === 'outdated') return application
    this.forget(id)
    const texts = changes.map(backText)
    this.#settings.record(who, [`cure of ${code} in session ${session} undone: ${texts.join('; ')}`])
    return { kind: 'done', application, texts }
  }

  forget(id: string): void {
    this.#save(this.list().filter((cure) => cure.id !== id))
  }

  /** Of rows that stand again as they stood: what was opened there for a time has its end again. */
  remember(cures: readonly KeptCure[]): void {
    if (cures.length === 0) return
    this.#save([...cures, ...this.list()].toSorted((one, other) => other.at - one.at))
  }

  #keep(occasion: CureOccasion, changes: readonly Change[]): KeptCure {
    const texts = changes.map((change) => changeText(change, (key) => defaultOf(tableOf(change), key)))
    const kept = { ...occasion, changes, texts }
    this.#save(withinMost([kept, ...this.list()]))
    return kept
  }

  #record({ who, code, session, texts }: KeptCure): void {
    this.#settings.record(who, [`cure of ${code} in session ${session}: ${texts.join('; ')}`])
  }

  #save(cures: readonly KeptCure[]): void {
    this.#settings.remember(fact, JSON.stringify(cures))
  }
}

function withinMost(cures: readonly KeptCure[]): readonly KeptCure[] {
  let room = mostKept - cures.filter(mustStay).length
  return cures.filter((cure) => mustStay(cure) || room-- > 0)
}

const tableOf = (change: Change): 'device' | 'gateway' =>
  'made' in change || change.device !== undefined ? 'device' : 'gateway'

function backText(change: Change): string {
  if ('made' in change) return changeText(change, () => undefined).replace(/added$/, 'removed')
  if (change.added !== undefined) return changeText(change, () => undefined).replace(' + ', ' - ')
  const { before, after, ...rest } = change
  return changeText({ ...rest, before: after, after: before }, (key) => defaultOf(tableOf(change), key))
}
