import type { Verdict } from '../../src/core/verdict.ts'
import type { Journey } from './live-journey.ts'

export function CureOffer({ verdict }: { readonly journey: Journey; readonly verdict: Verdict }) {
  const { cure } = verdict
  return cure ? (
    <p>
      <bdi>{cure.words}</bdi>
    </p>
  ) : null
}
