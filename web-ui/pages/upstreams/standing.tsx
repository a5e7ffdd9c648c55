import type { UpstreamView } from '../../../src/core/operations.ts'
import { ask } from '../../box.ts'
import { Action } from '../../parts/action.tsx'
import { tellWithUndo, undoBy } from '../../parts/notice.tsx'
import { StateWord } from '../../parts/state-word.tsx'
import { Told } from '../../parts/told.tsx'
import { isAtLeast } from '../../role.ts'
import { formatSpan } from '../../words/formats.ts'
import { t } from '../../words/language.ts'
import { moodOfUpstream } from '../more/moods.ts'
import { kindWord, stateWord } from './upstream-words.ts'
import { placeOf } from './way-out.ts'

const undoMs = 15_000

interface StandingProps {
  readonly view: UpstreamView
  readonly onChanged: () => void
}

/** How it is now, why, and what helps; paused and resumed by a tap. */
export function Standing({ view, onChanged }: StandingProps) {
  const { kind, state, reason, remedy, waiting, nextTryInMs } = view
  return (
    <section class="card">
      <StateWord mood={moodOfUpstream(state)}>{stateWord(state)}</StateWord>
      <p class="hint">{kindWord(kind)}</p>
      {reason !== '' && <Told mood={state === 'paused' ? 'bad' : 'warn'} sentence={reason} remedy={remedy} />}
      {nextTryInMs !== undefined && <p>{t('upstreams.next-try', { span: formatSpan(nextTryInMs) })}</p>}
      {waiting > 0 && <p>{t('upstreams.waiting', { count: waiting })}</p>}
      {isAtLeast('administrator') && state !== 'retired' && (
        <PauseOrResume view={view} onChanged={onChanged} />
      )}
    </section>
  )
}

function PauseOrResume({ view: { name, state }, onChanged }: StandingProps) {
  const [word, back] = state === 'paused' ? (['resume', 'pause'] as const) : (['pause', 'resume'] as const)
  const path = (action: string) => `${placeOf(name)}/${action}`
  const done = () => {
    onChanged()
    tellWithUndo(
      t(word === 'pause' ? 'upstreams.paused' : 'upstreams.resumed', { name }),
      undoMs,
      async () => {
        const undone = await undoBy('POST', path(back))()
        onChanged()
        return undone
      },
    )
  }
  return (
    <Action
      label={t(`upstreams.${word}`)}
      icon={word === 'pause' ? 'pause' : 'play'}
      run={() => ask('POST', path(word))}
      onDone={done}
    />
  )
}
