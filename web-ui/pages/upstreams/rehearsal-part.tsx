import { useState } from 'preact/hooks'
import type { Rehearsal } from '../../../src/core/rehearsal.ts'
import { get } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { formatSpan } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { placeOf } from './way-out.ts'

/** What this way out would have made of the mail of the last 30 days. */
export function RehearsalPart({ name }: { readonly name: string }) {
  const [rehearsal, setRehearsal] = useState<Rehearsal | undefined>(undefined)
  return (
    <section class="card">
      <h2>{t('upstreams.rehearse')}</h2>
      <p>{t('upstreams.rehearse-line')}</p>
      <Action
        label={t('upstreams.rehearse')}
        run={() =>
          get<{ readonly rehearsal: Rehearsal }>(`${placeOf(name)}/rehearsal`, { patienceMs: 60_000 })
        }
        onDone={(done) => setRehearsal(done.rehearsal)}
      />
      <div role="status">{rehearsal && <Found rehearsal={rehearsal} />}</div>
    </section>
  )
}

function Found({ rehearsal }: { readonly rehearsal: Rehearsal }) {
  const { mails, refused, otherSenders, losses, pace } = rehearsal
  if (mails === 0) return <p>{t('upstreams.rehearse-none')}</p>
  const lines = [
    ...otherSenders.map(({ from, sender, mails: count }) =>
      t('upstreams.rehearse-sender', { count, from, sender }),
    ),
    ...losses.map(({ flag, mails: count }) => t('upstreams.rehearse-loss', { count, what: flag })),
    ...(pace.waited > 0
      ? [t('upstreams.rehearse-waited', { count: pace.waited, span: formatSpan(pace.longestWaitMs) })]
      : []),
  ]
  return (
    <>
      <p>{t('upstreams.rehearsed', { count: mails })}</p>
      {refused.length === 0 && <StateWord mood="good">{t('upstreams.rehearse-all')}</StateWord>}
      <ul>
        {refused.map(({ why, mails: count, devices }) => (
          <li key={why}>
            <StateWord mood="bad">{t('upstreams.rehearse-refused', { count, why })}</StateWord>{' '}
            <bdi>{devices.join(', ')}</bdi>
          </li>
        ))}
        {lines.map((line) => (
          <li key={line}>
            <bdi>{line}</bdi>
          </li>
        ))}
      </ul>
    </>
  )
}
