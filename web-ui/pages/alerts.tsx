import { useState } from 'preact/hooks'
import type { PastAlert, RaisedAlert } from '../../src/core/alerts.ts'
import type { AlertsView, ChannelTest } from '../../src/core/operations.ts'
import { ask } from '../box.ts'
import { Action } from '../parts/action.tsx'
import { Answered } from '../parts/answered.tsx'
import { List } from '../parts/list.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { Told } from '../parts/told.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { When } from '../parts/when.tsx'
import { isAtLeast } from '../role.ts'
import { formatTime } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { moodOfAlert } from './more/moods.ts'

export function Alerts() {
  const known = useAnswer<AlertsView>('/alerts', ['alerts'])
  return (
    <>
      <PageHead title={t('more.alerts')} />
      <Answered known={known}>
        {({ active, past }) => (
          <>
            <h2>{t('alerts.active')}</h2>
            <List items={active} keyOf={({ key }) => key} empty={t('alerts.none')}>
              {(alert) => <Active alert={alert} />}
            </List>
            {isAtLeast('technician') && <TestAlert />}
            <h2>{t('alerts.past')}</h2>
            <List items={past} keyOf={({ key, since }) => `${key} ${since}`} empty={t('alerts.past-none')}>
              {(alert) => <Past alert={alert} />}
            </List>
          </>
        )}
      </Answered>
    </>
  )
}

function Active({ alert: { severity, sentence, remedy, since } }: { readonly alert: RaisedAlert }) {
  return (
    <>
      <Told mood={moodOfAlert[severity]} sentence={sentence} remedy={remedy} />
      <p class="hint">
        <When at={since} />
      </p>
    </>
  )
}

function Past({ alert: { sentence, since, until } }: { readonly alert: PastAlert }) {
  return (
    <div class="ending">
      <p>
        <bdi>{sentence}</bdi>
      </p>
      <p class="hint">
        <bdi>{t('alerts.from-to', { from: formatTime(since), until: formatTime(until) })}</bdi>
      </p>
    </div>
  )
}

const moods = { told: 'good', failed: 'bad', off: 'idle' } as const

function TestAlert() {
  const [answers, setAnswers] = useState<readonly ChannelTest[]>([])
  return (
    <section class="card">
      <p>{t('alerts.test-line')}</p>
      <Action
        label={t('alerts.test')}
        icon="send"
        run={() =>
          ask<{ readonly answers: readonly ChannelTest[] }>('POST', '/alerts/test', { patienceMs: 60_000 })
        }
        onDone={(done) => setAnswers(done.answers)}
      />
      <div role="status">
        {answers.map(({ channel, answer }) => (
          <p key={channel}>
            <strong>{t(`alerts.${channel}`)}</strong>{' '}
            <StateWord mood={moods[answer.kind]}>{t(`alerts.${answer.kind}`)}</StateWord>{' '}
            <bdi>{answer.detail}</bdi>
          </p>
        ))}
      </div>
    </section>
  )
}
