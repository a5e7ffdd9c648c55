import type { PastAlert, Telling } from '../core/alerts.ts'
import type { FinishedMail, Ration, Told } from '../core/telling-spool.ts'
import type { WallMs } from '../core/time.ts'

/** Where counting finished mail goes on: after this message of those that were found finished at that time. */
export interface FinishedPlace {
  readonly at: number
  readonly message: number
}

/** What the writer can be asked about telling. */
export interface TellingWriterCalls {
  readonly tell: { ask: Told; answer: undefined }
}

/** What the reader can be asked of it. */
export interface TellingReaderCalls {
  readonly tellings: { ask: Record<never, never>; answer: readonly Telling[] }
  readonly ration: { ask: Record<never, never>; answer: Ration | undefined }
  readonly 'past-alerts': { ask: { since: WallMs }; answer: readonly PastAlert[] }
  readonly 'last-letter': { ask: Record<never, never>; answer: WallMs | undefined }
  readonly 'finished-mail': {
    ask: { after: FinishedPlace; until: WallMs }
    answer: FinishedMail & { next: FinishedPlace | undefined }
  }
}
