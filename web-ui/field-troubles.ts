import type { EditTrouble, FieldProblem } from '../src/core/edits.ts'
import type { Failed } from './box.ts'

/** What the box has against what it was sent, by keys of the setup document; '': of none alone. */
export type FieldTroubles = ReadonlyMap<string, string>

export const noTroubles: FieldTroubles = new Map()

/** All that is wrong with each key; empty where the box said no more than a sentence. */
export function fieldTroublesOf({ body }: Failed): FieldTroubles {
  const troubles = new Map<string, string>()
  for (const { field, sentence } of problemsIn(body)) {
    const before = troubles.get(field)
    troubles.set(field, before === undefined ? sentence : `${before}\n${sentence}`)
  }
  return troubles
}

/** What is left for the foot of a form whose fields of the keys `shown` say themselves what is wrong with them. */
export function unplacedTrouble(
  { sentence }: Failed,
  troubles: FieldTroubles,
  shown: readonly string[],
): string {
  if (troubles.size === 0) return sentence
  const others = [...troubles].filter(([field]) => !shown.includes(field))
  return others.map(([field, wrong]) => (field === '' ? wrong : `${field}: ${wrong}`)).join('\n')
}

/** What came with a refusal has the shape that the box's own types give it. */
function problemsIn(body: unknown): readonly FieldProblem[] {
  if (typeof body !== 'object' || body === null || !('trouble' in body)) return []
  const trouble = body.trouble as EditTrouble
  return trouble.why === 'invalid' ? trouble.fields : []
}
