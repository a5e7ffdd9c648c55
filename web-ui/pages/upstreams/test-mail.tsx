import { useEffect, useState } from 'preact/hooks'
import type { MessageView } from '../../../src/core/spool.ts'
import { ask, get } from '../../box.ts'
import { Busy } from '../../parts/busy.tsx'
import { Field, Form } from '../../parts/form.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { Told } from '../../parts/told.tsx'
import { useSubmit } from '../../parts/use-submit.ts'
import { to } from '../../router.ts'
import { t } from '../../words/language.ts'
import { placeOf } from './way-out.ts'

/** A real mail by this way out alone, and what the service answered. */
export function TestMail({ name }: { readonly name: string }) {
  const [address, setAddress] = useState('')
  const [message, setMessage] = useState('')
  const { isBusy, trouble, submit } = useSubmit(
    () =>
      ask<{ readonly message: string }>('POST', `${placeOf(name)}/test-messages`, {
        body: { to: address.trim() },
      }),
    (sent) => setMessage(sent.message),
  )
  return (
    <section class="card">
      <h2>{t('upstreams.test')}</h2>
      <p>{t('upstreams.test-line')}</p>
      <Form
        label={t('upstreams.test')}
        submit={t('upstreams.test-send')}
        isBusy={isBusy}
        trouble={trouble}
        onSubmit={submit}
      >
        <Field
          label={t('upstreams.test-to')}
          value={address}
          onInput={setAddress}
          inputMode="email"
          autocomplete="email"
          required
        />
      </Form>
      {message !== '' && <Outcome key={message} message={message} />}
    </section>
  )
}

const askEveryMs = 1000

/** Asks until the mail is through, or has to wait. */
function Outcome({ message }: { readonly message: string }) {
  const [view, setView] = useState<MessageView | undefined>(undefined)
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    const leaving = new AbortController()
    const look = async () => {
      const answer = await get<MessageView>(`/messages/${message}`, { signal: leaving.signal })
      if (leaving.signal.aborted) return
      setTrouble(answer.kind === 'failed' ? answer.sentence : '')
      if (answer.kind === 'done') setView(answer.value)
      if (answer.kind === 'failed' || !isSettled(answer.value)) timer = setTimeout(look, askEveryMs)
    }
    let timer = setTimeout(look, 0)
    return () => {
      leaving.abort()
      clearTimeout(timer)
    }
  }, [message])
  return (
    <div role="status">
      {trouble !== '' && <p>{trouble}</p>}
      {view === undefined || !isSettled(view) ? (
        <Busy what={t('upstreams.test-waits')} />
      ) : (
        <Settled view={view} />
      )}
      <p>
        <a href={to('queue', message)}>{t('upstreams.test-message')}</a>
      </p>
    </div>
  )
}

const isSettled = ({ recipients, attempts }: MessageView): boolean =>
  recipients.every(({ state }) => !['queued', 'sending'].includes(state)) || attempts.length > 3

function Settled({ view: { recipients } }: { readonly view: MessageView }) {
  const [recipient] = recipients
  if (recipient === undefined) return null
  const { state, reason, said } = recipient
  const isTaken = state === 'accepted' || state === 'confirmed'
  const word = isTaken ? 'taken' : state === 'bounced' || state === 'expired' ? 'failed' : 'deferred'
  const mood = ({ taken: 'good', failed: 'bad', deferred: 'warn' } as const)[word]
  return (
    <>
      <p>
        <StateWord mood={mood}>{t(`upstreams.test-${word}`)}</StateWord>
      </p>
      {!isTaken && reason !== '' && <Told mood={mood} sentence={reason} />}
      {said !== undefined && said !== '' && <Told mood={mood} sentence={said} />}
    </>
  )
}
