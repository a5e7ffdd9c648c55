import { useEffect, useState } from 'preact/hooks'
import type { StatusView } from '../../src/core/operations.ts'
import { standing } from '../box.ts'
import { boxNow } from '../clock.ts'
import { Answered } from '../parts/answered.tsx'
import { Busy } from '../parts/busy.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { t } from '../words/language.ts'
import type { Watched } from './live-journey.ts'
import { portWords } from './port-words.ts'

/** A scanner that warms up and finds its network needs less. */
const silentS = 90

interface WaitingProps {
  readonly watched: Watched
  /** When something last came; undefined: it did not. */
  readonly lastAt: number | undefined
}

/** Until something comes from the printer: what to do, and what to compare when nothing comes. */
export function Waiting({ watched, lastAt }: WaitingProps) {
  const [openedAt] = useState(boxNow)
  const hasCome = lastAt !== undefined && lastAt >= openedAt
  const seconds = useSecondsOpen(!hasCome)
  if (hasCome) return null
  const name = standing.value?.about.name ?? ''
  return (
    <section class="card">
      <Busy
        what={t('live.watching', { who: watched.device ?? watched.address ?? '' })}
        reason={t('live.waiting')}
      />
      <p class="hint">{t('live.test-hint', { address: `test@${name}.local` })}</p>
      {seconds >= silentS && <Compare />}
    </section>
  )
}

function useSecondsOpen(isCounting: boolean): number {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (!isCounting) return
    const begun = performance.now()
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - begun) / 1000)), 1000)
    return () => clearInterval(timer)
  }, [isCounting])
  return seconds
}

function Compare() {
  const status = useAnswer<StatusView>('/status')
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>{t('live.silent.title', { seconds: silentS })}</strong>
      </p>
      <p>{t('live.silent.explain')}</p>
      <Answered known={status}>
        {({ listeners, localName }) => (
          <dl class="pairs">
            <dt>{t('live.silent.address')}</dt>
            <dd>
              <bdi>{location.hostname}</bdi>
              {localName !== undefined && (
                <>
                  , {t('live.silent.or-name')} <bdi>{localName}</bdi>
                </>
              )}
            </dd>
            <dt>{t('live.silent.port')}</dt>
            <dd>
              {listeners
                .filter(({ protocol }) => protocol === 'smtp')
                .map(({ port, security }) => (
                  <div key={port}>
                    <bdi>{port}</bdi> {portWords(security)}
                  </div>
                ))}
            </dd>
          </dl>
        )}
      </Answered>
    </div>
  )
}
