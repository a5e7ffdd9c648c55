import type { MailStory } from '../../src/core/queue-operations.ts'
import type { MessageView } from '../../src/core/spool.ts'
import { Answered } from '../parts/answered.tsx'
import { Icon } from '../parts/icon.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StateWord } from '../parts/state-word.tsx'
import { type Known, useAnswer } from '../parts/use-answer.ts'
import { isAtLeast } from '../role.ts'
import { to } from '../router.ts'
import { formatSize, formatTime } from '../words/formats.ts'
import { t } from '../words/language.ts'
import { MessageActions } from './message-actions.tsx'
import { Story } from './message-story.tsx'
import { TickRow } from './message-ticks.tsx'
import { moodOfState, waitWords } from './queue-words.ts'

/** One mail: how far it is, why it waits, its whole way; never what is written in it. */
export function Message({ id }: { readonly id: string }) {
  const path = `/messages/${encodeURIComponent(id)}`
  const view = useAnswer<MessageView>(path, ['queue'])
  const story = useAnswer<MailStory>(`${path}/story`, ['queue'])
  return (
    <>
      <PageHead title={t('message.title', { id })} from={{ place: ['queue'], name: t('message.to-queue') }} />
      <Answered known={story}>
        {(value) => (
          <>
            <MessageActions id={id} story={value} onDone={story.reload} />
            <Recipients story={value} />
          </>
        )}
      </Answered>
      <Answered known={view}>{(value) => <Facts view={value} />}</Answered>
      <Answered known={story}>{(value) => <Story story={value} />}</Answered>
      <Raw view={view} path={path} />
    </>
  )
}

function Recipients({ story: { recipients } }: { readonly story: MailStory }) {
  return (
    <section>
      <h2>{t('message.recipients')}</h2>
      <ul class="rows">
        {recipients.map(({ recipient, address, state, ticks, wait, reply }) => (
          <li key={recipient} class="recipient">
            <bdi class="row-name">{address}</bdi>{' '}
            <StateWord mood={moodOfState(state)}>
              {t(ticks.delivered === 'yes' ? 'delivery.delivered' : `delivery.${state}`)}
            </StateWord>
            <TickRow ticks={ticks} />
            {wait && (
              <p>
                <bdi>{waitWords(wait)}</bdi>{' '}
                {wait.attempts > 0 && (
                  <span class="faint">{t('wait.attempts', { count: wait.attempts })}</span>
                )}
              </p>
            )}
            {reply !== '' && (
              <p class="faint">
                {t('message.said')}: <bdi>{reply}</bdi>
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Facts({ view }: { readonly view: MessageView }) {
  const { device, from, reversePath, subject, size, acceptedWall, clockBelievable, session } = view
  return (
    <dl class="pairs card">
      <dt>{t('message.device')}</dt>
      <dd>
        {device === undefined ? (
          t('queue.own')
        ) : (
          <a href={to('devices', device)}>
            <bdi>{device}</bdi>
          </a>
        )}
      </dd>
      <dt>{t('message.from')}</dt>
      <dd>
        <bdi>{from ?? reversePath}</bdi>
      </dd>
      <dt>{t('message.subject')}</dt>
      <dd>
        <bdi>{subject === '' ? t('queue.no-subject') : subject}</bdi>
      </dd>
      <dt>{t('message.size')}</dt>
      <dd>
        <bdi>{formatSize(size)}</bdi>
      </dd>
      <dt>{t('message.came')}</dt>
      <dd>
        <bdi>{formatTime(acceptedWall)}</bdi> {!clockBelievable && `(${t('message.clock')})`}
      </dd>
      {view.files.length > 0 && (
        <>
          <dt>{t('message.files')}</dt>
          <dd>
            {view.files.map((file, index) => (
              <div key={`${index}`}>
                <bdi>{file.name}</bdi> <bdi class="faint">{`${file.type}, ${formatSize(file.size)}`}</bdi>
              </div>
            ))}
          </dd>
        </>
      )}
      {session !== undefined && (
        <>
          <dt>{t('message.session')}</dt>
          <dd>
            <a href={to('live', session)}>
              <bdi>{session}</bdi>
            </a>
          </dd>
        </>
      )}
      <dt>{t('message.message-id')}</dt>
      <dd>
        <bdi class="mono">{view.headerMessageId}</bdi>
      </dd>
    </dl>
  )
}

interface RawProps {
  readonly view: Known<MessageView>
  readonly path: string
}

function Raw({ view, path }: RawProps) {
  if (view.value === undefined) return null
  if (!isAtLeast('administrator')) return <p class="hint">{t('message.no-body')}</p>
  if (!view.value.hasBody) return <p class="hint">{t('message.gone')}</p>
  return (
    <>
      <a class="button" href={`/api/v1${path}/content`} download={`${view.value.id}.eml`}>
        <Icon name="download" />
        {t('message.raw')}
      </a>
      <p class="hint">{t('message.raw-hint')}</p>
    </>
  )
}
