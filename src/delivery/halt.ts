/** A stop in two steps, so that a mail whose answer is on its way is not left in doubt. */
export interface Halt {
  /** Nothing new begins. */
  readonly soon: AbortSignal
  /** What is on the wire is cut off. */
  readonly now: AbortSignal
}
