import type { ToldProblem } from '../../../src/core/home.ts'
import { formatSize, formatTime } from '../../words/formats.ts'
import { t } from '../../words/language.ts'

export interface ProblemWords {
  readonly sentence: string
  /** What a service or the machine said of it, in its words; empty where it said nothing. */
  readonly said: string
  readonly remedy: string
  /** The remedy is in English, as the box says it. */
  readonly isRemedySaid: boolean
}

const own = (sentence: string, remedy: string, said = ''): ProblemWords => ({
  sentence,
  said,
  remedy,
  isRemedySaid: false,
})

/** A problem in the language of the page; what comes from elsewhere stays as it was said. */
export function wordsOf({ problem, sentence, remedy }: ToldProblem): ProblemWords {
  switch (problem.kind) {
    case 'not-running':
    case 'vault-locked':
    case 'no-way-out':
      return own(t(`problem.${problem.kind}`), t(`problem.${problem.kind}-cure`))
    case 'nothing-accepted':
    case 'setup-not-understood':
      return own(t(`problem.${problem.kind}`), t(`problem.${problem.kind}-cure`), problem.detail)
    case 'disk-full': {
      const size = formatSize(problem.freeBytes)
      return own(t('problem.disk-full', { size }), t('problem.disk-full-cure'), problem.detail)
    }
    case 'clock-wrong':
      return own(t('problem.clock-wrong', { time: formatTime(problem.wall) }), t('problem.clock-wrong-cure'))
    case 'upstream-paused':
      return pausedWords(problem)
    case 'listener-closed':
      return own(
        t('problem.listener-closed', { port: String(problem.port) }),
        t('problem.listener-closed-cure'),
        problem.detail,
      )
    case 'device-trouble': {
      const state = t(`state.${problem.health.code}`)
      const what = t('problem.device-trouble', { name: problem.device, state })
      return own(what, `${t(`verdict.${problem.health.code}`)} ${t('problem.device-trouble-cure')}`)
    }
    case 'unadopted-mail':
      return own(t('problem.unadopted-mail', { count: problem.mails }), t('problem.unadopted-mail-cure'))
    case 'expiry':
    case 'alert':
      return { sentence, said: '', remedy, isRemedySaid: true }
  }
}

type Paused = Extract<ToldProblem['problem'], { readonly kind: 'upstream-paused' }>

function pausedWords({ upstream: name, byOperator, waiting, reason, remedy }: Paused): ProblemWords {
  const left = waiting > 0 ? ` ${t('problem.upstream-waiting', { count: waiting })}` : ''
  if (byOperator)
    return own(
      t('problem.upstream-paused-by-hand', { name }) + left,
      t('problem.upstream-paused-by-hand-cure'),
    )
  return { sentence: t('problem.upstream-paused', { name }) + left, said: reason, remedy, isRemedySaid: true }
}
