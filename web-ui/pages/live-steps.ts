import { type LiveStep, liveSteps } from '../../src/core/live.ts'
import { isFault, type Verdict, type VerdictCode } from '../../src/core/verdict.ts'
import type { Journey, StepState, StepView } from './live-journey.ts'

/** The six steps of a journey, each with how it went. */
export function stepsOf(journey: Journey): readonly StepView[] {
  const reached = Math.max(...liveSteps.map((step, index) => (isSeen(journey, step) ? index : -1)))
  const failed = failedStep(journey, reached)
  const passed = Math.max(reached, failed === undefined ? -1 : liveSteps.indexOf(failed))
  return liveSteps.map((step, index) => {
    if (step === failed) return { step, state: 'failed', at: journey.lastAt, detail: '' }
    if (step === 'sent') return sentStep(journey)
    const seen = journey.seen[step]
    if (seen) return { step, state: 'done', ...seen }
    return { step, state: index < passed ? 'skipped' : 'open', at: undefined, detail: '' }
  })
}

const isSeen = ({ seen }: Journey, step: LiveStep): boolean => step !== 'sent' && seen[step] !== undefined

/** Whether the person who watches has to do something. */
export const hasFailed = (journey: Journey): boolean =>
  stepsOf(journey).some(({ state }) => state === 'failed')

/** The step that a journey stands at: the last that is done, or the red one. */
export function standsAt(journey: Journey): StepView | undefined {
  const steps = stepsOf(journey)
  const failed = steps.find(({ state }) => state === 'failed')
  // Of a mail of which nothing was told yet the box has it: that is what is known.
  const isTold = journey.mail?.delivery !== undefined
  return failed ?? steps.findLast(({ state }) => state === 'done' || (state === 'waiting' && isTold))
}

function failedStep({ verdict }: Journey, reached: number): LiveStep | undefined {
  if (verdict === undefined || !isFault(verdict)) return undefined
  return stepOfCode(verdict) ?? liveSteps[Math.min(reached + 1, liveSteps.indexOf('received'))]
}

/** By the letter of its code; undefined: wherever it stood. */
const stepOfLetter: Readonly<Record<string, LiveStep>> = {
  T: 'secured',
  A: 'signed-in',
  S: 'addressed',
  R: 'addressed',
  Q: 'addressed',
  Z: 'received',
  W: 'received',
  D: 'received',
}

const stepOfCodes: Readonly<Partial<Record<VerdictCode, LiveStep>>> = { N5: 'connected', N6: 'connected' }

const stepOfCode = ({ code }: Verdict): LiveStep | undefined =>
  stepOfCodes[code] ?? stepOfLetter[code.charAt(0)]

/** A test stays here: that is its end, and a good one. */
export const isTest = ({ mail, verdict }: Journey): boolean =>
  mail?.files !== undefined || verdict?.code === 'F2'

function sentStep(journey: Journey): StepView {
  const { mail, seen } = journey
  const step = 'sent'
  if (isTest(journey)) return { step, state: 'done', at: seen.received?.at, detail: '' }
  const delivery = mail?.delivery
  if (delivery === undefined) {
    return { step, state: mail === undefined ? 'open' : 'waiting', at: undefined, detail: '' }
  }
  return { step, state: sentState(delivery.state), at: delivery.at, detail: delivery.detail }
}

function sentState(state: NonNullable<NonNullable<Journey['mail']>['delivery']>['state']): StepState {
  switch (state) {
    case 'accepted':
    case 'confirmed':
      return 'done'
    case 'deferred':
    case 'indeterminate':
    case 'held':
      return 'waiting'
    case 'bounced':
    case 'expired':
      return 'failed'
  }
}
