import type { WallMs } from './time.ts'

/** A value that was changed, as text; secrets are masked. Empty: there was none, or there is none now. */
export interface AuditChange {
  /** `device "Front desk": allowed_recipients`. */
  readonly what: string
  readonly before: string
  readonly after: string
}

/** What somebody did. */
export interface AuditEntry {
  /** Rises with every entry; the cursor of `AuditFilter`. */
  readonly id: number
  readonly at: WallMs
  readonly who: string
  /** `command line`, `console 192.168.7.5`, `control socket`; empty: from before places were noted. */
  readonly place: string
  readonly what: string
  readonly changes: readonly AuditChange[]
  /** Something is less protected since. */
  readonly weakens: boolean
}

/** What is looked for; what is undefined does not count. Texts match without case, anywhere. */
export interface AuditFilter {
  /** Entries older than this one. */
  readonly before?: number | undefined
  readonly who?: string | undefined
  readonly text?: string | undefined
  readonly since?: WallMs | undefined
  readonly until?: WallMs | undefined
  readonly weakens?: boolean | undefined
}

/** The newest entry, by which a chain is known that lost its end. */
export interface AuditHead {
  readonly id: number
  /** SHA-256 over everything up to this entry, hexadecimal. */
  readonly hash: string
}

/** A head that somebody else wrote down: a backup, the log. */
export interface AuditWitness extends AuditHead {
  readonly source: string
}

export type AuditVerification =
  | {
      readonly kind: 'intact'
      readonly entries: number
      readonly oldest: WallMs | undefined
      readonly head: AuditHead | undefined
      /** How many heads were compared that others wrote down. */
      readonly witnesses: number
    }
  /** `id`: the first entry that does not fit. */
  | { readonly kind: 'broken'; readonly id: number; readonly sentence: string }

/** `17:5f3c…`: as it stands in a backup and in the log. */
export const headText = (head: AuditHead | undefined): string => (head ? `${head.id}:${head.hash}` : '')

export function parseHead(text: string): AuditHead | undefined {
  const [, id, hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  return id === undefined ? undefined : { id: Number(id), hash }
}

/** Where somebody is, as `who` says it: `anna at the command line`, `anna at the console, 192.168.7.5`. */
export function placeOf(who: string): string {
  const at = who.lastIndexOf(' at the ')
  if (at >= 0) return who.slice(at + ' at the '.length).replace(', ', ' ')
  return who === 'inkpost' ? 'the box itself' : who === 'first start' ? 'setup document' : ''
}
