import type { Adoption, DeviceTrait, Sighting, TakeOver, UnadoptedMail } from '../core/learning.ts'
import type { WallMs } from '../core/time.ts'
import type { Leftover } from './thread-protocol.ts'

/** A slice of mail that was let go or dropped; `more` while another may find something. */
export interface UnadoptedSlice extends Leftover {
  readonly mails: number
  readonly more: boolean
}

/** What the writer can be asked about what was learned. */
export interface LearningWriterCalls {
  readonly 'save-sightings': { ask: readonly Sighting[]; answer: undefined }
  readonly 'forget-sighting': { ask: { address: string }; answer: undefined }
  readonly 'save-traits': { ask: readonly DeviceTrait[]; answer: undefined }
  readonly 'set-take-over': { ask: { takeOver: TakeOver | undefined }; answer: undefined }
  readonly adopt: { ask: { adoption: Adoption; now: WallMs }; answer: UnadoptedSlice }
  readonly 'age-unadopted': { ask: { byMs: number }; answer: undefined }
  readonly 'drop-unadopted': { ask: { heldMs: number }; answer: UnadoptedSlice }
}

/** What the reader can be asked of it. */
export interface LearningReaderCalls {
  readonly sightings: { ask: Record<never, never>; answer: readonly Sighting[] }
  readonly traits: { ask: Record<never, never>; answer: readonly DeviceTrait[] }
  readonly 'take-over': { ask: Record<never, never>; answer: TakeOver | undefined }
  readonly unadopted: { ask: Record<never, never>; answer: readonly UnadoptedMail[] }
}
