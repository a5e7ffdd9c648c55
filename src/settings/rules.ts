import type { Candidate, Rule } from './candidate.ts'
import { isError, type Problem } from './problem.ts'
import { boxRules } from './rules-box.ts'
import { deviceRules } from './rules-devices.ts'
import { fleetRules } from './rules-fleet.ts'
import { networkRules } from './rules-network.ts'
import { upstreamRules } from './rules-upstreams.ts'

/** What no single key can say: every rule that looks at several. */
export const rules: readonly Rule[] = [
  ...boxRules,
  ...deviceRules,
  ...upstreamRules,
  ...networkRules,
  ...fleetRules,
]

/** Everything the rules have to say, errors first. */
export function judge(candidate: Candidate): readonly Problem[] {
  const problems = rules.flatMap((rule) => rule.check(candidate))
  return [...problems.filter(isError), ...problems.filter((problem) => !isError(problem))]
}
