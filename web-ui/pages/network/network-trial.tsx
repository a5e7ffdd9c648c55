import type { TrialSheet } from '../../../src/core/network-operations.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { tell } from '../../parts/notice.tsx'
import { Qr } from '../../parts/qr.tsx'
import { isAtLeast } from '../../role.ts'
import { t } from '../../words/language.ts'

interface NetworkTrialProps {
  readonly trial: TrialSheet
  readonly onChanged: () => void
}

/** Shown at the old address until it is gone, and at the new one, where it is kept. */
export function NetworkTrial({ trial: { leftMs, urls }, onChanged }: NetworkTrialProps) {
  const done = (words: string) => () => {
    tell(words)
    onChanged()
  }
  return (
    <section>
      <h2>{t('network.trial')}</h2>
      <p>{t('network.trial-line')}</p>
      <p>{t('network.trial-left', { seconds: String(Math.ceil(leftMs / 1000)) })}</p>
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
