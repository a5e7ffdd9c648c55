import type { MailStory, StoryStep } from '../../src/core/queue-operations.ts'
import { Copy } from '../parts/copy.tsx'
import { to } from '../router.ts'
import { formatSpan, formatTime } from '../words/formats.ts'
import { t } from '../words/language.ts'

/** Everything that happened to a mail, the oldest first. */
export function Story({ story: { steps, recipients } }: { readonly story: MailStory }) {
  const isOne = recipients.length === 1
  return (
    <section>
      <h2>{t('message.way')}</h2>
      <ol class="story">
        {steps.map((step, index) => (
          <li key={`${index}`}>
            <bdi class="faint">{formatTime(step.at)}</bdi>
            <br />
            <Step step={step} isOne={isOne} />
          </li>
        ))}
      </ol>
    </section>
  )
}

function Step({ step, isOne }: { readonly step: StoryStep; readonly isOne: boolean }) {
  switch (step.kind) {
    case 'accepted':
      return step.session === undefined ? (
        t('story.accepted')
      ) : (
        <a href={to('live', step.session)}>{t('story.accepted')}</a>
      )
    case 'handed-over':
      return <HandedOver step={step} isOne={isOne} />
    case 'attempt':
      return <Attempt step={step} isOne={isOne} />
    case 'report':
      return (
        <>
          <strong>
            <bdi>{t('story.report', { status: step.status })}</bdi>
          </strong>{' '}
          <bdi>{step.detail}</bdi>
        </>
      )
  }
}

interface StepProps<Kind extends StoryStep['kind']> {
  readonly step: Extract<StoryStep, { readonly kind: Kind }>
  readonly isOne: boolean
}

function HandedOver({ step: { upstream, operationId, recipients }, isOne }: StepProps<'handed-over'>) {
  return (
    <>
      <strong>
        <bdi>{t('story.handed-over', { upstream })}</bdi>
      </strong>{' '}
      {!isOne && <Numbers recipients={recipients} />}
      <br />
      <span class="faint">{t('story.operation')}: </span>
      <bdi class="mono">{operationId}</bdi> <Copy text={operationId} />
    </>
  )
}

function Attempt({ step, isOne }: StepProps<'attempt'>) {
  const { number, upstream, outcome, detail, tookMs, dialogue, recipients } = step
  return (
    <>
      <strong>
        <bdi>{t('story.attempt', { number, upstream, outcome })}</bdi>
      </strong>{' '}
      <span class="faint">{t('story.took', { span: formatSpan(tookMs) })}</span>{' '}
      {!isOne && <Numbers recipients={recipients} />}
      <br />
      <bdi>{detail}</bdi>
      {dialogue !== undefined && (
        <details>
          <summary>{t('story.dialogue')}</summary>
          <pre class="dialogue">{dialogue}</pre>
        </details>
      )}
    </>
  )
}

const Numbers = ({ recipients }: { readonly recipients: readonly number[] }) => (
  <span class="faint">{t('story.recipients', { recipients: recipients.join(', ') })}</span>
)
