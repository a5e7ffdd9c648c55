import { useEffect } from 'preact/hooks'
import type { MessageView } from '../../../src/core/spool.ts'
import { Answered } from '../../parts/answered.tsx'
import { Busy } from '../../parts/busy.tsx'
import { Said } from '../../parts/said.tsx'
import { type Mood, StateWord } from '../../parts/state-word.tsx'
import { useAnswer } from '../../parts/use-answer.ts'
import { to } from '../../router.ts'
import type { Key } from '../../words/en.ts'
import { t } from '../../words/language.ts'

const askMs = 1500

/** How a test mail goes on, until its service has answered. */
export function TestMail({ id, upstream }: { readonly id: string; readonly upstream: string }) {
  const known = useAnswer<MessageView>(`/messages/${encodeURIComponent(id)}`, ['queue'])
  const isOver = known.value !== undefined && verdictOf(known.value).mood !== 'busy'
  useEffect(() => {
    if (isOver) return
    const timer = setInterval(known.reload, askMs)
    return () => clearInterval(timer)
  }, [isOver])
  return (
    <div class="outcome" aria-live="polite">
      <Answered known={known}>{(message) => <Outcome message={message} upstream={upstream} />}</Answered>
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

function Outcome({ message, upstream }: { readonly message: MessageView; readonly upstream: string }) {
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
      {mood === 'good' ? (
        <p>{t('wizard.test-look')}</p>
      ) : (
        <a class="line" href={to('upstreams', upstream)}>
          {t('wizard.test-change')}
        </a>
      )}
      <a class="line" href={to('queue', message.id)}>
        {t('wizard.test-message')}
      </a>
    </>
  )
}
