import { type Diagnosis, diagnosisOf, type Finding, needsDoing } from '../core/diagnosis.ts'
import type { Operations } from '../core/operations.ts'
import { type Call, onBox, show } from './call.ts'
import { colourOf, type Paint } from './paint.ts'
import { countOf, oneLine, wrap } from './plain-text.ts'
import { pageWidth } from './table.ts'
import { sendTrials, type Trials } from './trials.ts'
import { done, failed, type Verdict, wrong } from './verdict.ts'

export interface DoctorWish {
  /** A real test mail goes to this address. */
  readonly send?: string
  /** By this way out alone; absent: by each. */
  readonly upstream?: string
  readonly timeoutMs: number
}

/** `doctor`: what is wrong and what to do, on one screen; fails if something needs doing. */
export function doctor(call: Call, { send, upstream, timeoutMs }: DoctorWish): Promise<Verdict> {
  if (send === undefined && upstream !== undefined) {
    return Promise.resolve(wrong('--upstream says by which way out --send ADDRESS goes'))
  }
  return onBox(call, async (operations) => {
    const trials = send === undefined ? undefined : { to: send, upstream, timeoutMs }
    const diagnosis = await diagnosed(call, operations, trials)
    await show(call, diagnosis, (paint) => lines(diagnosis, paint))
    const open = diagnosis.findings.filter(needsDoing).length
    return open === 0 ? done : failed(`${countOf(open, 'thing needs', 'things need')} doing`)
  })
}

/** The test mails stand in the place of what could not be asked without them. */
async function diagnosed(call: Call, operations: Operations, trials: Trials | undefined): Promise<Diagnosis> {
  const diagnosis = await operations.doctor()
  if (!trials) return diagnosis
  const sent = await sendTrials(call, operations, trials)
  const others = diagnosis.findings.filter(({ id }) => !sent.some((finding) => finding.id === id))
  return diagnosisOf([...others, ...sent], diagnosis.at)
}

/** What could not be asked for one and the same reason stands in one line: the screen is for what needs doing. */
function lines({ findings }: Diagnosis, paint: Paint): readonly string[] {
  const unasked = Map.groupBy(
    findings.filter(({ state }) => state === 'not-checked'),
    ({ remedy }) => remedy,
  )
  const shown = findings.flatMap((finding) => {
    const group = finding.state === 'not-checked' ? (unasked.get(finding.remedy) ?? []) : []
    if (group.length <= 1) return [finding]
    const sentence = group.map(({ id }) => id).join(', ')
    return group[0] === finding ? [{ ...finding, sentence }] : []
  })
  return shown.flatMap((finding) => findingLines(finding, paint))
}

const labelWidth = 13
const indent = ' '.repeat(labelWidth)

function findingLines(finding: Finding, paint: Paint): readonly string[] {
  const { state, sentence, remedy, evidence } = finding
  const label = state === 'not-checked' ? 'not checked' : state
  const [first = '', ...more] = wrap(sentence, pageWidth - labelWidth)
  return [
    `${paint(colourOf(state), label)}${' '.repeat(labelWidth - label.length)}${first}`,
    ...more.map((line) => indent + line),
    ...(remedy === '' ? [] : arrowed(remedy)),
    ...(needsDoing(finding) ? evidence.slice(0, 4).map((each) => paint('dim', indent + oneLine(each))) : []),
  ]
}

const arrowed = (remedy: string): readonly string[] =>
  wrap(remedy, pageWidth - labelWidth - 2).map((line, at) => `${indent}${at === 0 ? '→' : ' '} ${line}`)
