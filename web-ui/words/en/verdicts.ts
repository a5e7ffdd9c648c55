import { type VerdictCode, verdictCodes } from '../../../src/core/verdict.ts'

type VerdictWords = Readonly<Record<`verdict.${VerdictCode}` | `state.${VerdictCode}`, string>>

/** What each code means, and its word for a list: the source is `core`, which says the same in replies and in the log. */
export const verdicts = Object.fromEntries(
  Object.entries(verdictCodes).flatMap(([code, { sentence, state }]) => [
    [`verdict.${code}`, sentence],
    [`state.${code}`, state],
  ]),
) as VerdictWords
