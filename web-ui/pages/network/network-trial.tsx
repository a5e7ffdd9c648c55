import { useEffect, useState } from 'preact/hooks'
import type { TrialSheet } from '../../../src/core/network-operations.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { tell } from '../../parts/notice.tsx'
import { Qr } from '../../parts/qr.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { isAtLeast } from '../../role.ts'
import { t } from '../../words/language.ts'

interface NetworkTrialProps {
  readonly trial: TrialSheet
  readonly onChanged: () => void
}

/** It goes on where the box does not answer any more: it may be at its new address by now. */
function useLeft(leftMs: number): number {
  const [left, setLeft] = useState(leftMs)
  useEffect(() => {
    const end = performance.now() + leftMs
    const show = () => setLeft(Math.max(0, end - performance.now()))
    show()
    const timer = setInterval(show, 1000)
    return () => clearInterval(timer)
  }, [leftMs])
  return left
}

/** Shown at the old address until it is gone, and at the new one, where it is kept. */
export function NetworkTrial({ trial: { leftMs, urls }, onChanged }: NetworkTrialProps) {
  const left = useLeft(leftMs)
  const done = (words: string) => () => {
    tell(words)
    onChanged()
  }
  return (
    <section>
      <h2>{t('network.trial')}</h2>
      <p>{t('network.trial-line')}</p>
      <p>
        <StateWord mood="busy">
          {t('network.trial-left', { seconds: String(Math.ceil(left / 1000)) })}
        </StateWord>
      </p>
      {urls.length === 0 && <p>{t('network.trial-router')}</p>}
      {urls.map((url) => (
        <p key={url}>
          <a href={`${url}#/network`}>
            <bdi>{url}</bdi>
          </a>
          <Qr text={`${url}#/network`} label={url} />
        </p>
      ))}
      {isAtLeast('administrator') && (
        <p class="actions">
          <Action
            label={t('network.keep')}
            look="main"
            run={() => ask('POST', '/network/keep', { body: {} })}
            onDone={done(t('network.kept'))}
          />
          <Action
            label={t('network.back')}
            run={() => ask('POST', '/network/undo', { body: {} })}
            onDone={done(t('network.is-back'))}
          />
        </p>
      )}
    </section>
  )
}
