import type { Cured, CureView } from '../core/cure-operations.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { localTime } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

export interface CureArguments {
  readonly forMs?: number
  readonly name?: string
}

/** `cure SESSION`: applies what its verdict proposes. */
export function cure(call: Call, session: string, { forMs, name }: CureArguments): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.cure(session, call.world.who, { forMs, name, mayChangeBox: true })
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => curedLines(result, call.world.clock.wall()))
    return done
  })
}

/** `cure SESSION --undo`: puts back what it changed. */
export function undoCure(call: Call, session: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.undoCure(session, call.world.who, { mayChangeBox: true })
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => ['Put back:', ...result.changes.map((change) => `  ${change}`)])
    return done
  })
}

const curedLines = ({ cure: { changes, until, session }, card }: Cured, now: WallMs): readonly string[] => [
  ...changes,
  endLine(until, now),
  `\`inkpost cure ${session} --undo\` takes it back.`,
  ...(card ? ['', ...card.card] : []),
]

const endLine = (until: CureView['until'], now: WallMs): string =>
  until === undefined ? 'It stays so.' : `It is put back on ${localTime(until, now)}.`
