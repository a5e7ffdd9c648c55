import type { LiveFile } from '../../src/core/live.ts'
import { isFault } from '../../src/core/verdict.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { RowLink } from '../parts/list.tsx'
import { type Mood, StateWord } from '../parts/state-word.tsx'
import { to } from '../router.ts'
import { formatSize } from '../words/formats.ts'
import { t } from '../words/language.ts'
import type { Watching } from './live-book.ts'
import { useDeliveryOf } from './live-delivery.ts'
import type { Journey, StepState, StepView } from './live-journey.ts'
import { standsAt, stepsOf } from './live-steps.ts'
import { VerdictBox } from './live-verdict.tsx'
import { formatSeconds, stepWords } from './live-words.ts'

export function JourneyRow({ journey }: { readonly journey: Journey }) {
  const view = standsAt(journey)
  const { device, address, lastAt, session } = journey
  return (
    <RowLink href={to('live', session)} aside={<bdi>{formatSeconds(lastAt)}</bdi>}>
      <span>
        <bdi>{device ?? t('live.unknown')}</bdi> <bdi class="faint">{address}</bdi>
      </span>
      <br />
      {view && <StateWord mood={moodOf(view, journey)}>{rowWords(view, journey)}</StateWord>}
    </RowLink>
  )
}

function rowWords(view: StepView, { verdict, isOver, mail }: Journey): string {
  const step = t(`live.step.${view.step}`)
  if (verdict && (isFault(verdict) ? view.state === 'failed' : isOver && mail === undefined))
    return t(`state.${verdict.code}`)
  return view.state === 'done' ? step : `${step}: ${t(`live.state.${view.state}`)}`
}

const moods: Readonly<Record<StepState, Mood>> = {
  done: 'good',
  skipped: 'idle',
  failed: 'bad',
  waiting: 'busy',
  open: 'unknown',
}

/** Good is what came through; what ended on the way without a mail is neither good nor bad. */
function moodOf({ state, step }: StepView, { isOver }: Journey): Mood {
  if (state === 'done' && step !== 'sent' && step !== 'received') return isOver ? 'idle' : 'busy'
  return moods[state]
}

interface JourneyProps {
  readonly journey: Journey
  readonly watching: Watching
}

/** The six steps, and what is to be done about the red one. */
export function JourneyView({ journey, watching }: JourneyProps) {
  useDeliveryOf(journey, watching)
  const { mail, mails, verdict, session } = journey
  return (
    <section class="card journey" aria-label={t('live.steps')}>
      <ol class="steps">
        {stepsOf(journey).map((view) => (
          <Step key={view.step} view={view} journey={journey} />
        ))}
      </ol>
      {mail?.files && <TestMail octets={mail.octets} files={mail.files} />}
      {mails > 1 && <p>{t('live.mails', { count: mails })}</p>}
      {mail && (
        <a class="button" href={to('queue', mail.message)}>
          <Icon name="mails" />
          {t('live.mail', { id: mail.message })}
        </a>
      )}
      <VerdictBox key={session} journey={journey} verdict={verdict} />
    </section>
  )
}

const icons: Readonly<Record<StepState, IconName>> = {
  done: 'circle-check',
  skipped: 'minus',
  failed: 'circle-alert',
  waiting: 'clock',
  open: 'circle',
}

function Step({ view, journey }: { readonly view: StepView; readonly journey: Journey }) {
  const { step, state, at } = view
  return (
    <li class={`step ${state}`} aria-current={state === 'failed' ? 'step' : undefined}>
      <Icon name={icons[state]} />
      <span class="step-name">{t(`live.step.${step}`)}</span>
      <span class="unseen">{t(`live.state.${state}`)}</span>
      <bdi class="step-time">{at === undefined ? '' : formatSeconds(at)}</bdi>
      <bdi class="step-detail">{stepWords(view, journey)}</bdi>
    </li>
  )
}

interface TestMailProps {
  readonly octets: number | undefined
  readonly files: readonly LiveFile[]
}

/** The answer to a test: what came of the paper on the glass. */
function TestMail({ octets, files }: TestMailProps) {
  return (
    <div class="good-box">
      <h2>{t('live.test.title')}</h2>
      <dl class="pairs">
        <dt>{t('live.test.size')}</dt>
        <dd>
          <bdi>{formatSize(octets ?? 0)}</bdi>
        </dd>
        <dt>{t('live.test.files')}</dt>
        <dd>
          {files.length === 0 && t('live.test.none')}
          {files.map((file, index) => (
            <File key={`${index} ${file.name}`} file={file} />
          ))}
        </dd>
      </dl>
    </div>
  )
}

function File({ file: { name, type, octets, pages } }: { readonly file: LiveFile }) {
  return (
    <div>
      <bdi>{name === '' ? t('live.test.no-name') : name}</bdi> · <bdi>{type}</bdi> ·{' '}
      <bdi>{formatSize(octets)}</bdi>
      {pages !== undefined && ` · ${t('live.test.pages', { count: pages })}`}
    </div>
  )
}
