import { useEffect, useState } from 'preact/hooks'
import type { MessageView } from '../../src/core/spool.ts'
import { ask } from '../box.ts'
import { Answered } from '../parts/answered.tsx'
import { Busy } from '../parts/busy.tsx'
import { Choice } from '../parts/check.tsx'
import { Field, Form } from '../parts/form.tsx'
import { Said } from '../parts/said.tsx'
import { type Mood, StateWord } from '../parts/state-word.tsx'
import { useAnswer } from '../parts/use-answer.ts'
import { useSubmit } from '../parts/use-submit.ts'
import { to } from '../router.ts'
import type { Key } from '../words/en.ts'
import { t } from '../words/language.ts'

interface TestMailProps {
  /** By which it may go; one at least. */
  readonly waysOut: readonly string[]
  /** Where a way out is changed that does not take it; undefined: here. */
  readonly changedAt?: (wayOut: string) => string
  readonly onSent?: () => void
}

interface Sent {
  readonly message: string
  readonly by: string
}

/** A real mail by one way out alone, and what its service said. */
export function TestMail({ waysOut, changedAt, onSent }: TestMailProps) {
  const [chosen, setChosen] = useState('')
  const [recipient, setRecipient] = useState('')
  const [sent, setSent] = useState<Sent | undefined>(undefined)
  const by = waysOut.find((name) => name === chosen) ?? waysOut[0] ?? ''
  const { isBusy, trouble, submit } = useSubmit(
    () => {
      setSent(undefined)
      return ask<{ readonly message: string }>('POST', `/upstreams/${encodeURIComponent(by)}/test-messages`, {
        body: { to: recipient.trim() },
      })
    },
    ({ message }) => {
      setSent({ message, by })
      onSent?.()
    },
  )
  return (
    <>
      <p>{t('wizard.test-explain', { name: by })}</p>
      <Form
        label={t('wizard.test')}
        submit={t('wizard.test-go')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        {waysOut.length > 1 && (
          <Choice
            label={t('wizard.test-by')}
            value={by}
            choices={waysOut.map((name) => [name, name])}
            onChange={setChosen}
          />
        )}
        <Field
          label={t('wizard.test-to')}
          value={recipient}
          onInput={setRecipient}
          inputMode="email"
          autocomplete="email"
          required
        />
      </Form>
      {sent !== undefined && <Answer key={sent.message} id={sent.message} changedAt={changedAt?.(sent.by)} />}
    </>
  )
}

const askMs = 1500

interface AnswerProps {
  readonly id: string
  readonly changedAt: string | undefined
}

/** How it goes on, until its service has answered. */
function Answer({ id, changedAt }: AnswerProps) {
  const known = useAnswer<MessageView>(`/messages/${encodeURIComponent(id)}`, ['queue'])
  const isOver = known.value !== undefined && verdictOf(known.value).mood !== 'busy'
  useEffect(() => {
    if (isOver) return
    const timer = setInterval(known.reload, askMs)
    return () => clearInterval(timer)
  }, [isOver])
  return (
    <div class="outcome" aria-live="polite">
      <Answered known={known}>{(message) => <Outcome message={message} changedAt={changedAt} />}</Answered>
    </div>
  )
}

interface OutcomeVerdict {
  readonly mood: Mood
  readonly says: Key
  /** Of the service. */
  readonly said: string
}

function verdictOf({ recipients, attempts }: MessageView): OutcomeVerdict {
  const [recipient] = recipients
  const last = attempts.at(-1)
  const said = recipient?.said ?? recipient?.reason ?? last?.detail ?? ''
  switch (recipient?.state) {
    case 'confirmed':
      return { mood: 'good', says: 'wizard.test-confirmed', said }
    case 'accepted':
      return { mood: 'good', says: 'wizard.test-accepted', said: said || (last?.detail ?? '') }
    case 'bounced':
    case 'expired':
    case 'dropped':
      return { mood: 'bad', says: 'wizard.test-failed', said }
    case 'deferred':
    case 'held':
      return { mood: 'warn', says: 'wizard.test-waiting', said }
    default:
      return last === undefined
        ? { mood: 'busy', says: 'wizard.test-sending', said: '' }
        : { mood: 'warn', says: 'wizard.test-waiting', said: said || last.detail }
  }
}

interface OutcomeProps {
  readonly message: MessageView
  readonly changedAt: string | undefined
}

function Outcome({ message, changedAt }: OutcomeProps) {
  const { mood, says, said } = verdictOf(message)
  if (mood === 'busy') return <Busy what={t(says)} reason={t('wizard.test-sending-reason')} />
  return (
    <>
      <p>
        <StateWord mood={mood}>{t(says)}</StateWord>
      </p>
      {said !== '' && (
        <p>
          {t('wizard.test-said')}: <Said text={said} />
        </p>
      )}
      {mood === 'good' && <p>{t('wizard.test-look')}</p>}
      {mood !== 'good' && changedAt !== undefined && (
        <a class="line" href={changedAt}>
          {t('wizard.test-change')}
        </a>
      )}
      <a class="line" href={to('queue', message.id)}>
        {t('wizard.test-message')}
      </a>
    </>
  )
}
