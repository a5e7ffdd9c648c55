import type { ComponentChildren } from 'preact'
import type { HealthState } from '../../../src/core/machine-health.ts'
import { type Fact, Facts } from '../../parts/facts.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { moodOfHealth } from '../more/moods.ts'

interface SignProps {
  readonly name: string
  readonly state: HealthState
  readonly words: ComponentChildren
  /** What to do, told where it is not in order. */
  readonly cure?: string
  readonly facts?: readonly Fact[]
}

/** One thing about the machine, how it is, and what to do where that is bad. */
export function Sign({ name, state, words, cure, facts = [] }: SignProps) {
  return (
    <section class="card">
      <h2>{name}</h2>
      <p>
        <StateWord mood={moodOfHealth[state]}>{words}</StateWord>
      </p>
      {state !== 'ok' && cure !== undefined && <p class="remedy">{cure}</p>}
      {facts.length > 0 && <Facts facts={facts} />}
    </section>
  )
}
