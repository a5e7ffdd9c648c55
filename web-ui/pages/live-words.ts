import { isFault, type Verdict } from '../../src/core/verdict.ts'
import { formatSize } from '../words/formats.ts'
import { language, t } from '../words/language.ts'
import type { Journey, StepView } from './live-journey.ts'
import { isTest, standsAt } from './live-steps.ts'

/** `10:42:07`, in the phone's time zone: a person counts the seconds between two steps. */
export const formatSeconds = (at: number): string =>
  new Intl.DateTimeFormat(language.value, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at)

/** As the box says it; in another language what its code means, for the box speaks English. */
export const verdictSentence = ({ code, sentence }: Verdict): string =>
  language.value === 'en' ? sentence : t(`verdict.${code}`)

/** What stands beside a step: few words. */
export function stepWords(view: StepView, journey: Journey): string {
  const { step, state, detail } = view
  if (state === 'skipped' && (step === 'secured' || step === 'signed-in')) return t(`live.skipped.${step}`)
  if (state === 'failed' && journey.verdict && isFault(journey.verdict))
    return verdictSentence(journey.verdict)
  if (step === 'sent') return sentWords(view, journey)
  const { mail, recipients } = journey
  if (step === 'addressed' && recipients !== undefined) return t('live.recipients', { count: recipients })
  if (step === 'received' && mail?.octets !== undefined) return formatSize(mail.octets)
  return detail
}

function sentWords({ state, detail }: StepView, journey: Journey): string {
  if (state === 'done' && isTest(journey)) return t('live.stays')
  if (state === 'done') return t('live.sent-by', { upstream: journey.mail?.delivery?.upstream ?? '' })
  if (state === 'waiting' && detail === '') return t('live.in-the-box')
  return detail
}

/** What a screen reader says of where a journey stands. */
export function spokenWords(journey: Journey): string {
  const view = standsAt(journey)
  if (view === undefined) return ''
  const step = t(`live.step.${view.step}`)
  const words = stepWords(view, journey)
  if (view.state === 'failed') return t('live.spoken.failed', { step, sentence: words })
  if (view.state === 'waiting') return t('live.spoken.waiting', { step, detail: words })
  return t('live.spoken.done', { step, time: formatSeconds(view.at ?? journey.lastAt) })
}
